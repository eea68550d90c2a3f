"""What a grid of PEs for compressed convolutions is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants

LANES = (1, 2, 4, 8)
"""Values of a vector."""

NUMBER = 32
"""Bits of a number that an answer gives."""


class Kind(IntEnum):
    """What a packet brings, as its first beat says."""

    ACT_ENDS = 0
    ACTS = 1
    WEIGHT_ENDS = 2
    WEIGHTS = 3
    RUN = 4
    RESULTS = 5


class Run(IntEnum):
    """The numbers of a run's packet, in order."""

    TILE_ROWS = 0
    TILE_COLS = 1
    KERNEL_ROWS = 2
    KERNEL_COLS = 3
    CHANNELS = 4
    GROUPS = 5
    OUT_ROWS = 6
    OUT_COLS = 7
    SHIFT = 8
    FLAGS = 9


@dataclass(frozen=True, kw_only=True)
class ScnnSpec(UnitSpec):
    """A grid of PEs that multiply non-zero activations by non-zero weights, all by all.

    Parashar et al., "SCNN" (ISCA 2017): 8 x 8 PEs, 4 by 4 values of 16 bits, groups of 8 output
    channels, 32 banks of 32 accumulators of 24 bits, runs of 4 bits, memories of 10 KB each.

    Parameters
    ----------
    rows, cols:
        Of PEs, 1 to 8.
    acts, weights:
        Activations and weights of a vector: 1, 2, 4 or 8.
    group:
        Output channels that are added up at a time: 1, 2, 4, 8 or 16.
    data_width:
        Bits of an activation and of a result, 4 to 24; signed.
    weight_width:
        Bits of a weight, 2 to 16; signed.
    acc_width:
        Bits of an accumulator, 8 to 32; sums are modulo.
    index:
        Bits of the zeros before an entry, 1 to 8.
    tile:
        The most rows and columns of a PE's activations, 2 to 16.
    kernel:
        The most rows and columns of a filter, 1 to 8, at most one more than `tile`.
    banks:
        Of accumulators: 1, 2, 4 and so on to 64.
    ports:
        Products that can enter a bank's queue in a cycle, 1 to 4.
    queue:
        Products that wait at a bank: 2, 4, 8 or 16; at least `ports`.
    channels:
        The most channels of activations, and of results: a multiple of `group` to 1024.
    act_words, weight_words:
        Vectors of activations and of weights that a PE has room for, 2 to 65536.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    rows: int = 2
    cols: int = 2
    acts: int = 2
    weights: int = 2
    group: int = 4
    data_width: int = 8
    weight_width: int = 8
    acc_width: int = 24
    index: int = 4
    tile: int = 4
    kernel: int = 3
    banks: int = 8
    ports: int = 2
    queue: int = 4
    channels: int = 16
    act_words: int = 64
    weight_words: int = 256

    summary: ClassVar[str] = "convolution of compressed operands: non-zeros by non-zeros"
    operation: ClassVar[str] = "beat"

    def __post_init__(self) -> None:
        check_int("rows", self.rows, range(1, 9))
        check_int("cols", self.cols, range(1, 9))
        check_int("acts", self.acts, LANES)
        check_int("weights", self.weights, LANES)
        check_int("group", self.group, (1, 2, 4, 8, 16))
        check_int("data_width", self.data_width, range(4, 25))
        check_int("weight_width", self.weight_width, range(2, 17))
        check_int("acc_width", self.acc_width, range(8, 33))
        check_int("index", self.index, range(1, 9))
        check_int("tile", self.tile, range(2, 17))
        check_int("kernel", self.kernel, range(1, 9))
        check_int("banks", self.banks, (1, 2, 4, 8, 16, 32, 64))
        check_int("ports", self.ports, range(1, 5))
        check_int("queue", self.queue, (2, 4, 8, 16))
        check_int("channels", self.channels, range(1, 1025))
        check_int("act_words", self.act_words, range(2, 65537))
        check_int("weight_words", self.weight_words, range(2, 65537))
        if self.kernel > self.tile + 1:
            raise UserError(
                f"kernel must be at most {self.tile + 1} for tile = {self.tile}, "
                f"not {self.kernel}; the nearest is {self.tile + 1}"
            )
        if self.ports > self.queue:
            raise UserError(
                f"queue must be at least ports = {self.ports}, not {self.queue}; the nearest is 4"
            )
        if self.channels % self.group:
            near = max(1, round(self.channels / self.group)) * self.group
            raise UserError(
                f"channels must be a multiple of group = {self.group}, not {self.channels}; "
                f"the nearest is {near}"
            )
        if self.data_width > self.acc_width:
            raise UserError(
                f"acc_width must be at least data_width = {self.data_width}, "
                f"not {self.acc_width}; the nearest is {self.data_width}"
            )

    @property
    def pes(self) -> int:
        """PEs, numbered row by row."""
        return self.rows * self.cols

    @property
    def lanes(self) -> int:
        """Products of a PE in a cycle."""
        return self.acts * self.weights

    @property
    def groups(self) -> int:
        """The most groups of a run."""
        return self.channels // self.group

    @property
    def act_bits(self) -> int:
        """Bits of an activation's entry: its value, and above it the zeros before it."""
        return self.data_width + self.index

    @property
    def weight_bits(self) -> int:
        """Bits of a weight's entry."""
        return self.weight_width + self.index

    @property
    def plane(self) -> int:
        """The most accumulators of an output channel: a tile and its halo."""
        return (self.tile + self.kernel - 1) ** 2

    @property
    def bank_depth(self) -> int:
        """Accumulators of a bank."""
        return max(2, -(-self.plane * self.group // self.banks))

    @property
    def product_bits(self) -> int:
        """Bits of a product that are added."""
        return min(self.data_width + self.weight_width, self.acc_width)

    @property
    def row_bits(self) -> int:
        """Bits of an accumulator's place in its bank."""
        return (self.bank_depth - 1).bit_length()

    @property
    def queued_bits(self) -> int:
        """Bits of a product that waits: it, and above it its accumulator's place."""
        return self.product_bits + self.row_bits

    @property
    def pe_bits(self) -> int:
        """Bits of the number of a PE, at least 1."""
        return max(1, (self.pes - 1).bit_length())

    @property
    def beat_lanes(self) -> int:
        """Entries of a beat."""
        return max(self.acts, self.weights)

    @property
    def beat_entry(self) -> int:
        """Bits of each of them."""
        return max(self.act_bits, self.weight_bits)

    @property
    def number_bits(self) -> int:
        """Bits of a number that a packet brings."""
        most = max(
            self.act_words, self.weight_words, self.channels, self.tile * max(self.rows, self.cols),
            self.acc_width, 3,
        )  # fmt: skip
        return (most + 1).bit_length()

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        data
            Entries of a vector, the first lowest.
        number
            An end of a channel, counted in vectors, or one of a run's numbers.
        pe
            Whose activations or results they are; read with a packet's first beat.
        kind
            A `Kind`, read with a packet's first beat.
        last
            The packet's last beat.
        """
        return data.StructLayout(
            {"data": self.beat_lanes * self.beat_entry, "number": self.number_bits,
             "pe": self.pe_bits, "kind": 3, "last": 1}
        )  # fmt: skip

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of an output beat.

        Members
        -------
        data
            A vector of results, the first entry lowest; else 0.
        number
            An end of a channel of results; of a run its cycles, conflicts and waits; else 0.
        last
            The last beat of an answer.
        error
            With it: the packet does not fit, or a run met what is out of range.
        """
        return data.StructLayout(
            {"data": self.acts * self.act_bits, "number": NUMBER, "last": 1, "error": 1}
        )

    @property
    def most_quiet(self) -> int:
        """Cycles from a packet's last beat to its answer; of a run, of the smallest."""
        return 64 + 8 * self.plane * self.channels

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from the last beat of a load to its answer."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {"i": layout_of(self.input_layout, {"data": self.beat_lanes}, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_layout, {"data": self.acts}, roles={"last": LAST})}

    @classmethod
    def mutated(cls) -> Variants:
        small = {
            "rows": 1, "cols": 2, "acts": 2, "weights": 2, "group": 2, "data_width": 4,
            "weight_width": 2, "acc_width": 8, "index": 1, "tile": 2, "kernel": 2, "banks": 4,
            "ports": 1, "queue": 2, "channels": 2, "act_words": 4, "weight_words": 8,
        }  # fmt: skip
        return {("", "default"): small}

    @classmethod
    def variants(cls) -> Variants:
        tight = {"channels": 8, "act_words": 32, "weight_words": 64}
        return {
            ("", "default"): {},
            ("", "one pe"): {"rows": 1, "cols": 1, "acts": 1, "banks": 2, **tight},
            ("", "published vectors"): {
                "rows": 1, "acts": 4, "weights": 4, "group": 8, "banks": 32, "data_width": 16,
                "weight_width": 16, **tight,
            },
            ("", "odd sizes"): {
                "rows": 3, "cols": 2, "acts": 2, "weights": 4, "group": 4, "data_width": 7,
                "weight_width": 5, "acc_width": 19, "index": 2, "tile": 5, "kernel": 4,
                "banks": 8, "ports": 3, "act_words": 21, "weight_words": 45, "channels": 12,
            },
            ("", "few queues"): {
                "acts": 2, "weights": 2, "group": 1, "banks": 1, "ports": 1, "queue": 2, "tile": 3,
                "data_width": 24, "acc_width": 32, "index": 8, "rows": 1, **tight,
            },
        }  # fmt: skip
