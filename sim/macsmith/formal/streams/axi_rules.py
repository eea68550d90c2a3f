"""Rules of AXI4-Stream and AXI4-Lite, from the standards (Arm IHI 0051, IHI 0022).

AXI4-Stream: an offer is held, unchanged, until it is taken, and never waits for ready. AXI4-Lite:
the same of each of the five channels; a write has one response, after its address and its data,
and a read one, after its address; no response waits for its ready.
"""

from amaranth import Cat, Signal, Value

from macsmith.formal.streams.stream_rules import StreamRules

LITE = ("aw", "w", "ar", "b", "r")
"""Channels of AXI4-Lite; requests come in."""

MOST_RESPONSE = 4
"""Cycles until a response is valid, and until a request is taken if responses are."""


class AxiRules(StreamRules):
    """Rules of the AXI ports of a unit, which are told by their names.

    ``*_tvalid`` is a stream, ``*_awvalid`` the write address of a slave.
    """

    def channels(self) -> dict[str, bool]:
        ports, inputs = self.watched.ports, self.watched.inputs
        found = {
            name.removesuffix("tvalid"): name in inputs for name in ports if name.endswith("tvalid")
        }
        for name in ports:
            if name.endswith("_awvalid"):
                prefix = name.removesuffix("awvalid")
                found |= {f"{prefix}{one}": f"{prefix}{one}valid" in inputs for one in LITE}
        return found

    def valid(self, name: str) -> Signal:
        return self.watched.ports[self._line(name, "valid")]

    def ready(self, name: str) -> Signal:
        return self.watched.ports[self._line(name, "ready")]

    def payload(self, name: str) -> Value:
        lines = self.offered(name)[1:]
        return Cat(self.watched.ports[line] for line in lines)

    def offered(self, name: str) -> list[str]:
        valid, ready = self._line(name, "valid"), self._line(name, "ready")
        others = [
            port
            for port, signal in self.watched.ports.items()
            if port.startswith(name) and port not in (valid, ready) and len(signal)
            and not any(
                port.startswith(other)
                for other in self.streams
                if len(other) > len(name) and other.startswith(name)
            )
        ]  # fmt: skip
        return [valid, *others]

    def _line(self, name: str, line: str) -> str:
        return f"{name}t{line}" if name.endswith("_") else f"{name}{line}"

    def line(self, name: str) -> Signal:
        """Return a port."""
        return self.watched.ports[name]

    def lite(self) -> list[str]:
        """Return the prefixes of AXI4-Lite slaves."""
        return [name.removesuffix("aw") for name in self.streams if name.endswith("_aw")]

    def responses(self, prefix: str) -> None:
        """Each request of an AXI4-Lite slave has one response, within a bound."""
        m, watched = self.watched.m, self.watched
        for response, requests in ((f"{prefix}b", ("aw", "w")), (f"{prefix}r", ("ar",))):
            names = [f"{prefix}{one}" for one in requests]
            owed = [Signal(2, name=f"{name}_owed") for name in names]
            for name, count in zip(names, owed, strict=True):
                m.d.sync += count.eq(count + self.transfer(name) - self.transfer(response))
            due = Cat(count != 0 for count in owed).all()
            late = self._counter(f"{response}_late", due & ~self.valid(response))
            refused = self._counter(
                f"{response}_refused",
                Cat(self.valid(name) for name in names).all()
                & (~self.valid(response) | self.ready(response))
                & ~Cat(self.transfer(name) for name in names).any(),
            )
            watched.broken(f"{response} none invented", self.valid(response) & ~due)
            watched.broken(f"{response} none lost", late > MOST_RESPONSE)
            watched.broken(f"{response} in flight bounded", Cat(c > 1 for c in owed).any())
            watched.broken(f"{response} requests taken", refused > MOST_RESPONSE)

    def _counter(self, name: str, condition: Value) -> Signal:
        """Return for how many cycles something has been so, up to one above the bound."""
        m, count = self.watched.m, Signal(range(MOST_RESPONSE + 2), name=name)
        with m.If(~condition):
            m.d.sync += count.eq(0)
        with m.Elif(count <= MOST_RESPONSE):
            m.d.sync += count.eq(count + 1)
        return count
