"""The boundary `axi-stream` of every unit of streams: its wrapper, made of its specification."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from macsmith.contract.axi_stream import AXI_STREAM, AxiPorts, Part, axi_name, beat_of
from macsmith.contract.stream import Field
from macsmith.contract.unit import Cut, Unit
from macsmith.rtl.axi_stream_wrapper import AxiStreamWrapper


def with_axi_stream(unit: Unit) -> Unit:
    """Return a unit that can be cut at its wrapper too; as it is if it speaks AXI by itself."""
    if unit.speaks_axi or AXI_STREAM in unit.cuts:
        return unit
    whole = unit.cuts["unit"]
    wrapper = Cut(
        partial(_wrapped, whole), measured=False, memories=whole.memories, notes=axi_notes,
        replay=_REPLAY if whole.replay == Cut().replay else None, no_energy=whole.no_energy,
        operands=partial(_operands, whole.operands) if whole.operands else None,
        ports=AxiPorts(), ends=_ENDS, plain=_PLAIN,
    )  # fmt: skip
    return replace(unit, cuts={**unit.cuts, AXI_STREAM: wrapper})


_ENDS = "macsmith.bench.axi_stream_ends:AxiStreamEnds"
_PLAIN = "macsmith.rtlsim.unwrapped:Unwrapped"
_REPLAY = "macsmith.energy.replays.axi_replay:AxiStreamReplay"


def _wrapped(whole: Cut, spec: Any) -> AxiStreamWrapper:
    return AxiStreamWrapper(whole.build(spec), spec)


def _operands(
    of_unit: Callable[[Any], Mapping[str, Collection[int]]], spec: Any
) -> Mapping[str, Collection[int]]:
    """Return the bits of each ``tdata`` that carry operands."""
    streams, found = spec.inputs(spec.points[0]), {}
    for port, bits in of_unit(spec).items():
        stream = port.removesuffix("__payload")
        parts = beat_of(streams[stream]).parts
        places = {part.field.offset + k: part.at + k for part in parts for k in range(part.bits)}
        found[f"{axi_name(stream, inward=True)}_tdata"] = [places[bit] for bit in bits]
    return found


def axi_notes(spec: Any) -> list[str]:
    """Return where the fields lie in each ``tdata``, and what they hold."""
    lines = ["clk is ACLK; rst is the inverse of ARESETn, and synchronous"]
    differing: dict[str, list[str]] = {}
    for inward, streams in ((True, spec.inputs), (False, spec.outputs)):
        for name, layout in streams(spec.points[0]).items():
            prefix, beat = axi_name(name, inward=inward), beat_of(layout)
            for part in beat.parts:
                field = part.field.name
                held = [_held(streams(point)[name][field]) for point in spec.points]
                same = len(set(held)) == 1
                lines.append(_place(prefix, part, inward) + (f": {held[0]}" if same else ""))
                if not same:
                    differing[field] = held
            if beat.last is not None:
                lines.append(f"{prefix}_tlast ends a packet")
    for index, point in enumerate(spec.points if differing else ()):
        texts = [f"{name} {held[index]}" for name, held in differing.items()]
        cycles = f"a beat takes {spec.cycles(point)} cycles"
        lines.append(f"{index} is {point}: {', '.join(texts)}; {cycles}")
    return lines


def _place(prefix: str, part: Part, inward: bool) -> str:
    """Return where a field lies, and what the bits up to its last byte are."""
    high = part.at + part.bits - 1
    place = f"{high}:{part.at}" if high > part.at else f"{high}"
    rest = ""
    if high + 1 < part.end:
        what = "ignored" if inward else "copies of its sign" if part.repeats_sign else "zero"
        rest = f" (bits up to {part.end - 1} are {what})"
    return f"{prefix}_tdata[{place}] {part.field.name}{rest}"


def _held(field: Field) -> str:
    """Return what a field holds."""
    if field.role:
        return "the index of the point"
    sign = "signed" if field.signed else "unsigned"
    kind = sign if field.format == "integer" else field.format
    lanes = f"{field.lanes} x " if field.lanes > 1 else ""
    return f"{lanes}{field.bits} bits {kind}"
