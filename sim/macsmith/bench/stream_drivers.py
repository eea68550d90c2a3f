"""Drives and watches all streams of a unit in a cocotb simulation, a cycle at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, Timer
from cocotb.types import LogicArray

from macsmith.bench.stream_monitor import StreamMonitor
from macsmith.contract.stream import Layout
from macsmith.rtlsim.unknown_start import IS_UNKNOWN

PERIOD_NS = 10

AFTER = 40
"""Cycles after the last result in which none may follow."""


def known(handle: Any, name: str) -> int:
    """Return the value of a port, every bit of which must be 0 or 1.

    Raises
    ------
    AssertionError
        If a bit is unknown or not driven; the message gives them all.
    """
    value = handle.value
    assert value.is_resolvable, f"{name} is {value}: {IS_UNKNOWN}"
    # A port of one bit has no sign to ask for.
    return int(value.to_unsigned()) if isinstance(value, LogicArray) else int(value)


async def start_clock(dut: Any, driven: Iterable[Any]) -> None:
    """Start the clock of a unit, lines that go into it being 0 a period before its first edge.

    Else registers without a reset would take what is unknown at the ports.
    """
    for line in driven:
        line.value = 0
    await Timer(PERIOD_NS, unit="ns")
    Clock(dut.clk, PERIOD_NS, unit="ns").start()


class Streams:
    """All ends of a unit: what is to be sent, and what has come out.

    Inputs change at the falling edge of the clock and are read, with the outputs, before the
    rising edge that transfers them, so that every simulator sees the same order. While nothing is
    offered the payload is junk, another one in each cycle, of which every second is unknown.

    Parameters
    ----------
    dut, random:
        The unit in its simulator, and where pauses and junk come from.
    spec:
        The unit.

    Members
    -------
    inputs, outputs:
        Layouts of the streams at the first point.
    pending:
        Of each input the payloads yet to be sent.
    results:
        Of each output the payloads in order.
    monitors:
        Of each output what is checked in every cycle.
    cycles:
        Clock cycles since the last reset.
    """

    def __init__(self, dut: Any, random: Random, spec: Any) -> None:
        self.dut, self.random = dut, random
        point = spec.points[0]
        self.inputs: Mapping[str, Layout] = spec.inputs(point)
        self.outputs: Mapping[str, Layout] = spec.outputs(point)
        self.pending: dict[str, deque[int]] = {name: deque() for name in self.inputs}
        self.results: dict[str, list[int]] = {name: [] for name in self.outputs}
        self.monitors = {name: StreamMonitor(name) for name in self.results}
        self.cycles = 0
        self._begun = False
        self._offered = dict.fromkeys(self.pending, False)
        self._bits = {name: layout.width for name, layout in self.inputs.items()}

    def _line(self, stream: str, line: str) -> Any:
        return getattr(self.dut, f"{stream}__{line}")

    async def start(self) -> None:
        """Start the clock, with all inputs known at its first edge, and reset the unit."""
        await start_clock(self.dut, self.driven())
        await self.reset()

    def driven(self) -> Iterator[Any]:
        """Yield the lines that go into the unit, all but its clock."""
        yield self.dut.rst
        for name in self.pending:
            yield from (self._line(name, line) for line in ("valid", "payload"))
        for name in self.results:
            yield self._line(name, "ready")

    async def reset(self, cycles: int = 1) -> None:
        """Hold ``rst`` for some cycles; whatever was offered or in flight is forgotten."""
        await FallingEdge(self.dut.clk)
        self.dut.rst.value = 1
        for name in self.pending:
            self._line(name, "valid").value = 0
            self._line(name, "payload").value = self.random.getrandbits(self._bits[name])
        for name in self.results:
            self._line(name, "ready").value = 0
        for _ in range(cycles):
            await FallingEdge(self.dut.clk)
        self.forget()

    def forget(self) -> None:
        """Drop what was to be sent and what has come out; the first cycle begins here.

        So none passes without inputs.
        """
        self._begun = True
        for waiting in self.pending.values():
            waiting.clear()
        for name, found in self.results.items():
            found.clear()
            self.monitors[name].reset()
        self.cycles = 0
        self._offered = dict.fromkeys(self.pending, False)

    async def run(
        self,
        results: Mapping[str, int],
        deadline: int,
        send_stall: float = 0.0,
        take: Callable[[bool], bool] = lambda valid: True,
    ) -> None:
        """Clock the unit until all is sent and so many payloads of each output have come out.

        Parameters
        ----------
        deadline:
            Cycles after which the run fails.
        send_stall:
            Share of cycles in which a sender pauses, a beat once offered excepted.
        take:
            Decides in each cycle whether a receiver is ready, told whether its stream was valid
            in the cycle before.

        Raises
        ------
        AssertionError
            If the deadline passes, or an output breaks a rule.
        """
        valid = dict.fromkeys(self.results, False)
        limit = self.cycles + deadline

        def missing() -> bool:
            return any(len(self.results[name]) < count for name, count in results.items())

        while any(self.pending.values()) or missing():
            assert self.cycles < limit, (
                f"no end after {deadline} cycles: "
                f"{sum(map(len, self.pending.values()))} beats to send, "
                f"{sum(map(len, self.results.values()))} of {sum(results.values())} results"
            )
            valid = await self.cycle(send_stall, {name: take(up) for name, up in valid.items()})

    async def rest(self) -> None:
        """Clock the unit with all receivers ready: nothing more may come out."""
        for _ in range(AFTER):
            valid = await self.cycle(0.0, dict.fromkeys(self.results, True))
            assert not any(valid.values()), f"there are more results: {valid}"

    async def cycle(self, send_stall: float, ready: Mapping[str, bool]) -> dict[str, bool]:
        """Clock the unit once and return which outputs were valid."""
        if not self._begun:
            await FallingEdge(self.dut.clk)
        self._begun = False
        self.dut.rst.value = 0
        for name, waiting in self.pending.items():
            stays = self._offered[name] or self.random.random() >= send_stall
            self._offered[name] = offered = bool(waiting) and stays
            self._line(name, "valid").value = int(offered)
            junk: int | LogicArray = self.random.getrandbits(self._bits[name])
            # Verilator takes unknown bits for zeros.
            if self.cycles % 2:
                junk = LogicArray("X" * self._bits[name])
            self._line(name, "payload").value = waiting[0] if offered else junk
        for name, up in ready.items():
            self._line(name, "ready").value = int(up)
        await ReadOnly()
        self.cycles += 1
        valid = {}
        for name, found in self.results.items():
            valid[name] = bool(known(self._line(name, "valid"), f"{name}.valid"))
            payload = known(self._line(name, "payload"), f"{name}.payload") if valid[name] else None
            self.monitors[name].see(payload, ready[name])
            if payload is not None and ready[name]:
                found.append(payload)
        for name, waiting in self.pending.items():
            # A unit may look at what it is not offered before it is ready.
            looks = self._offered[name] or self.cycles % 2
            if looks and known(self._line(name, "ready"), f"{name}.ready") and self._offered[name]:
                waiting.popleft()
                self._offered[name] = False
        return valid
