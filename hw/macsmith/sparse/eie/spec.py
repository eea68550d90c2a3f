"""What an engine for compressed sparse columns is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from amaranth.lib import data

from macsmith.contract.checks import check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants

PES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Numbers of PEs: row i lies in PE i modulo their number."""

CYCLES = 32
"""Bits of the count of cycles."""


class Kind(IntEnum):
    """What a packet brings, as its first beat says."""

    CODEBOOK = 0
    POINTERS = 1
    ENTRIES = 2
    RUN = 3


@dataclass(frozen=True, kw_only=True)
class EieSpec(UnitSpec):
    """A row of PEs, each with some rows of a weight matrix in compressed sparse columns.

    Han et al., "EIE: Efficient Inference Engine on Compressed Deep Neural Network" (ISCA 2016): 64
    PEs, codebooks of 16 weights of 16 bits, indices of 4 bits, queues of 8, files of 64 activations
    of 16 bits, pointers of 16 bits, words of 8 entries.

    Parameters
    ----------
    pes:
        PEs, a power of two from 1 to 256.
    data_width:
        Bits of an activation and of an accumulator, 4 to 24; signed, modulo.
    value_bits:
        Bits of a stored weight, 2 to 16.
    codebook:
        Whether a stored weight is the place of a weight in a codebook, else it is the weight.
    weight_width:
        Bits of a weight in the codebook, 2 to 24; signed.
    shift:
        Places by which a product is shifted down before it is added, 0 to 24.
    index:
        Bits of the zeros before an entry, 1 to 8.
    queue:
        Activations that wait in each PE, 1 to 256.
    pointer_width:
        Bits of a pointer, 4 to 24; it counts the entries of a PE.
    lanes:
        Entries of a memory's word: 1, 2, 4 or 8.
    words:
        Words of entries of a PE, 2 to 65536.
    depth:
        Activations, and accumulators, of a PE: 2 to 4096.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    pes: int = 4
    data_width: int = 16
    value_bits: int = 4
    codebook: bool = True
    weight_width: int = 16
    shift: int = 8
    index: int = 4
    queue: int = 8
    pointer_width: int = 16
    lanes: int = 8
    words: int = 256
    depth: int = 64

    summary = "sparse matrix by sparse vector, in compressed columns"
    operation = "beat"

    def __post_init__(self) -> None:
        check_int("pes", self.pes, PES)
        check_int("data_width", self.data_width, range(4, 25))
        check_int("value_bits", self.value_bits, range(2, 17))
        check_flag("codebook", self.codebook)
        check_int("weight_width", self.weight_width, range(2, 25))
        check_int("shift", self.shift, range(25))
        check_int("index", self.index, range(1, 9))
        check_int("queue", self.queue, range(1, 257))
        check_int("pointer_width", self.pointer_width, range(4, 25))
        check_int("lanes", self.lanes, (1, 2, 4, 8))
        check_int("words", self.words, range(2, 65537))
        check_int("depth", self.depth, range(2, 4097))
        if self.codebook and self.value_bits > 8:
            raise UserError(
                f"value_bits must be at most 8 if codebook = True, not {self.value_bits}; "
                "the nearest is 8"
            )
        if self.lanes * self.entry_bits > 64:
            fits = max(lanes for lanes in (1, 2, 4, 8) if lanes * self.entry_bits <= 64)
            raise UserError(
                f"lanes must be at most {fits} for entries of {self.entry_bits} bits, "
                f"not {self.lanes}; the nearest is {fits}"
            )
        if self.entries >= 2**self.pointer_width:
            raise UserError(
                f"words must be at most {(2**self.pointer_width - 1) // self.lanes} for "
                f"pointers of {self.pointer_width} bits, not {self.words}"
            )

    @property
    def entries(self) -> int:
        """Entries that a PE has room for."""
        return self.words * self.lanes

    @property
    def columns(self) -> int:
        """The most columns of a matrix, and its most rows."""
        return self.pes * self.depth

    @property
    def entry_bits(self) -> int:
        """Bits of an entry: its value in the low bits, the zeros before it above."""
        return self.value_bits + self.index

    @property
    def used_weight(self) -> int:
        """Bits of what is multiplied."""
        return self.weight_width if self.codebook else self.value_bits

    @property
    def pe_bits(self) -> int:
        """Bits of the number of a PE, at least 1."""
        return max(1, (self.pes - 1).bit_length())

    @property
    def header(self) -> data.StructLayout:
        """Layout of the first beat of a run, in the low bits of its data.

        Members
        -------
        inputs, outputs
            Columns and rows of the matrix, from 1.
        relu
            Results below zero become zero.
        chain
            The activations are the results of the run before, and do not follow.
        """
        return data.StructLayout(
            {"inputs": range(self.columns + 1), "outputs": range(self.columns + 1),
             "relu": 1, "chain": 1}
        )  # fmt: skip

    @property
    def beat_bits(self) -> int:
        """Bits of a beat's data."""
        return max(
            self.lanes * self.entry_bits, self.weight_width, self.pointer_width, self.data_width,
            self.header.size,
        )  # fmt: skip

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        data
            In its low bits: a weight of the codebook, from place 0 up; a pointer, from column 0 to
            the one after the last; entries, the first lowest; or a run's header, then activations.
        pe
            Whose pointers or entries they are; read with a packet's first beat.
        kind
            A `Kind`, read with a packet's first beat.
        last
            The packet's last beat.
        """
        return data.StructLayout({"data": self.beat_bits, "pe": self.pe_bits, "kind": 2, "last": 1})

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of an output beat.

        Members
        -------
        value
            Of a run its results, row by row; 0 in the answer to any other packet.
        last
            The last beat of an answer.
        error
            With it: the packet does not fit, or a run met pointers or indices out of range.
        cycles
            With it: clock cycles of a run from the first scan to the last accumulation; else 0.
        """
        return data.StructLayout(
            {"value": self.data_width, "last": 1, "error": 1, "cycles": CYCLES}
        )

    @property
    def most_quiet(self) -> int:
        """Cycles from a packet's last beat to its answer; of a run, all entries and all sums."""
        return 64 + self.words * self.lanes + 4 * self.depth

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from the last beat of a codebook to its answer."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {"i": layout_of(self.input_layout, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_layout, signed=("value",), roles={"last": LAST})}

    @classmethod
    def mutated(cls) -> Variants:
        small = {
            "pes": 2, "words": 4, "depth": 4, "lanes": 2, "queue": 2, "value_bits": 2, "index": 1,
            "weight_width": 4, "data_width": 6, "shift": 1, "pointer_width": 4,
        }  # fmt: skip
        return {("", "default"): small}

    @classmethod
    def variants(cls) -> Variants:
        tight = {"words": 8, "depth": 8}
        return {
            ("", "default"): {},
            ("", "one pe"): {"pes": 1, "queue": 1, **tight},
            ("", "weights as they are"): {
                "codebook": False, "value_bits": 8, "index": 8, "pes": 2, "lanes": 4, **tight,
            },
            ("", "odd sizes"): {
                "pes": 8, "queue": 3, "words": 13, "depth": 5, "lanes": 2, "value_bits": 3,
                "index": 1, "weight_width": 7, "data_width": 11, "shift": 3, "pointer_width": 6,
            },
            ("", "an entry a word"): {"lanes": 1, "queue": 16, "shift": 0, **tight},
        }  # fmt: skip
