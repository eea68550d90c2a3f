"""The requantiser of the engine, register by register: from any state, all values at once.

acc + bias -> [biased] * mult -> [scaled] / 2^shift -> [floor, up] -> [result]
"""

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

from amaranth import Mux, Signal, signed

from macsmith.array.engine.requantiser import Requantiser
from macsmith.array.engine.spec import MAX_SHIFT, MULT_BITS, SHIFT_BITS
from macsmith.formal.claim import FAILED, PROVED, Claim, Finding
from macsmith.formal.network.bit_network import FALSE, TRUE, Network, Step, Word
from macsmith.formal.network.rtl_gates import gates_of, operators
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.rtl.emit import to_rtlil


class Requantising:
    """What is claimed of the first lane; the others are the same text.

    Parameters
    ----------
    spec:
        The engine.
    rtlil:
        Its requantiser, or one with a fault, with top module ``unit``; else the engine's.
    """

    def __init__(self, spec: Any, rtlil: str = "") -> None:
        self.spec = spec
        self.rtlil = rtlil or to_rtlil(Requantiser(spec), "unit")

    @cached_property
    def design(self) -> GateNetlist:
        """The gates of the requantiser."""
        return gates_of(self.rtlil, "unit")

    def claims(self) -> Iterator[Claim]:
        """Yield what the product is of, and for each shift how it is rounded and saturated."""
        yield Claim("requantised: (acc + bias) * mult", self.scales)
        for shift in range(MAX_SHIFT + 1):
            yield Claim(f"requantised: rounded half to even at 2^-{shift}, saturated",
                        partial(self.rounds, shift))  # fmt: skip

    def scales(self) -> Finding:
        """Decide whether what is to be rounded is the sum of accumulator and bias, times mult."""
        network, spec = Network(), self.spec
        acc, bias, mult = (network.variables(n) for n in (spec.array.acc_width,) * 2 + (MULT_BITS,))
        sums = network.variables(spec.out_lanes * spec.array.acc_width)
        sums[: len(acc)] = acc
        channel = network.variables(len(self.design.ports["channel"].rows))
        channel[: len(bias)] = bias
        start = 8 * spec.bias_bytes
        channel[start : start + MULT_BITS] = mult
        flowing = {"o__ready": [TRUE], "rst": [FALSE], "raw": [FALSE]}
        payload = network.variables(len(self.design.ports["i__payload"].rows))
        payload[: len(sums)] = sums
        step = Step(network, self.design, {**flowing, "i__payload": payload, "channel": channel})
        for _ in range(2):
            step = Step(network, self.design, flowing, step.following)
        got = step.word("scaled_0")
        words = {"acc": acc, "bias": bias, "mult": mult}
        ports = {name: Signal(len(word), name=name) for name, word in words.items()}
        is_signed = spec.array.mac.result_signed
        summed = (ports["acc"].as_signed() if is_signed else ports["acc"]) + ports[
            "bias"
        ].as_signed()
        # A word of its own, so that Yosys builds one multiplier and not a sum of two.
        biased = Signal(summed.shape())
        right = operators(ports, {"y": biased * ports["mult"]}, [(biased, summed)])
        return self._same(network, got, Step(network, right, words).word("y"), words)

    def rounds(self, shift: int) -> Finding:
        """Decide whether a product is rounded half to even and saturated, at one shift."""
        network, spec = Network(), self.spec
        width = len(self.design.nets["scaled_0"])
        state = network.variables(len(self.design.next_state))
        for name, word in (("late_shift", _bits(shift, SHIFT_BITS)),):
            for row, bit in zip(self.design.nets[name].tolist(), word, strict=True):
                state[row - self.design.state.start] = bit
        flowing = {"o__ready": [TRUE], "rst": [FALSE], "raw": [FALSE]}
        step = Step(network, self.design, flowing, state)
        scaled = step.word("scaled_0")
        for _ in range(2):
            step = Step(network, self.design, flowing, step.following)
        pitch = 8 * spec.result_bytes(False)
        got = step.word("o__payload")[:pitch]
        port = Signal(width, name="scaled")
        value = port.as_signed()
        floor = value >> shift
        rest = value - (floor << shift)
        half = 1 << shift >> 1
        up = (rest > half) | ((rest == half) & floor[0]) if shift else 0
        rounded = floor + up
        low, high = (
            (-(1 << spec.out_width - 1), (1 << spec.out_width - 1) - 1)
            if spec.out_signed
            else (0, (1 << spec.out_width) - 1)
        )
        result = Signal(signed(pitch + 1))
        within = Mux(rounded < low, low, Mux(rounded > high, high, rounded))
        right = operators({"scaled": port}, {"y": result[:pitch]}, [(result, within)])
        words = {"scaled": scaled}
        return self._same(network, got, Step(network, right, words).word("y"), words)

    @staticmethod
    def _same(network: Network, got: Word, right: Word, words: dict[str, Word]) -> Finding:
        sat = Sat(network)
        right = (right + [right[-1]] * len(got))[: len(got)]
        if not sat.possible([network.unequal(got, right)]):
            return Finding(verdict=PROVED, solver=SOLVER, depth=2)
        told = ", ".join(f"{name} = {sat.value(word):#x}" for name, word in words.items())
        return Finding(
            verdict=FAILED, solver=SOLVER, depth=2,
            counterexample=f"{told}: expected {sat.value(right):#x}, got {sat.value(got):#x}",
        )  # fmt: skip


def _bits(value: int, width: int) -> Word:
    return [value >> bit & 1 for bit in range(width)]
