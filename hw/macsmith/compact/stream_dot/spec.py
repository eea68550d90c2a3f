"""What a dot product of a compact format is: a beat of lanes, sums over a packet, results."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.arith.chosen_heap import check_adding
from macsmith.compact.stream_dot.parts import Part, Parts, Total, layout_of_parts, struct_of
from macsmith.contract.checks import check_int
from macsmith.contract.stream import LAST, Layout
from macsmith.contract.unit import UnitSpec

MOST_HEADROOM = 32
"""Most guard bits of an accumulator."""


@dataclass(frozen=True, kw_only=True)
class StreamDotSpec(UnitSpec):
    """A dot product over the beats of a packet.

    Parameters
    ----------
    products:
        Products of a beat.
    headroom:
        Guard bits of each accumulator beyond what one beat needs, 0 to 32; accumulators wrap.
    adder, arith, compressor:
        As of MACs: carry network, heap or operators, what reduces tall columns.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    operation: ClassVar[str] = "MAC"
    most_products: ClassVar[int] = 64

    products: int = 1
    headroom: int = 8
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("products", self.products, range(1, self.most_products + 1))
        check_int("headroom", self.headroom, range(MOST_HEADROOM + 1))
        check_adding(self)

    @property
    @abstractmethod
    def operands(self) -> Parts:
        """What of a beat enters the core."""

    @property
    def rests(self) -> Mapping[str, str]:
        """Operands that a beat does not have, so that their registers rest, by the flag for it."""
        return {}

    @property
    def closing(self) -> Parts:
        """What of a packet's last beat passes the core by."""
        return {}

    @property
    @abstractmethod
    def totals(self) -> Mapping[str, Total]:
        """What is accumulated."""

    @property
    @abstractmethod
    def results(self) -> Parts:
        """What a packet gives."""

    @property
    def closing_stages(self) -> int:
        """Stages behind the accumulators: one if results are reckoned of them, else none."""
        return 0

    def operations(self, point: Any) -> int:
        return self.products

    def latency(self, point: Any) -> int:
        return 3 + self.closing_stages

    @cached_property
    def beat(self) -> Parts:
        """All that a beat holds."""
        return {**self.operands, **self.closing, "last": Part(1, role=LAST)}

    @cached_property
    def input_struct(self) -> data.StructLayout:
        """A beat: operands, what the last one brings besides, and whether it is the last."""
        return struct_of(self.beat)

    @cached_property
    def output_struct(self) -> data.StructLayout:
        """The results of a packet."""
        return struct_of(self.results)

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {"i": layout_of_parts(self.beat)}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of_parts(self.results)}

    def total_part(self, name: str) -> Part:
        """Return an accumulator as a part of a result."""
        shape = self.totals[name].shape
        return Part(shape.width, signed=shape.signed)
