"""What is asked of a dataflow: streams, tiles, cycles, and the words that they move."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from fractions import Fraction

from amaranth.lib import data

from macsmith.array.geometry import Geometry


@dataclass(frozen=True)
class Traffic:
    """Words that move between a unit and its memories, in all or per cycle.

    Members
    -------
    acts, weights:
        Operands that come in. Of density-bound weights those that are stored; indices do not count.
    sums:
        Sums that leave.
    kept:
        Sums that the unit's own memory takes in and gives back.
    """

    acts: Fraction
    weights: Fraction
    sums: Fraction
    kept: Fraction

    @property
    def words(self) -> Fraction:
        """All of them."""
        return sum(astuple(self), Fraction())


def scaled(traffic: Traffic, factor: int) -> Traffic:
    """Return the traffic of so many times as much."""
    return Traffic(*(words * factor for words in astuple(traffic)))


def added(one: Traffic, other: Traffic) -> Traffic:
    """Return the traffic of both."""
    return Traffic(*(a + b for a, b in zip(astuple(one), astuple(other), strict=True)))


class Movement(ABC):
    """A dataflow of an array: what a tile is, how long tiles take, and what they move.

    A GEMM of M x K by K x N runs tile by tile; those at the edges are padded with zeros.
    """

    chains_sums = False
    """Whether a dot product adds to a sum that comes in, instead of one that it keeps."""

    mixes_modes = False
    """Whether tiles may follow one another in different modes."""

    gives_rows = False
    """Whether a beat of sums is whole rows of a tile, rather than columns of a PE's width."""

    takes_serial_acts = False
    """Whether activations of a block may come one after the other."""

    repeats_steps = False
    """Whether a step may come again with other weights, for the passes of a dense block."""

    def __init__(self, spec: Geometry) -> None:
        self.spec = spec

    @property
    @abstractmethod
    def input_structs(self) -> Mapping[str, data.StructLayout]:
        """What a beat of each input stream holds."""

    @property
    @abstractmethod
    def output_struct(self) -> data.StructLayout:
        """What a beat of the output stream holds."""

    @property
    def act_pes(self) -> int:
        """PEs along the side of the grid at which activations come in."""
        return self.spec.rows

    @property
    def weight_pes(self) -> int:
        """PEs along the side at which weights come in."""
        return self.spec.cols

    @property
    def sum_pes(self) -> int:
        """PEs along the side at which sums leave."""
        return self.spec.cols

    @property
    def sum_line(self) -> int:
        """Neighbouring sums of a beat that lie in one row of C, or else in one column."""
        spec = self.spec
        if self.gives_rows:
            return spec.cols * spec.c
        return spec.c if spec.c > 1 else self.sum_pes * spec.a

    @property
    @abstractmethod
    def tile_interval(self) -> int:
        """Fewest cycles from a tile to the next, however few steps it has."""

    @property
    @abstractmethod
    def latency(self) -> int:
        """Cycles from an input beat's transfer to its first output beat, if that is taken."""

    @abstractmethod
    def cycles(self, m: int, n: int, k: int) -> int:
        """Return the cycles of a GEMM without stalls, from reset to the last output beat."""

    @abstractmethod
    def traffic(self, m: int, n: int, k: int) -> Traffic:
        """Return the words that a GEMM moves, padding included."""

    @abstractmethod
    def traffic_per_cycle(self, steps: int, layers: int = 1) -> Traffic:
        """Return the words per cycle of tiles of ``steps`` steps, ``layers`` tiles to a sum."""

    @property
    def step_cycles(self) -> int:
        """Cycles of a step: of joint density bounds the activations that a block keeps, else 1."""
        return self.spec.zeros.step_cycles

    def intensity(self, steps: int, layers: int = 1) -> Fraction:
        """Return the products per word, A_I, of tiles of ``steps`` steps."""
        products = Fraction(self.spec.products(self.spec.mac.modes[0]), self.step_cycles)
        return products / self.traffic_per_cycle(steps, layers).words
