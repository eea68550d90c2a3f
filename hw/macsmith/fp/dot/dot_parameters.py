"""What a user sets of a dot-product unit: formats, alignment, accumulator; their rules."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import FORMATS, ROUNDINGS, NumberFormat
from macsmith.contract.unit import UnitSpec
from macsmith.fp.dot.points import DotPoint, dot_point, greatest_significand, scale_lsb

RAW = "raw"
"""The accumulator that is the exact sum, in fixed point."""

ACCUMULATORS = ("fp32", "fp16", "bf16", "dlfloat16", "e8m13", RAW)
"""What sums are kept in."""

ALIGNMENTS = ("exact", "window")
"""How terms come to one place: on a grid that holds all of them, or below the greatest exponent."""

TRUNCATIONS = ("toward-zero", "down", "sticky")
"""What becomes of a term's bits below the window; ``sticky`` leaves one bit that says any was 1."""

ORDERS = ("early", "late")
"""When a window takes the accumulator: as a term among the products, or after they are added."""

ACCUMULATIONS = ("add-then-round", "round-then-add")
"""Whether a beat's sum is rounded together with the accumulator, or by itself before that too."""

NANS = ("quiet", "ones")
"""The NaN of a result: the upper fraction bit alone, or all fraction bits."""

MOST_GRID = 256
"""Most bits of an exact sum of a beat."""


