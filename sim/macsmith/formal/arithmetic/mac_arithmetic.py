"""The arithmetic of MAC units: each beat adds its products to the accumulators, in every mode.

A proof has two halves. The result is the old accumulator, or nothing on a first beat, plus a
weighted sum of the registers in between; and that sum of what these registers take is the sum of
products, as plain operators write it.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from macsmith.formal.arithmetic.mac_beat import Beat, beats_of
from macsmith.formal.arithmetic.mac_reference import MacReference
from macsmith.formal.arithmetic.slot_sums import product_verdict, summands, without
from macsmith.formal.claim import EXHAUSTIVE, FAILED, PROVED, Claim, Finding
from macsmith.formal.network.bit_network import FALSE, Network, Step, Word
from macsmith.formal.network.cuts import copied, free_bits
from macsmith.formal.network.linear_sums import (
    LinearSum,
    added,
    all_add,
    evaluate,
    of_degree_two,
)
from macsmith.formal.network.rtl_gates import gates_of
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.golden.catalog import golden
from macsmith.netlist.gate_netlist import GateNetlist

POLYNOMIALS = f"polynomials, {SOLVER}"
ENUMERATION = "bit-parallel enumeration"


class MacArithmetic:
    """What is claimed of the arithmetic of a MAC unit.

    Parameters
    ----------
    name:
        The unit in the catalogue.
    spec:
        Its specification.
    rtlil:
        The unit, or one with a fault, as RTLIL with top module ``unit``.
    """

    def __init__(self, name: str, spec: Any, rtlil: str) -> None:
        self.spec, self.model, self.rtlil = spec, golden(name, spec), rtlil

    @cached_property
    def design(self) -> GateNetlist:
        """The gates of the unit."""
        return gates_of(self.rtlil, "unit")

    def claims(self) -> Iterator[Claim]:
        """Yield what is claimed of each mode, and that a stall changes nothing."""
        for point, mode in enumerate(self.spec.points):
            claims = ModeClaims(self, point)
            yield Claim(f"accumulation {mode}", claims.adds)
            yield Claim(f"product {mode}", claims.multiplies)
        yield Claim("registers held while a result waits", self.held)

    def held(self) -> Finding:
        """Decide whether a result that nobody takes stops every register."""
        network = Network()
        step = Step(network, self.design, {"o__ready": [FALSE], "rst": [FALSE]})
        sat = Sat(network)
        moved = network.unequal(step.state, step.following)
        if not sat.possible([step.bit("o__valid"), moved]):
            return Finding(verdict=PROVED, solver=SOLVER, depth=1)
        names = self.design.names
        first = self.design.state.start
        free = [
            names.get(first + at, "a register")
            for at, (now, then) in enumerate(zip(step.state, step.following, strict=True))
            if sat.value([now]) != sat.value([then])
        ]
        return Finding(
            verdict=FAILED, solver=SOLVER, depth=1,
            counterexample=f"{', '.join(free[:4])} changed while o.valid was up and o.ready down",
        )  # fmt: skip


class ModeClaims:
    """What is claimed of a mode.

    Parameters
    ----------
    unit:
        The unit.
    point:
        Index of the mode.
    """

    def __init__(self, unit: MacArithmetic, point: int) -> None:
        self.unit, self.spec, self.point = unit, unit.spec, point
        self.mode = unit.spec.points[point]
        (self.layout,) = self.spec.inputs(self.mode).values()
        (output,) = self.spec.outputs(self.mode).values()
        (self.slots,) = output.values

    @cached_property
    def beats(self) -> tuple[Beat, Beat]:
        """A first and a later beat."""
        return beats_of(self.spec, self.unit.design, self.point)

    @cached_property
    def sums(self) -> list[LinearSum] | None:
        """What each slot of a later beat's result is the sum of; None if it is no sum.

        Old accumulators stand in it by themselves, and registers for what they take over.
        """
        _, beat = self.beats
        network = beat.network
        if not all_add(network, beat.cells):
            return None
        found = []
        for slot in range(self.slots.lanes):
            word = self._slot(beat.result, slot)
            sum_ = summands(network, word, beat.cells, beat.operands, beat.cuts)
            if sum_ is None:
                return None
            found.append(sum_)
        return found

    def adds(self) -> Finding:
        """Decide whether results are the old accumulators, if any, plus what the beat gives."""
        first, later = self.beats
        network, depth = later.network, self.spec.latency(self.mode)
        nothing_kept = copied(network, later.result, {one >> 1: FALSE for one in later.old})
        last = self._slot(later.result, self.slots.lanes - 1)
        above = later.result[self._end() :]
        extended = [last[-1] if self.slots.signed else FALSE] * len(above)
        broken = {
            "a first beat keeps something": network.unequal(first.result, nothing_kept),
            "bits above the last slot do not extend it": network.unequal(above, extended),
            "valid is not last": network.either(
                network.differ(first.valid, first.last), network.differ(later.valid, later.last)
            ),
        }
        sat = Sat(network)
        for sentence, literal in broken.items():
            # Registers between may hold less than anything: then by what the operands make of them.
            if sat.possible([literal]) and sat.possible(copied(network, [literal], later.cuts)):
                return Finding(verdict=FAILED, solver=SOLVER, depth=depth,
                               counterexample=f"{self.mode}: {sentence}")  # fmt: skip
        for slot, sum_ in enumerate(self.sums or ()):
            own = {one >> 1: 1 << bit for bit, one in enumerate(self._slot(later.old, slot))}
            if self._kept(sum_) != own:
                return self._refuted() or self._searched()
        if self.sums is None:
            return self._refuted() or self._searched()
        return Finding(verdict=PROVED, solver=SOLVER, depth=depth)

    def _kept(self, sum_: LinearSum) -> dict[int, int]:
        """Return the part of a sum that old accumulators are."""
        _, beat = self.beats
        old = {one >> 1 for one in beat.old}
        return {place: weight for place, weight in sum_.weights.items() if place in old}

    def multiplies(self) -> Finding:
        """Decide whether what a beat adds to each slot is its sum of products."""
        if self.sums is None:
            return self._refuted() or self._searched()
        depth = self.spec.latency(self.mode)
        verdicts = [self._product(slot, sum_) for slot, sum_ in enumerate(self.sums)]
        if None in verdicts:
            return self._refuted() or self._searched()
        exhaustive = EXHAUSTIVE in verdicts
        return Finding(
            verdict=EXHAUSTIVE if exhaustive else PROVED,
            solver=ENUMERATION if exhaustive else POLYNOMIALS, depth=depth,
        )  # fmt: skip

    def _product(self, slot: int, sum_: LinearSum) -> str | None:
        """Return how it was shown that a sum is that of products; None if it was not."""
        _, beat = self.beats
        expected = self.reference.slot(self.placed, slot)
        linear = self.reference.linear
        return product_verdict(
            beat.network,
            without(sum_, self._kept(sum_)),
            expected,
            of_degree_two(beat.network, expected) if linear else None,
            self.reference.legal(self.placed),
            beat.cuts,
        )

    @cached_property
    def reference(self) -> MacReference:
        """The sums of products in plain operators."""
        return MacReference(self.spec, self.unit.model, self.point)

    @cached_property
    def placed(self) -> Step:
        """The reference, with the beat's operands."""
        _, beat = self.beats
        return self.reference.placed(beat.network, beat.payload)

    def _slot(self, word: Word, slot: int) -> Word:
        start = self.slots.offset + slot * self.slots.bits
        return word[start : start + self.slots.bits]

    def _end(self) -> int:
        return self.slots.offset + self.slots.lanes * self.slots.bits

    # What is done where the two halves do not show it.

    def _against_the_reference(self) -> tuple[Network, int, Word]:
        """Return whether the result of a later beat is wrong, in bits of operands and registers."""
        _, beat = self.beats
        network = beat.network
        result = copied(network, beat.result, beat.cuts)
        wrong = []
        for slot in range(self.slots.lanes):
            total = LinearSum(self.slots.bits)
            total.add_word(self._slot(beat.old, slot))
            total.add_word(self.reference.slot(self.placed, slot))
            expected = added(network, total, self.slots.bits)
            wrong.append(network.unequal(self._slot(result, slot), expected))
        return network, network.both(network.any(wrong), self.reference.legal(self.placed)), result

    def _refuted(self) -> Finding | None:
        """Return a counterexample among random operands and accumulators, if there is one."""
        network, wrong, result = self._against_the_reference()
        free = sorted(free_bits(network, [wrong]))
        rng = np.random.default_rng(1)
        count = 1 << 14
        patterns = {place: int.from_bytes(rng.bytes(count // 8), "little") for place in free}
        cases = evaluate(network, network.cone([wrong]), patterns, count)
        found = cases.get(wrong >> 1, 0) ^ ((1 << count) - 1 if wrong & 1 else 0)
        if not found:
            return None
        case = (found & -found).bit_length() - 1
        values = {place: pattern >> case & 1 for place, pattern in patterns.items()}
        return self._failed(values, result)

    def _failed(self, values: Mapping[int, int], result: Word) -> Finding:
        """Return the sentence of a counterexample."""
        _, beat = self.beats
        network = beat.network
        expected: list[int] = []

        def number(word: Word) -> int:
            held = evaluate(network, network.cone(word), values, 1)
            return sum((held[one >> 1] ^ (one & 1)) << bit for bit, one in enumerate(word))

        words = {field.name: beat.payload[field.offset : field.offset + field.width]
                 for field in self.layout.values}  # fmt: skip
        for slot in range(self.slots.lanes):
            total = number(self._slot(beat.old, slot)) + number(
                self.reference.slot(self.placed, slot)
            )
            expected.append(total % (1 << self.slots.bits))
        got = [number(self._slot(result, slot)) for slot in range(self.slots.lanes)]
        slot = next(at for at, (x, y) in enumerate(zip(expected, got, strict=True)) if x != y)
        operands = ", ".join(f"{name} = {number(word):#x}" for name, word in words.items())
        return Finding(
            verdict=FAILED, solver=ENUMERATION, depth=self.spec.latency(self.mode),
            counterexample=(
                f"{self.mode}, slot {slot}: {operands} on an accumulator of "
                f"{number(self._slot(beat.old, slot)):#x}: expected {expected[slot]:#x}, "
                f"got {got[slot]:#x}"
            ),
        )  # fmt: skip

    def _searched(self) -> Finding:
        """Ask a solver about the whole at once."""
        network, wrong, result = self._against_the_reference()
        sat = Sat(network)
        if not sat.possible([wrong]):
            return Finding(verdict=PROVED, solver=SOLVER, depth=self.spec.latency(self.mode))
        free = sorted(free_bits(network, [wrong]))
        return self._failed({place: sat.value([2 * place]) for place in free}, result)
