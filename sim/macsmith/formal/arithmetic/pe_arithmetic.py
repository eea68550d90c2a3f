"""The arithmetic of a PE: in any state each accumulator takes up a dot product of the registers."""

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

from amaranth import Array, Const, Mux, Signal, Value

from macsmith.catalog.catalog import build
from macsmith.formal.arithmetic.slot_sums import product_verdict, summands, without
from macsmith.formal.claim import EXHAUSTIVE, FAILED, PROVED, Claim, Finding
from macsmith.formal.network.adder_names import adder_cells
from macsmith.formal.network.bit_network import FALSE, Network, Step, Word
from macsmith.formal.network.linear_sums import LinearSum, added, all_add, of_degree_two
from macsmith.formal.network.rtl_gates import gates_of, operators
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.rtl.emit import to_rtlil


class PeArithmetic:
    """What is claimed of the PE of an array whose MACs have one mode and one stage.

    Parameters
    ----------
    spec:
        The array.
    component:
        Another PE than the catalogue's, such as one with a fault.
    """

    def __init__(self, name: str, spec: Any, component: Any = None) -> None:
        self.spec = spec.at("pe")
        self.pe: Any = build(name, self.spec, "pe") if component is None else component

    @cached_property
    def design(self) -> GateNetlist:
        """The gates of the PE."""
        return gates_of(to_rtlil(self.pe, "unit"), "unit")

    def claims(self) -> Iterator[Claim]:
        """Yield a claim for each dot product."""
        for row in range(self.spec.a):
            for col in range(self.spec.c):
                yield Claim(f"pe dot product {row}, {col}", partial(self.adds, row, col))

    def adds(self, row: int, col: int) -> Finding:
        """Decide whether an accumulator takes up its dot product, and begins anew when told to."""
        begins = (False, True) if "first" in self.pe.control_layout.members else (False,)
        found = [self._adds(row, col, first) for first in begins]
        order = (FAILED, EXHAUSTIVE, PROVED)
        return min(found, key=lambda one: order.index(one.verdict))

    def _adds(self, row: int, col: int, first: bool) -> Finding:
        network, spec, design = Network(), self.spec, self.design
        state = network.variables(len(design.next_state))
        if "first" in self.pe.control_layout.members:
            state[int(design.nets["control"][0]) - design.state.start] = int(first)
        step = Step(network, design, {"rst": [FALSE]}, state)
        name = f"acc_{row}_{col}"
        following = Step(network, design, {"rst": [FALSE]}, step.following).word(name)
        if spec.movement.chains_sums:
            place = (row * spec.c + col) * spec.acc_width
            old = step.word("sum_in")[place : place + spec.acc_width]
        else:
            old = [FALSE] * spec.acc_width if first else step.word(name)
        acts, weights = self._words(step, row, col)
        right = Step(network, self.reference, {**acts, **weights})
        expected = self._extended(right.word("dot"))
        (legal,) = right.word("legal")
        operands = {one >> 1 for word in (*acts.values(), *weights.values()) for one in word}
        cells = adder_cells(step)
        sum_ = verdict = None
        if all_add(network, cells):
            sum_ = summands(network, following, cells, operands, {})
        if sum_ is not None:
            own = LinearSum(spec.acc_width)
            own.add_word(old)
            places = own.weights.keys()
            if {p: w for p, w in sum_.weights.items() if p in places} == own.weights:
                polynomial = of_degree_two(network, expected) if self._plain else None
                verdict = product_verdict(
                    network, without(sum_, places), expected, polynomial, legal
                )
        if verdict is not None:
            return Finding(verdict=verdict, solver=SOLVER, depth=1)
        return self._searched(network, following, old, expected, legal, (acts, weights))

    def _searched(
        self, network: Network, got: Word, old: Word, expected: Word, legal: int,
        operands: tuple[dict[str, Word], dict[str, Word]],
    ) -> Finding:  # fmt: skip
        total = LinearSum(len(got))
        total.add_word(old)
        total.add_word(expected)
        right = added(network, total, len(got))
        sat = Sat(network)
        if not sat.possible([network.unequal(got, right), legal]):
            return Finding(verdict=PROVED, solver=SOLVER, depth=1)
        told = ", ".join(
            f"{name} = {sat.value(word):#x}" for words in operands for name, word in words.items()
        )
        return Finding(
            verdict=FAILED, solver=SOLVER, depth=1,
            counterexample=f"{told}: expected {sat.value(right):#x}, got {sat.value(got):#x}",
        )  # fmt: skip

    def _words(self, step: Step, row: int, col: int) -> tuple[dict[str, Word], dict[str, Word]]:
        """Return the registers of a dot product, tags included."""
        zeros, pe = self.spec.zeros, self.pe
        found = []
        for name, count, width, at in (
            ("act", zeros.act_words, pe.act_element, row),
            ("weight", zeros.weight_words, pe.weight_element, col),
        ):
            word = step.word(name)
            start = at * count * width
            found.append({f"{name}{k}": word[start + k * width :][:width] for k in range(count)})
        acts, weights = found
        return acts, weights

    @property
    def _plain(self) -> bool:
        """Whether all activations meet all weights of their dot product."""
        zeros = self.spec.zeros
        return not (zeros.gates_zeros or zeros.stores_blocks)

    def _extended(self, word: Word) -> Word:
        sign = word[-1] if self.spec.mac.result_signed else FALSE
        return (word + [sign] * self.spec.acc_width)[: self.spec.acc_width]

    @cached_property
    def reference(self) -> GateNetlist:
        """The dot product of registers in plain operators, and whether their tags are legal."""
        spec, zeros, pe = self.spec, self.spec.zeros, self.pe
        mac, (mode,) = spec.mac, spec.mac.modes
        acts = [Signal(pe.act_element, name=f"act{k}") for k in range(zeros.act_words)]
        weights = [Signal(pe.weight_element, name=f"weight{k}") for k in range(zeros.weight_words)]

        def number(word: Value, bits: int, is_signed: bool) -> Value:
            return word[:bits].as_signed() if is_signed else word[:bits]

        a = [number(one, mode.act_bits, mac.act_signed) for one in acts]
        w = [number(one, mode.weight_bits, mac.weight_signed) for one in weights]
        tags = [one[mode.weight_bits :] for one in weights]
        total: Value = Const(0, 1)
        legal: Value = Const(1, 1)
        if zeros.serial_acts:
            for at, (act, word) in enumerate(zip(a, acts, strict=True)):
                block, place = at * spec.nonzeros, word[mode.act_bits :]
                for slot in range(block, block + spec.nonzeros):
                    own = tags[slot] if len(tags[slot]) else Const(slot - block, 8)
                    total = total + Mux(own == place, act * w[slot], 0)
                    if slot > block and len(tags[slot]):
                        legal = legal & (tags[slot] > tags[slot - 1])
        elif zeros.stores_blocks:
            choices = spec.block - spec.nonzeros + 1
            for lane, (weight, tag) in enumerate(zip(w, tags, strict=True)):
                block, slot = divmod(lane, spec.nonzeros)
                among = Array(a[block * spec.block + slot :][:choices])
                total = total + among[tag] * weight
                legal = legal & (tag < choices)
        else:
            for act, weight, tag, word in zip(a, w, tags, acts, strict=True):
                zero = word[mode.act_bits :].any() | tag.any()
                total = total + (Mux(zero, 0, act * weight) if zeros.gates_zeros else act * weight)
        ports = {one.name: one for one in (*acts, *weights)}
        return operators(ports, {"dot": total, "legal": legal})
