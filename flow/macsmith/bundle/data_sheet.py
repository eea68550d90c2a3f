"""The data sheet of a unit, in Markdown, and a template that instantiates it."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from macsmith.bundle.diagrams.recording import diagrams
from macsmith.bundle.measured_figures import figures_of
from macsmith.bundle.shipped_design import CLOCK, RESET, Design, Stream
from macsmith.bundle.template_files import render
from macsmith.contract.stream import LAST, POINT, Field, Layout

_ROLES = {LAST: "up at the last beat of a packet", POINT: "index of the point"}

_BESIDE = (_ROLES[LAST], "a one for each byte that counts")
"""What the ports beside a payload mean, from the last."""


def data_sheet(design: Design) -> Mapping[str, str]:
    """Return the data sheet and the WaveDrom sources of its diagrams."""
    shown = diagrams(design)
    text = render(
        "datasheet.md.jinja",
        design=design, version=version("macsmith"), clock=CLOCK, reset=RESET,
        meanings=meanings(design), streams=list(_payloads(design)),
        notes=design.cut.notes(design.spec), diagrams=shown, waves_file=waves_file,
        figures=figures_of(design.records),
        rows=[_row(design, point) for point in design.spec.points],
    )  # fmt: skip
    files = {f"{design.module}.md": text}
    return files | {waves_file(design, scene.name): waves.wavedrom for scene, waves in shown}


def waves_file(design: Design, name: str) -> str:
    """Return the file of a diagram; a diagram that is not alone has a name."""
    return f"{design.module}_waves{'_' if name else ''}{name}.json"


def instantiation(design: Design) -> Mapping[str, str]:
    """Return wires and an instance to be copied into a design."""
    text = render(
        "instance.vh.jinja", design=design, meanings=meanings(design),
        own=[port for port in design.ports if port.name not in (CLOCK, RESET)],
    )  # fmt: skip
    return {f"{design.module}_instance.vh": text}


def meanings(design: Design) -> dict[str, str]:
    """Return what is known of each port: clock, reset, and the lines of streams."""
    found = {CLOCK: "clock, rising edge", RESET: "reset, synchronous, active high"}
    for streams, way in ((design.inputs, "taken"), (design.outputs, "given")):
        for stream in streams:
            payload, *beside = (port for port, _ in stream.lines.payload)
            found[payload] = f"what is {way}"
            found |= dict(zip(reversed(beside), _BESIDE, strict=False))
            found[stream.lines.valid] = "a beat is offered"
            found[stream.lines.ready] = "a beat is taken"
    hosts = {port.name: _of_registers(port.name) for port in design.ports}
    return found | {name: meaning for name, meaning in hosts.items() if meaning}


_CHANNELS = {
    "aw": "writes: where", "w": "writes: what", "b": "writes: the answer",
    "ar": "reads: where", "r": "reads: the answer",
}  # fmt: skip
"""What is said on the channels of AXI4-Lite."""

_LINE = re.compile(r"s_axil_(aw|ar|w|b|r)(\w+)")


def _of_registers(port: str) -> str:
    """Return what a port means by which a host reaches registers; empty for another."""
    found = _LINE.fullmatch(port)
    return f"AXI4-Lite, {_CHANNELS[found[1]]}" if found else ""


def _payloads(design: Design) -> Iterator[tuple[Stream, str, list[tuple[str, str]]]]:
    """Yield each stream at each point with its fields: their bits and what they hold."""
    spec, ports = design.spec, design.cut.ports
    for streams, inward in ((design.inputs, True), (design.outputs, False)):
        for stream in streams:
            for point in spec.points:
                own = (spec.inputs if inward else spec.outputs)(point)
                layout: Layout = ports.layouts(own, inward=inward)[stream.lines.name]
                yield stream, str(point), [(_bits(one), _holds(one)) for one in layout.fields]


def _bits(field: Field) -> str:
    end = field.offset + sum(field.bits_of(lane) for lane in range(field.lanes)) - 1
    return f"{end}:{field.offset}" if end > field.offset else str(end)


def _holds(field: Field) -> str:
    if field.role:
        return f"{field.name}: {_ROLES[field.role]}"
    kind = "two's complement" if field.signed else "unsigned"
    what = kind if field.format == "integer" else field.format
    lanes = f"{field.lanes} x " if field.lanes > 1 else ""
    extended = "; the last is extended to the top" if field.top is not None else ""
    return f"{field.name}: {lanes}{field.bits} bits, {what}{extended}"


def _row(design: Design, point: object) -> list[str]:
    """Return the row of a point: operations, cycles, rate, latency."""
    spec = design.spec
    rate = f"{spec.operations_per_cycle(point):.4g}"
    return [
        str(point), str(spec.operations(point)), str(spec.cycles(point)), rate,
        str(spec.latency(point)),
    ]  # fmt: skip