@dataclass(frozen=True, kw_only=True)
class FpDotParameters(UnitSpec):
    """Dot products of floating-point formats: one bit heap for all products of a beat.

    A beat gives ``acc = acc + sum of a_i b_i``, with the accumulator rounded once. Alignment
    ``exact`` adds without error. ``window`` is that of tensor cores: with E the greatest exponent
    of a term that is not zero, each term keeps ``fraction_bits`` bits below ``2^E``; what is left
    is added without error (Khattak and Mikaitis, arXiv 2512.07004; Fasi et al., PeerJ CS 2021).
    An exponent of a product is the sum of its operands'; a subnormal number has the least one.

    Parameters
    ----------
    products:
        Products of a beat of the widest formats, 1 to 64; where formats are half as wide, and
        their significands too, there are twice as many, of a quarter four times.
    formats:
        What a packet may be made of, each a point: see `macsmith.fp.dot.points.dot_point`.
    alignment:
        One of `ALIGNMENTS`.
    fraction_bits:
        Of a window, 2 to 48.
    truncation:
        Of a window, one of `TRUNCATIONS`.
    order:
        Of a window, one of `ORDERS`.
    acc:
        Format of the accumulator, one of `ACCUMULATORS`.
    result:
        Format of the results of a raw accumulator, which is rounded once, at the end; empty is the
        accumulator itself.
    rounding:
        ``nearest-even``, ``ties-away`` or ``toward-zero``, of all that is rounded to a format.
    nan:
        One of `NANS`.
    accumulate:
        One of `ACCUMULATIONS`.
    chunk:
        Beats of a chunk, to 4096; 0 for none. Chunks are added up by themselves, and their sums to
        an outer sum, both in the accumulator's format (Wang et al., NeurIPS 2018; Sun et al.,
        NeurIPS 2019). Field ``chunk`` of a packet's first beat shortens them; 0 leaves them.
    addend:
        Whether the first beat brings what the accumulator starts from.
    headroom:
        Guard bits of a raw accumulator, 0 to 64; it wraps.
    adder, arith, compressor:
        As of MACs: carry network, heap or operators, what reduces tall columns.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    products: int = 4
    formats: tuple[str, ...] = ("e4m3fn",)
    alignment: str = "exact"
    fraction_bits: int = 25
    truncation: str = "toward-zero"
    order: str = "early"
    acc: str = "fp32"
    result: str = ""
    rounding: str = "nearest-even"
    nan: str = "quiet"
    accumulate: str = "add-then-round"
    chunk: int = 0
    addend: bool = False
    headroom: int = 8
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("products", self.products, range(1, 65))
        for name, allowed in {
            "alignment": ALIGNMENTS, "truncation": TRUNCATIONS, "order": ORDERS,
            "acc": ACCUMULATORS, "result": ("", *ACCUMULATORS), "rounding": ROUNDINGS[:3],
            "nan": NANS, "accumulate": ACCUMULATIONS,
            "arith": ("heap", "operators"), "compressor": ("3:2", "4:2"),
            "adder": ("auto", "ripple", "brent-kung", "sklansky", "kogge-stone"),
        }.items():  # fmt: skip
            check_choice(name, getattr(self, name), allowed)
        check_int("fraction_bits", self.fraction_bits, range(2, 49))
        check_int("chunk", self.chunk, range(4097))
        check_int("headroom", self.headroom, range(65))
        check_flag("addend", self.addend)
        if not self.formats or len(set(self.formats)) < len(self.formats):
            raise UserError(f"formats must be one or more, each once, not {','.join(self.formats)}")
        for point in self.points:
            self._check_blocks(point)
        if sum(point.scale is not None and point.scale.name == "nv" for point in self.points) > 1:
            raise UserError(
                f"formats must have one with blocks of NVFP4's kind at most, not "
                f"{','.join(self.formats)}"
            )
        self._check_accumulator()
        if self.alignment == "exact" and self.grid_bits > MOST_GRID:
            raise UserError(
                f"alignment must be window for {self.formats[0]}, whose exact sum needs "
                f"{self.grid_bits} bits, not exact, which takes at most {MOST_GRID}"
                if len(self.formats) == 1
                else f"alignment must be window for {','.join(self.formats)}, whose exact sums "
                f"need a grid of {self.grid_bits} bits, not exact, which takes at most {MOST_GRID}"
            )

    def _check_blocks(self, point: DotPoint) -> None:
        """Refuse beats that share a block with others and hold one whole too."""
        if point.scale is None:
            return
        if point.scale.name == "nv" and (point.a.special or point.b.special):
            raise UserError(
                f"formats of blocks of NVFP4's kind must have neither NaN nor infinity, as e2m1 "
                f"has none, not {point}"
            )
        count, block = self.products_at(point), point.scale.block
        if count % block and block % count:
            raise UserError(
                f"products of {point} must divide its blocks of {block} or be a multiple of them, "
                f"not {count} a beat"
            )
        if self.alignment == "exact" and point.scale.name == "mx" and count > block:
            raise UserError(
                f"alignment must be window for {point} with {count} products a beat, as exponents "
                f"of blocks differ by more than {MOST_GRID} bits, not exact"
            )

    def _check_accumulator(self) -> None:
        """Refuse results that no accumulator has, and raw ones that are not exact."""
        if self.result not in ("", self.acc) and self.acc != RAW:
            raise UserError(
                f"result must be that of acc = {self.acc}, or acc raw, which is rounded once, "
                f"not {self.result}"
            )
        if self.accumulate != ACCUMULATIONS[0] and self._is_early:
            raise UserError(
                "order must be late for accumulate=round-then-add, as products are added first, "
                "not early"
            )
        if self.acc != RAW:
            return
        if self.chunk or self.accumulate != ACCUMULATIONS[0]:
            raise UserError(
                f"acc must be a floating-point format for "
                f"{f'chunk={self.chunk}' if self.chunk else f'accumulate={self.accumulate}'}, as a "
                f"raw one is not rounded, not raw"
            )
        if self.alignment != "exact":
            raise UserError(
                f"alignment must be exact for acc=raw, which keeps all bits, not {self.alignment}"
            )
        if self.addend:
            raise UserError("addend must be false for acc=raw, which starts from zero, not true")
        for point in self.points:
            if point.scale is not None and point.scale.name == "mx":
                raise UserError(
                    f"acc must be a floating-point format for {point}, whose scales reach over "
                    f"more than {MOST_GRID} bits, not raw"
                )

    @property
    def _is_early(self) -> bool:
        return self.alignment == "window" and self.order == "early"

    # What can be asked of it.

    @cached_property
    def points(self) -> tuple[DotPoint, ...]:
        """The formats, in order."""
        return tuple(map(dot_point, self.formats))

    @property
    def a_width(self) -> int:
        """Bits of the widest number ``a``."""
        return max(point.a.width for point in self.points)

    @property
    def b_width(self) -> int:
        """Bits of the widest number ``b``."""
        return max(point.b.width for point in self.points)

    @property
    def a_significand(self) -> int:
        """Bits of the longest significand of ``a``."""
        return max(point.a.significand_bits for point in self.points)

    @property
    def b_significand(self) -> int:
        """Bits of the longest significand of ``b``."""
        return max(point.b.significand_bits for point in self.points)

    def slots(self, point: DotPoint) -> int:
        """Return how many products share a multiplier: a power of two, as ports and bits allow."""
        fit = min(
            self.a_width // point.a.width,
            self.b_width // point.b.width,
            self.a_significand // point.a.significand_bits,
            self.b_significand // point.b.significand_bits,
        )
        return 1 << fit.bit_length() - 1

    @cached_property
    def scaled_point(self) -> DotPoint | None:
        """The point whose blocks have scales that are no powers of two, if there is one."""
        found = [point for point in self.points if point.scale and point.scale.name == "nv"]
        return found[0] if found else None

    def products_at(self, point: DotPoint) -> int:
        """Return the products of a beat."""
        return self.products * self.slots(point)

    def blocks(self, point: DotPoint) -> int:
        """Return how many blocks a beat holds whole or in part; 0 if none are scaled."""
        if point.scale is None:
            return 0
        return max(1, self.products_at(point) // point.scale.block)

    @property
    def result_name(self) -> str:
        """Format of the results, or raw."""
        return self.result or self.acc

    @property
    def acc_format(self) -> NumberFormat | None:
        """Format of the accumulator; None if it is raw."""
        return FORMATS.get(self.acc)

    @property
    def result_format(self) -> NumberFormat | None:
        """Format of the results; None if they are raw."""
        return FORMATS.get(self.result_name)

    @property
    def nan_code(self) -> int:
        """The code of NaN in results, without sign."""
        fmt = self.result_format
        assert fmt is not None and fmt.nan is not None
        return fmt.magnitudes - 1 if self.nan == "ones" else fmt.nan

    # The grid of exact sums.

    @property
    def grid_lsb(self) -> int:
        """The exponent of 2 that is the lowest bit of an exact sum."""
        return min(point.a.lsb + point.b.lsb + scale_lsb(point) for point in self.points)

    @property
    def grid_bits(self) -> int:
        """Bits of the exact sum of a beat in two's complement."""
        return 1 + max(map(self._most, self.points)).bit_length()

    def _most(self, point: DotPoint) -> int:
        """Return the greatest magnitude of a beat's sum, in units of the grid."""
        formats = [point.a, point.b]
        if point.scale is not None and point.scale.name == "nv":
            formats += [point.scale.format] * 2
        product = prod(greatest_significand(fmt) << fmt.span for fmt in formats)
        lsb = point.a.lsb + point.b.lsb + scale_lsb(point)
        return self.products_at(point) * product << lsb - self.grid_lsb

    @property
    def raw_bits(self) -> int:
        """Bits of a raw accumulator."""
        return self.grid_bits + self.headroom
