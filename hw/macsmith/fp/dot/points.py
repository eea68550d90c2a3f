"""What a dot-product unit can be asked to do: two number formats, and a scale of their blocks."""

from dataclasses import dataclass

from macsmith.contract.errors import UserError, nearest
from macsmith.contract.number_format import FORMATS, NumberFormat, number_format


@dataclass(frozen=True)
class BlockScale:
    """What elements of a block share: a number that each is multiplied by.

    Members
    -------
    name
        What points begin with that have it.
    format
        Of the scale; its sign is ignored.
    block
        Elements that share one.
    """

    name: str
    format: NumberFormat
    block: int


SCALES = {
    one.name: one
    for one in (
        BlockScale("mx", FORMATS["e8m0"], 32),
        BlockScale("nv", FORMATS["e4m3fn"], 16),
    )
}
"""OCP Microscaling Formats v1.0, and NVFP4's."""

NAMED = {
    "mxfp8": "mx-e4m3fn",
    "mxfp8-e4m3": "mx-e4m3fn",
    "mxfp8-e5m2": "mx-e5m2",
    "mxfp6-e3m2": "mx-e3m2",
    "mxfp6-e2m3": "mx-e2m3",
    "mxfp4": "mx-e2m1",
    "mxint8": "mx-mxint8",
    "nvfp4": "nv-e2m1",
}
"""Formats of blocks by their published names."""


@dataclass(frozen=True)
class DotPoint:
    """Products of numbers of format ``a`` and of format ``b``, which blocks may scale."""

    name: str
    a: NumberFormat
    b: NumberFormat
    scale: BlockScale | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def act_bits(self) -> int:
        """Bits of a number ``a``, an activation of arrays."""
        return self.a.width

    @property
    def weight_bits(self) -> int:
        """Bits of a number ``b``, a weight of arrays."""
        return self.b.width

    @property
    def special(self) -> bool:
        """Whether an operand or a scale may be no number."""
        return self.a.special or self.b.special or self.scale is not None


def dot_point(text: str) -> DotPoint:
    """Return the point of a name: ``fp16``, ``e4m3fnxe5m2``, ``mx-e4m3fnxe2m1``, ``nvfp4``.

    Raises
    ------
    UserError
        If there are no such formats.
    """
    kind, dash, pair = NAMED.get(text, text).partition("-")
    scale = SCALES.get(kind) if dash else None
    pair = pair if scale else NAMED.get(text, text)
    a, b = _formats(pair, text)
    for one in (a, b):
        if not one.signed:
            raise UserError(f"formats must be of numbers with a sign, not {one} in {text!r}")
    return DotPoint(text, a, b, scale)


def _formats(pair: str, text: str) -> tuple[NumberFormat, NumberFormat]:
    for at in [place for place, letter in enumerate(pair) if letter == "x"]:
        try:
            return number_format(pair[:at]), number_format(pair[at + 1 :])
        except UserError:
            continue
    try:
        both = number_format(pair)
    except UserError as error:
        if pair.startswith("e") and pair[1:2].isdigit() and "x" not in pair:
            raise
        hint = nearest(text, [*FORMATS, *NAMED])
        raise UserError(
            f"formats must be a format, two with an x between them, or a format of blocks, "
            f"not {text!r}; {hint}"
        ) from error
    return both, both


def greatest_significand(fmt: NumberFormat) -> int:
    """Return the greatest significand of a format: of integers that of the least number."""
    return 1 << fmt.fraction_bits if fmt.integer else (2 << fmt.fraction_bits) - 1


def scale_lsb(point: DotPoint) -> int:
    """Return the exponent of the least product of two scales, where exact sums hold it."""
    if point.scale is None or point.scale.name != "nv":
        return 0
    return 2 * point.scale.format.lsb
