"""What a dot product of weights that share values is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, check_sum, ends, product_ends
from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.unit import DEFAULT, Variants

ORDERS = ("look-up", "sums")
"""What comes first: a weight is looked up and multiplied, or activations are added by index."""


@dataclass(frozen=True, kw_only=True)
class SharedWeightSpec(StreamDotSpec):
    """Dot products of weights that share values: an index names an entry of a codebook.

    A beat brings products, or an entry of the codebook. With ``look-up`` entries come first, and
    each product reads its weight. With ``sums`` each index has an accumulator of activations; the
    entries come last, and each multiplies what its accumulator has, which is then empty: one
    multiplication for each entry. Han et al., "Deep compression" (ICLR 2016), and EIE (ISCA 2016).

    Parameters
    ----------
    products:
        Products of a beat, 1 to 64.
    entries:
        Of the codebook, 2 to 256.
    order:
        One of `ORDERS`.
    act_bits, act_signed, weight_bits, weight_signed:
        Operands; weights are those of the codebook, 2 to 16 bits.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "weights that share the values of a codebook"

    entries: int = 16
    order: str = "look-up"
    act_bits: int = 8
    act_signed: bool = False
    weight_bits: int = 8
    weight_signed: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_int("entries", self.entries, range(2, 257))
        check_choice("order", self.order, ORDERS)
        check_operand("act", self.act_bits, self.act_signed)
        check_operand("weight", self.weight_bits, self.weight_signed)
        check_sum(self.totals["sum"].shape.width, "operands and headroom")

    @property
    def index_bits(self) -> int:
        """Bits of an index."""
        return (self.entries - 1).bit_length()

    @property
    def bin(self) -> Total:
        """The sum of the activations of an index."""
        least, greatest = ends(self.act_bits, self.act_signed)
        return Total(self.products * least, self.products * greatest, self.headroom)

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds.

        Members
        -------
        a, index
            Activations, and which entries their weights are.
        entry
            Whether the beat brings an entry in place of products.
        place, value
            The entry.
        """
        return {
            "a": Part(self.act_bits, self.products, self.act_signed),
            "index": Part(self.index_bits, self.products),
            "entry": Part(1),
            "place": Part(self.index_bits),
            "value": Part(self.weight_bits, signed=self.weight_signed),
        }

    @property
    def rests(self) -> Mapping[str, str]:
        return {"a": "entry", "index": "entry"}

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        weights = ends(self.weight_bits, self.weight_signed)
        if self.order == "look-up":
            acts = ends(self.act_bits, self.act_signed)
            least, greatest = product_ends(acts, weights)
            least, greatest = self.products * least, self.products * greatest
        else:
            shape = self.bin.shape
            least, greatest = product_ends(ends(shape.width, shape.signed), weights)
        return {"sum": Total(least, greatest, self.headroom), "error": FLAG}

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum
            The sum of products.
        error
            Whether an index named an entry that the codebook has not, or, with ``look-up``, that
            was not loaded; such products, and such entries, are left out.
        """
        return {name: self.total_part(name) for name in self.totals}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "four products": {"products": 4, "act_signed": True},
    "odd": {"products": 3, "entries": 5, "weight_bits": 5},
    "256 entries": {"entries": 256, "weight_bits": 4},
    "sums": {"order": "sums"},
    "sums of four": {"order": "sums", "products": 4, "act_signed": True, "act_bits": 4},
    "sums, odd": {"order": "sums", "products": 2, "entries": 11, "weight_signed": False},
    "operators": {"order": "sums", "arith": "operators", "products": 2, "entries": 4},
}
"""Parameters of variants by kind."""
