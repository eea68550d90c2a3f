"""Simulations of scenes: what Amaranth's simulator shows at the ports of a unit."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from amaranth import Cat
from amaranth.sim import Simulator

from macsmith.bundle.diagrams.scene import Scene
from macsmith.bundle.diagrams.wave_table import Waves
from macsmith.bundle.shipped_design import Design, Stream
from macsmith.catalog.catalog import build
from macsmith.rtl.shared_module import flat_ports

WAITS = 2
"""Cycles for which the receiver lets the first result wait."""

AFTER = 2
"""Cycles shown after the last result."""

MOST = 6000
"""Cycles after which a simulation is cut off."""

HOST = "s_axil"
"""What the ports begin with by which a host reaches registers, which are AXI4-Lite."""

_CHANNELS = tuple(
    f"{channel}{line}" for channel in ("aw", "w", "b", "ar", "r") for line in ("valid", "ready")
)
"""Lines of the handshakes of addresses, words and answers."""

_BESIDE = {
    "awaddr": "awvalid", "wdata": "wvalid", "wstrb": "wvalid", "bresp": "bvalid",
    "araddr": "arvalid", "rdata": "rvalid", "rresp": "rvalid",
}  # fmt: skip
"""What goes with them, and the line that says that it is there."""

_ANSWERS = ("OKAY", "EXOKAY", "SLVERR", "DECERR")

Row = dict[str, str]
Ports = Mapping[str, Any]


def diagrams(design: Design) -> list[tuple[Scene, Waves]]:
    """Return what a unit's timing diagrams show, each with its waves; none of a part of a unit."""
    scenes: Sequence[Scene] = design.scenes(design.name, design.spec) if design.scenes else ()
    return [(scene, recorded(design, scene)) for scene in scenes]


def recorded(design: Design, scene: Scene) -> Waves:
    """Return the waves of a scene; the receiver lets the first result wait."""
    alike = replace(design, spec=scene.spec)
    component = build(design.name, scene.spec, design.boundary)
    ports = {name: port for name, (_, port) in flat_ports(component).items()}
    senders = [_Sender(alike, one, scene.sent.get(one.name), ports) for one in alike.inputs]
    receivers = [_Receiver(one, scene.results, ports) for one in alike.outputs]
    host = _Host(scene, ports)
    ends: list[_Host | _Sender | _Receiver] = [host, *senders, *receivers]
    rows: list[Row] = []

    async def play(context: Any) -> None:
        after = 0
        while after < AFTER and len(rows) < MOST:
            after += not any(end.missing for end in ends)
            for end in ends:
                end.drive(context, active=not host.missing)
            rows.append({name: text for end in ends for name, text in end.seen(context).items()})
            await context.tick()

    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    simulator.add_testbench(play)
    simulator.run()
    return Waves({name: [row[name] for row in rows] for name in rows[0]})


class _Sender:
    """Offers the beats of a stream as soon as it can."""

    def __init__(
        self, design: Design, stream: Stream, payloads: Sequence[int] | None, ports: Ports
    ) -> None:
        self.shown = payloads is not None
        on_wires = design.cut.ports.on_wires
        self.words = [on_wires(stream.layout, one, inward=True) for one in payloads or ()]
        self.names = [stream.lines.payload[0][0], stream.lines.valid, stream.lines.ready]
        self.wires = Cat(ports[port] for port, _ in stream.lines.payload)
        self.valid, self.ready = ports[stream.lines.valid], ports[stream.lines.ready]
        self.sent, self.offers = 0, False

    @property
    def missing(self) -> bool:
        """Whether beats are left."""
        return self.sent < len(self.words)

    def drive(self, context: Any, *, active: bool) -> None:
        """Offer a beat."""
        self.offers = active and self.missing
        context.set(self.valid, self.offers)
        if self.offers:
            context.set(self.wires, self.words[self.sent])

    def seen(self, context: Any) -> Row:
        """Return the lines, and go on if a beat was taken."""
        ready = int(context.get(self.ready))
        texts = (f"beat {self.sent}" if self.offers else "", str(int(self.offers)), str(ready))
        self.sent += self.offers and ready
        return dict(zip(self.names, texts, strict=True)) if self.shown else {}


class _Receiver:
    """Takes results, the first of them after some cycles."""

    def __init__(self, stream: Stream, results: int, ports: Ports) -> None:
        self.results = results
        self.names = [stream.lines.payload[0][0], stream.lines.valid, stream.lines.ready]
        self.valid, self.ready = ports[stream.lines.valid], ports[stream.lines.ready]
        self.taken = self.waited = 0

    @property
    def missing(self) -> bool:
        """Whether results are due."""
        return self.taken < self.results

    def drive(self, context: Any, *, active: bool) -> None:
        """Be ready, or not yet."""
        context.set(self.ready, self.waited >= WAITS)

    def seen(self, context: Any) -> Row:
        """Return the lines, and go on if a result was taken."""
        up, takes = int(context.get(self.valid)), int(self.waited >= WAITS)
        texts = (f"result {self.taken}" if up else "", str(up), str(takes))
        self.taken += up and takes
        self.waited += up
        return dict(zip(self.names, texts, strict=True)) if self.results else {}


class _Host:
    """Writes and reads registers by AXI4-Lite, one access after the other."""

    def __init__(self, scene: Scene, ports: Ports) -> None:
        self.shown, self.accesses = scene.lines, deque(scene.accesses)
        lines = [*_BESIDE, *_CHANNELS] if scene.accesses else []
        self.ports = {line: ports[f"{HOST}_{line}"] for line in lines}
        self.asked = False

    @property
    def missing(self) -> bool:
        """Whether an access has not been answered yet."""
        return bool(self.accesses)

    def drive(self, context: Any, *, active: bool) -> None:
        """Set the lines of an access, or of the wait for its answer."""
        if not self.ports:
            return
        levels = dict.fromkeys(("awvalid", "wvalid", "bready", "arvalid", "rready"), 0)
        if self.accesses:
            access = self.accesses[0]
            for channel in access.channels[self.asked]:
                levels[f"{channel}ready" if self.asked else f"{channel}valid"] = 1
            levels |= {f"{one}addr": access.address for one in ("aw", "ar")}
            levels |= {"wdata": access.value or 0, "wstrb": 15}
        for line, level in levels.items():
            context.set(self.ports[line], level)

    def seen(self, context: Any) -> Row:
        """Return the lines that are shown, and go on if an access was taken or answered."""
        level = {line: int(context.get(port)) for line, port in self.ports.items()}
        row = {f"{HOST}_{line}": self._text(line, level) for line in self.shown}
        if self.accesses:
            channels = self.accesses[0].channels[self.asked]
            if all(level[f"{one}valid"] and level[f"{one}ready"] for one in channels):
                if self.asked:
                    self.accesses.popleft()
                self.asked = not self.asked
        return row

    def _text(self, line: str, level: Mapping[str, int]) -> str:
        if line not in _BESIDE:
            return str(level[line])
        if not level[_BESIDE[line]]:
            return ""
        if line.endswith("addr"):
            return self.accesses[0].register
        return _ANSWERS[level[line]] if line.endswith("resp") else f"{level[line]:x}"
