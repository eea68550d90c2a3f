"""What lanes that skip zero activations are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants

CYCLES = 32
"""Bits of the count of cycles."""


class Kind(IntEnum):
    """What a packet brings, as its first beat says."""

    BRICKS = 0
    WEIGHTS = 1
    RUN = 2


class Run(IntEnum):
    """The numbers of a run's packet, in order."""

    WINDOWS = 0
    BRICKS = 1
    STEP = 2


@dataclass(frozen=True, kw_only=True)
class CnvlutinSpec(UnitSpec):
    """Lanes that each take their bricks of activations without the zeros, for some filters at once.

    Albericio et al., "Cnvlutin" (ISCA 2016): 16 lanes, bricks of 16 activations of 16 bits, and 16
    filters a unit.

    Parameters
    ----------
    lanes:
        Lanes, 1 to 16.
    brick:
        Activations of a brick: 2, 4, 8 or 16.
    filters:
        Output channels that are added up at once, 1 to 16.
    data_width, weight_width:
        Bits of an activation and of a weight, 2 to 24 and 2 to 16; signed.
    acc_width:
        Bits of a sum, 8 to 48; modulo.
    bricks:
        Bricks that a lane has room for, 2 to 4096.
    window:
        The most bricks of a window that are a lane's, 1 to 256, at most `bricks`.
    windows:
        The most windows of a run, 1 to 1024.
    """

    lanes: int = 4
    brick: int = 16
    filters: int = 4
    data_width: int = 8
    weight_width: int = 8
    acc_width: int = 24
    bricks: int = 32
    window: int = 8
    windows: int = 16

    summary: ClassVar[str] = "lanes that skip zero activations of bricks with offsets"
    operation: ClassVar[str] = "beat"

    def __post_init__(self) -> None:
        check_int("lanes", self.lanes, range(1, 17))
        check_int("brick", self.brick, (2, 4, 8, 16))
        check_int("filters", self.filters, range(1, 17))
        check_int("data_width", self.data_width, range(2, 25))
        check_int("weight_width", self.weight_width, range(2, 17))
        check_int("acc_width", self.acc_width, range(8, 49))
        check_int("bricks", self.bricks, range(2, 4097))
        check_int("window", self.window, range(1, 257))
        check_int("windows", self.windows, range(1, 1025))
        if self.window > self.bricks:
            raise UserError(
                f"window must be at most bricks = {self.bricks}, not {self.window}; "
                f"the nearest is {self.bricks}"
            )

    @property
    def offset_bits(self) -> int:
        """Bits of a place in a brick."""
        return (self.brick - 1).bit_length()

    @property
    def entry_bits(self) -> int:
        """Bits of an entry: its value, its place in the brick, whether it is the brick's last."""
        return self.data_width + self.offset_bits + 1

    @property
    def product_bits(self) -> int:
        """Bits of a product."""
        return self.data_width + self.weight_width

    @property
    def lane_bits(self) -> int:
        """Bits of the number of a lane, at least 1."""
        return max(1, (self.lanes - 1).bit_length())

    @property
    def places(self) -> int:
        """Entries that a lane has room for."""
        return self.bricks * self.brick

    @property
    def rows(self) -> int:
        """Rows of weights of a lane."""
        return self.window * self.brick

    @property
    def number_bits(self) -> int:
        """Bits of a number of a run."""
        return (max(self.windows, self.bricks) + 1).bit_length()

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        entry
            An entry of a lane; each brick has as many places as activations, whatever it uses.
        weights
            Of all filters for one activation of a window, filter 0 lowest.
        number
            One of a run's numbers.
        lane
            Whose they are; read with a packet's first beat.
        kind
            A `Kind`, read with a packet's first beat.
        last
            The packet's last beat.
        """
        return data.StructLayout(
            {"entry": self.entry_bits, "weights": self.filters * self.weight_width,
             "number": self.number_bits, "lane": self.lane_bits, "kind": 2,
             "last": 1}
        )  # fmt: skip

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of an output beat.

        Members
        -------
        sums
            Of a run those of a window, filter 0 lowest; 0 in the answer to any other packet.
        last
            The last beat of an answer.
        error
            With it: the packet does not fit, or a run met a brick without an end.
        cycles
            With it: clock cycles of a run from the first entry read to the last sum; else 0.
        """
        return data.StructLayout(
            {"sums": self.filters * self.acc_width, "last": 1, "error": 1, "cycles": CYCLES}
        )

    @property
    def most_quiet(self) -> int:
        """Cycles from a packet's last beat to its answer; of a run, the most."""
        return 16 + self.windows * self.window * self.brick

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from the last beat of a load to its answer."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        lanes = {"weights": self.filters}
        return {"i": layout_of(self.input_layout, lanes, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        lanes = {"sums": self.filters}
        return {"o": layout_of(self.output_layout, lanes, ("sums",), roles={"last": LAST})}

    @classmethod
    def mutated(cls) -> Variants:
        small = {
            "lanes": 2, "brick": 2, "filters": 2, "data_width": 3, "weight_width": 2,
            "acc_width": 8, "bricks": 3, "window": 2, "windows": 2,
        }  # fmt: skip
        return {("", "default"): small}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "one lane"): {"lanes": 1, "filters": 1, "bricks": 9, "windows": 5},
            ("", "published widths"): {
                "lanes": 16, "data_width": 16, "weight_width": 16, "acc_width": 40, "bricks": 8,
                "window": 4, "filters": 2,
            },
            ("", "odd sizes"): {
                "lanes": 3, "brick": 4, "filters": 5, "data_width": 7, "weight_width": 5,
                "acc_width": 13, "bricks": 11, "window": 11, "windows": 7,
            },
        }  # fmt: skip
