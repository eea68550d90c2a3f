"""What an array asks of floating-point MACs: widths, routes, stages, and the accumulator's word."""

from dataclasses import dataclass
from typing import ClassVar

from macsmith.contract.bit_routes import Source
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.dot.points import DotPoint
from macsmith.fp.dot.spec import FpDotSpec

KIND_BITS = 2
"""Bits above a raw sum of formats with NaN or infinity: 0 a number, 1 NaN, 2 and 3 infinities."""


@dataclass(frozen=True, kw_only=True)
class FloatMacSpec(FpDotSpec):
    """One dot product of a PE, as `fp-dot` adds it up: exact or in a window, rounded once a step.

    Sums begin at the positive zero. Those of formats are codes; a raw sum is two's complement, with
    `KIND_BITS` above it if an operand may be no number, and zero then.

    Parameters
    ----------
    stages:
        Cycles from the operands' registers to the accumulator: 1; 2 with registers of products; 3
        with those of their sum, or of the aligned terms, as well.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    arithmetic: ClassVar[str] = "floating"
    """What golden models and tools tell from integers."""

    any_weights: ClassVar[bool] = True
    act_signed: ClassVar[bool] = False
    weight_signed: ClassVar[bool] = False
    result_signed: ClassVar[bool] = False
    marks_pauses: ClassVar[bool] = True
    """Whether a step of zeros is something: infinity times zero is, and zeros have signs."""

    product_groups: ClassVar[tuple[()]] = ()
    acc_groups: ClassVar[tuple[()]] = ()
    acc_control_sets: ClassVar[tuple[()]] = ()

    stages: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        check_int("stages", self.stages, range(1, 4))
        for point in self.points:
            if point.scale is not None:
                raise UserError(
                    f"mac.formats must be of numbers without scales in an array, whose lanes carry "
                    f"no scales, such as {point.a}x{point.b}, not {point}"
                )

    @property
    def modes(self) -> tuple[DotPoint, ...]:
        """What arrays call its points."""
        return self.points

    @property
    def control_sets(self) -> tuple[frozenset[DotPoint], ...]:
        """The points in which each line of the core's port ``control`` is up."""
        return tuple(frozenset({point}) for point in self.points) if len(self.points) > 1 else ()

    # What an element of a dot product is: a lane.

    def element_products(self, point: DotPoint) -> int:
        """Return the products of a lane."""
        return self.slots(point)

    def element_acts(self, point: DotPoint) -> int:
        """Return the numbers ``a`` of a lane."""
        return self.slots(point)

    def element_weights(self, point: DotPoint) -> int:
        """Return the numbers ``b`` of a lane."""
        return self.slots(point)

    def element_slots(self, point: DotPoint) -> int:
        """Return the accumulators of a lane, whose products are all added."""
        return 1

    def element_act_source(self, point: DotPoint) -> tuple[Source, ...]:
        """Return, for each bit of a lane's ``a``, its bit of the numbers side by side."""
        return _packed(self.slots(point) * point.a.width, self.a_width)

    def element_weight_source(self, point: DotPoint) -> tuple[Source, ...]:
        """Return the same of ``b``."""
        return _packed(self.slots(point) * point.b.width, self.b_width)

    # The accumulator.

    @property
    def has_kind(self) -> bool:
        """Whether a raw sum may be no number."""
        return any(point.special for point in self.points)

    @property
    def acc_width(self) -> int:
        """Bits of the accumulator."""
        if self.acc_format is not None:
            return self.acc_format.width
        return self.raw_bits + KIND_BITS * self.has_kind

    def acc_bits(self, point: DotPoint) -> int:
        """Return the bits of the accumulator, the same at all points."""
        return self.acc_width

    def slot_source(self, point: DotPoint) -> tuple[int, ...]:
        """Return, for each bit of a sum, its bit of the accumulator."""
        return tuple(range(self.acc_width))

    @property
    def rounded_format(self) -> NumberFormat:
        """The format of accumulators that are none of whole numbers.

        Raises
        ------
        ValueError
            If sums are raw.
        """
        if self.acc_format is None:
            raise ValueError("acc must be a floating-point format, not raw")
        return self.acc_format


def _packed(used: int, width: int) -> tuple[Source, ...]:
    return (*range(used), *[None] * (width - used))
