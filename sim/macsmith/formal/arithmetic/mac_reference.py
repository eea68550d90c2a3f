"""What a beat adds to each slot of a MAC, in a module of plain operators."""

from functools import cached_property
from typing import Any

import numpy as np
from amaranth import Array, Const, Signal, Value, signed

from macsmith.contract.stream import Field
from macsmith.formal.network.bit_network import TRUE, Network, Step, Word
from macsmith.formal.network.rtl_gates import operators
from macsmith.formats.field_values import coded
from macsmith.formats.stream_words import operand_range
from macsmith.netlist.gate_netlist import GateNetlist


class MacReference:
    """Sums of products of a mode.

    Which lanes meet and what operands mean is read from the golden model, so none of it comes from
    the hardware: lanes by operands of one, values by those that the model reads.

    Parameters
    ----------
    spec, model:
        The unit and its golden model.
    point:
        Index of the mode.
    """

    def __init__(self, spec: Any, model: Any, point: int) -> None:
        self.model, self.mode = model, spec.points[point]
        (layout,) = spec.inputs(self.mode).values()
        (output,) = spec.outputs(self.mode).values()
        self.acts, self.weights = (one for one in layout.values)
        (self.slots,) = output.values

    @cached_property
    def pairs(self) -> list[list[tuple[int, int]]]:
        """Of each slot the lanes of activations and weights that are multiplied for it."""
        acts, weights = self.acts.lanes, self.weights.lanes
        one, other = np.indices((acts, weights)).reshape(2, -1)
        met = self.model.beat(
            self.mode,
            np.eye(acts, dtype=np.int64)[one],
            np.eye(weights, dtype=np.int64)[other],
        )
        return [
            list(zip(one[met[:, slot] == 1].tolist(), other[met[:, slot] == 1].tolist(),
                     strict=True))
            for slot in range(self.slots.lanes)
        ]  # fmt: skip

    @property
    def linear(self) -> bool:
        """Whether operands are multiplied as they come."""
        return not self._meanings(self.acts) and not self._meanings(self.weights)

    def _meanings(self, field: Field) -> dict[int, int]:
        """Return the value of each legal code of a field; nothing if it is the number itself."""
        is_act = field is self.acts
        width = self.mode.act_bits if is_act else self.mode.weight_bits
        low, high = operand_range(width, field.signed)
        numbers = np.arange(low, high + 1)
        possible = None if is_act else self.model.possible_weights(self.mode)
        numbers = numbers if possible is None else possible
        read = self.model.read_acts(numbers) if is_act else self.model.read_weights(numbers)
        codes = coded(numbers, field.format) % (1 << field.bits)
        if possible is None and np.array_equal(read, numbers):
            return {}
        return dict(zip(codes.tolist(), read.tolist(), strict=True))

    @cached_property
    def gates(self) -> GateNetlist:
        """The module: ports ``a0, w0, ...`` and ``slot0, ...``, and whether all codes are legal."""
        ports: dict[str, Signal] = {}
        values: dict[str, list[Value]] = {}
        legal: Value = Const(1, 1)
        for name, field in (("a", self.acts), ("w", self.weights)):
            meanings = self._meanings(field)
            values[name] = []
            for lane in range(field.lanes):
                port = ports[f"{name}{lane}"] = Signal(field.bits, name=f"{name}{lane}")
                value: Value = port.as_signed() if field.signed else port
                if meanings:
                    # Codes of few bits may stand for values of more.
                    shape = signed(1 + max(abs(one) for one in meanings.values()).bit_length())
                    table = [meanings.get(code, 0) for code in range(1 << field.bits)]
                    value = Array(Const(one, shape) for one in table)[port]
                    known = [int(code in meanings) for code in range(1 << field.bits)]
                    if not all(known):
                        legal = legal & Array(Const(one, 1) for one in known)[port]
                values[name].append(value)
        sums: dict[str, Value] = {}
        for slot, pairs in enumerate(self.pairs):
            total: Value = Const(0, 1)
            for act, weight in pairs:
                total = total + values["a"][act] * values["w"][weight]
            sums[f"slot{slot}"] = total
        return operators(ports, {**sums, "legal": legal})

    def placed(self, network: Network, payload: Word) -> Step:
        """Return the module with operands from a beat's payload."""
        ports = {}
        for name, field in (("a", self.acts), ("w", self.weights)):
            for lane in range(field.lanes):
                start = field.offset + lane * field.bits
                ports[f"{name}{lane}"] = payload[start : start + field.bits]
        return Step(network, self.gates, ports)

    def slot(self, placed: Step, slot: int) -> Word:
        """Return what a slot is to receive, as wide as an accumulator."""
        word, width = placed.word(f"slot{slot}"), self.slots.bits
        sign = word[-1] if self.acts.signed or self.weights.signed else 0
        return (word + [sign] * width)[:width]

    def legal(self, placed: Step) -> int:
        """Return whether every operand is one that may come."""
        word = placed.word("legal")
        return word[0] if word else TRUE
