"""What moves through the grid as operands, and which pairs of them a dot product multiplies.

An operand is one element of a MAC, with tags that travel along: whether it is zero, or where in its
block a weight lies.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.onehot_mux import any_of, decode, select
from macsmith.array import sparsity
from macsmith.array.sparsity import Sparsity
from macsmith.array.spec import SystolicSpec
from macsmith.mac.operand_registers import split

Words = list[Value]

Pairs = list[tuple[Value, Value]]


class Operands(Protocol):
    """How a kind of sparsity treats operands.

    Members
    -------
    act_tag, weight_tag
        Bits that an operand carries above its own.
    """

    act_tag: int
    weight_tag: int

    def tag_acts(self, acts: Sequence[Value]) -> Words:
        """Return activations with their tags."""

    def tag_weights(
        self, m: Module, weights: Sequence[Value], indices: Sequence[Value]
    ) -> tuple[Words, Value]:
        """Return weights with their tags, and whether an index is one that its slot cannot have.

        There are indices, one a weight, if weights are density bound.
        """

    def load(self, m: Module, register: Signal, following: Value, width: int) -> None:
        """Have a register of operands, ``width`` bits each, follow those before it."""

    def pairs(self, m: Module, name: str, acts: Sequence[Value], weights: Sequence[Value]) -> Pairs:
        """Return what the multipliers of a dot product get."""


class Dense:
    """All pairs are multiplied."""

    act_tag = weight_tag = 0

    def tag_acts(self, acts: Sequence[Value]) -> Words:
        """See `Operands.tag_acts`."""
        return list(acts)

    def tag_weights(
        self, m: Module, weights: Sequence[Value], indices: Sequence[Value]
    ) -> tuple[Words, Value]:
        """See `Operands.tag_weights`."""
        return list(weights), Const(0, 1)

    def load(self, m: Module, register: Signal, following: Value, width: int) -> None:
        """See `Operands.load`."""
        m.d.sync += register.eq(following)

    def pairs(self, m: Module, name: str, acts: Sequence[Value], weights: Sequence[Value]) -> Pairs:
        """See `Operands.pairs`."""
        return list(zip(acts, weights, strict=True))


class ZeroGated:
    """A tag says that an operand is zero.

    The register of a zero keeps what it has, and what meets the zero is held at zero: neither
    register nor multiplier toggles while zeros follow one another.
    Moons et al. (ISSCC 2017), guard flags.
    """

    act_tag = weight_tag = 1

    def tag_acts(self, acts: Sequence[Value]) -> Words:
        """See `Operands.tag_acts`."""
        return [Cat(act, ~act.any()) for act in acts]

    def tag_weights(
        self, m: Module, weights: Sequence[Value], indices: Sequence[Value]
    ) -> tuple[Words, Value]:
        """See `Operands.tag_weights`."""
        return self.tag_acts(weights), Const(0, 1)

    def load(self, m: Module, register: Signal, following: Value, width: int) -> None:
        """See `Operands.load`."""
        for held, coming in zip(split(register, width), split(following, width), strict=True):
            m.d.sync += held[-1].eq(coming[-1])
            with m.If(~coming[-1]):
                m.d.sync += held[:-1].eq(coming[:-1])

    def pairs(self, m: Module, name: str, acts: Sequence[Value], weights: Sequence[Value]) -> Pairs:
        """See `Operands.pairs`."""
        # A zero's register holds an older value, so the other operand alone makes the product zero.
        return [
            (act[:-1] & ~weight[-1].replicate(len(act) - 1),
             weight[:-1] & ~act[-1].replicate(len(weight) - 1))
            for act, weight in zip(acts, weights, strict=True)
        ]  # fmt: skip


class DensityBound(Dense):
    """The weights of a block that are multiplied, in rising order, choose their activations.

    Weight s of a block of ``block`` with ``nonzeros`` such weights lies at ``s + offset`` and so
    chooses among ``block - nonzeros + 1`` activations; its offset is the tag. Unused weights are
    zero.
    """

    def __init__(self, block: int, nonzeros: int) -> None:
        self.block, self.nonzeros = block, nonzeros
        self.choices = block - nonzeros + 1
        self.weight_tag = (self.choices - 1).bit_length()

    def tag_weights(
        self, m: Module, weights: Sequence[Value], indices: Sequence[Value]
    ) -> tuple[Words, Value]:
        """See `Operands.tag_weights`."""
        words: Words = []
        faults: Words = []
        for lane, (weight, index) in enumerate(zip(weights, indices, strict=True)):
            slot = lane % self.nonzeros
            places = decode(m, index, self.block, f"place_{lane}")
            faults.append(~any_of(places[slot : slot + self.choices]))
            offsets = [
                [(place - slot) >> bit & 1 for bit in range(self.weight_tag)]
                for place in range(self.block)
            ]
            words.append(Cat(weight, select(places, offsets)))
        return words, Cat(faults).any()

    def pairs(self, m: Module, name: str, acts: Sequence[Value], weights: Sequence[Value]) -> Pairs:
        """See `Operands.pairs`."""
        pairs = []
        for index, weight in enumerate(weights):
            block, slot = divmod(index, self.nonzeros)
            first = block * self.block + slot
            among = acts[first : first + self.choices]
            value, offset = weight[: len(weight) - self.weight_tag], weight[-self.weight_tag :]
            if self.choices == 1:
                pairs.append((among[0], weight))
                continue
            lines = decode(m, offset, self.choices, f"{name}_choice{index}")
            chosen = Signal(len(among[0]), name=f"{name}_act{index}")
            bits = zip(*among, strict=True)
            m.d.comb += chosen.eq(
                Cat(any_of([bit & line for bit, line in zip(column, lines, strict=True)])
                    for column in bits)
            )  # fmt: skip
            pairs.append((chosen, value))
        return pairs


class JointBound(Dense):
    """Activations of a block come one a cycle; each meets the stored weight of its place, if any.

    A dot product has one multiplier for a block, whatever the density of the activations. Both
    operands carry their places, weights only where not all of a block are stored: DP1M4 with
    ``nonzeros = 4``, and DP1M8 with ``nonzeros = block = 8``.
    Liu, Whatmough, Zhu and Mattina, "S2TA" (HPCA 2022).
    """

    def __init__(self, block: int, nonzeros: int) -> None:
        self.block, self.nonzeros = block, nonzeros
        self.act_tag = (block - 1).bit_length()
        self.weight_tag = self.act_tag if nonzeros < block else 0

    def tag_weights(
        self, m: Module, weights: Sequence[Value], indices: Sequence[Value]
    ) -> tuple[Words, Value]:
        """See `Operands.tag_weights`; the places of a block must rise, else two could match."""
        faults = [
            indices[lane] <= indices[lane - 1]
            for lane in range(len(indices))
            if lane % self.nonzeros
        ]
        words: Words = [
            Cat(weight, index[: self.weight_tag])
            for weight, index in zip(weights, indices, strict=True)
        ]
        return words, any_of(faults)

    def pairs(self, m: Module, name: str, acts: Sequence[Value], weights: Sequence[Value]) -> Pairs:
        """See `Operands.pairs`."""
        pairs: Pairs = []
        for block, act in enumerate(acts):
            value, place = act[: -self.act_tag], act[-self.act_tag :]
            stored = weights[block * self.nonzeros :][: self.nonzeros]
            width = len(stored[0]) - self.weight_tag
            if self.weight_tag:
                lines: list[Value] = [weight[width:] == place for weight in stored]
            else:
                lines = decode(m, place, self.block, f"{name}_place{block}")
            met = Signal(width, name=f"{name}_weight{block}")
            m.d.comb += met.eq(
                any_of([weight[:width] & line.replicate(width)
                        for weight, line in zip(stored, lines, strict=True)])
            )  # fmt: skip
            pairs.append((value, met))
        return pairs


OPERANDS: Mapping[type[Sparsity], Callable[[SystolicSpec], Operands]] = {
    Sparsity: lambda spec: Dense(),
    sparsity.ZeroGated: lambda spec: ZeroGated(),
    sparsity.WeightBound: lambda spec: DensityBound(spec.block, spec.nonzeros),
    sparsity.JointBound: lambda spec: JointBound(spec.block, spec.nonzeros),
}
"""How each kind of sparsity treats operands."""


def operands_of(spec: SystolicSpec) -> Operands:
    """Return how the array's kind of sparsity treats operands."""
    return OPERANDS[type(spec.zeros)](spec)
