"""What is claimed of a unit that prunes activations: it keeps the largest, in rising places."""

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from amaranth import Cat, Const, Mux, Signal, Value

from macsmith.catalog.catalog import make_spec
from macsmith.formal.claim import FAILED, PROVED, Claim, Finding, Subject
from macsmith.formal.network.bit_network import FALSE, TRUE, Network, Step, Word
from macsmith.formal.network.rtl_gates import gates_of, operators
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.formal.streams.stream_claims import StreamProver
from macsmith.netlist.gate_netlist import GateNetlist


def reference(spec: Any) -> GateNetlist:
    """Return what becomes of a block, in plain operators.

    An activation's rank is the number of those that are larger, or as large and at a lower place.
    Those of a rank below ``keep`` are kept, and go to the slot that is the number of those kept
    before them.
    """
    words = [Signal(spec.act_width, name=f"value{at}") for at in range(spec.block)]
    keep = Signal(range(spec.nonzeros + 1), name="keep")
    sizes = [abs(word.as_signed()) if spec.act_signed else word for word in words]
    every = (keep == 0) | (keep > spec.nonzeros)
    kept: list[Value] = []
    for at, size in enumerate(sizes):
        before = [
            (other > size) | ((other == size) & (place < at))
            for place, other in enumerate(sizes)
            if place != at
        ]
        kept.append(every | (sum(before, Const(0, 1)) < keep))
    slots = [sum(kept[:at], Const(0, 1)) for at in range(spec.block)]
    outputs: dict[str, Value] = {}
    for slot in range(spec.block):
        value: Value = Const(0, spec.act_width)
        place: Value = Const(0, spec.place_bits)
        for at in range(spec.block):
            here = kept[at] & (slots[at] == slot)
            value = Mux(here, words[at], value)
            place = Mux(here, Const(at, spec.place_bits), place)
        outputs[f"values{slot}"], outputs[f"places{slot}"] = value, place
    outputs["mask"] = Cat(kept)
    outputs["kept"] = sum(kept, Const(0, 1))
    dropped = [word.any() & ~one for word, one in zip(words, kept, strict=True)]
    outputs["lossy"] = Cat(dropped).any()
    return operators({one.name: one for one in (*words, keep)}, outputs)


class Pruning:
    """A block through the unit, from any state."""

    def __init__(self, spec: Any, rtlil: str) -> None:
        self.spec, self.rtlil = spec, rtlil

    @cached_property
    def design(self) -> GateNetlist:
        """The gates of the unit."""
        return gates_of(self.rtlil, "unit")

    @cached_property
    def reference(self) -> GateNetlist:
        """What it must do."""
        return reference(self.spec)

    def claims(self) -> Iterator[Claim]:
        """Yield a claim for each number of activations that may be kept."""
        for point in self.spec.points:
            yield Claim(f"largest kept, {point}", partial(self.keeps, point))

    def keeps(self, point: Any) -> Finding:
        """Decide whether the result of a block is that of the reference."""
        network, spec = Network(), self.spec
        layout = spec.inputs(point)["i"]
        payload = network.variables(layout.width)
        keep = layout["keep"]
        for bit in range(keep.bits):
            payload[keep.offset + bit] = point.count >> bit & 1
        flowing = {"o__ready": [TRUE], "rst": [FALSE]}
        step = Step(network, self.design, {"i__valid": [TRUE], "i__payload": payload, **flowing})
        for _ in range(spec.latency(point)):
            step = Step(network, self.design, flowing, step.following)
        values = layout["values"]
        ports = {
            f"value{at}": payload[values.offset + at * values.bits :][: values.bits]
            for at in range(spec.block)
        }
        right = Step(network, self.reference, {**ports, "keep": _number(point.count, keep.bits)})
        expected = {
            "values": _joined(right, "values", spec.block),
            "kept": right.word("kept"),
            "lossy": right.word("lossy"),
        }
        places = _joined(right, "places", spec.block)
        expected["places"] = right.word("mask") if spec.form == "bitmask" else places
        out = step.word("o__payload")
        sat = Sat(network)
        for field in spec.outputs(point)["o"].fields:
            got = out[field.offset : field.offset + field.width]
            word = (expected[field.name] + [FALSE] * field.width)[: field.width]
            if sat.possible([network.unequal(got, word)]):
                block = [sat.value(ports[f"value{at}"]) for at in range(spec.block)]
                return Finding(
                    verdict=FAILED, solver=SOLVER, depth=spec.latency(point),
                    counterexample=(
                        f"{point} of {block}: {field.name} must be {sat.value(word):#x}, "
                        f"not {sat.value(got):#x}"
                    ),
                )  # fmt: skip
        return Finding(verdict=PROVED, solver=SOLVER, depth=spec.latency(point))


def _joined(step: Step, name: str, count: int) -> Word:
    return [bit for at in range(count) for bit in step.word(f"{name}{at}")]


def _number(value: int, width: int) -> Word:
    return [value >> bit & 1 for bit in range(width)]


class DapProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def subjects(self) -> Iterable[Subject]:
        """Yield small blocks of both forms and signs, and the default."""
        small = {"block": 4, "nonzeros": 2, "act_width": 4}
        for variant, parameters, quick in (
            ("", {}, False),
            ("block of 4", small, True),
            ("block of 4, index", {**small, "form": "index"}, False),
            ("block of 4, signed", {**small, "act_signed": True, "nonzeros": 4}, False),
        ):
            spec = make_spec(self.name, parameters)
            yield Subject(unit=self.name, spec=spec, variant=variant, quick=quick)

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield what is kept of blocks, then the rules of the streams."""
        yield from Pruning(spec, self.rtlil(spec)).claims()
        yield from super().claims(spec)
