"""What a table of skips is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants


class Kind(IntEnum):
    """What a beat tells."""

    FETCH = 0
    WRITEBACK = 1
    ENTRY = 2
    CLEAR = 3


@dataclass(frozen=True, kw_only=True)
class SkipTableSpec(UnitSpec):
    """Which instructions need not be fetched, by registers that are known to be zero.

    Sen et al., "SparCE" (IEEE Transactions on Computers; arXiv 1711.06315): a flag a register that
    says whether it is zero, set where a result is written; and entries of an instruction's address,
    two registers, whether both or one of them must be zero, and how many instructions are skipped
    then. Whether to skip is decided before the instruction is fetched.

    Parameters
    ----------
    entries:
        Entries, 1 to 64; 20 are published.
    registers:
        Registers of the processor: 2, 4, 8, 16, 32 or 64.
    width:
        Bits of a result that is written, 1 to 64.
    address_width:
        Bits of an instruction's address, counted in instructions, 4 to 32.
    skip_width:
        Bits of the number of instructions that are skipped, 1 to 8, at most `address_width`.
    """

    entries: int = 20
    registers: int = 32
    width: int = 32
    address_width: int = 16
    skip_width: int = 5

    summary: ClassVar[str] = "table of instructions that registers of zero make needless"
    operation: ClassVar[str] = "beat"

    def __post_init__(self) -> None:
        check_int("entries", self.entries, range(1, 65))
        check_int("registers", self.registers, (2, 4, 8, 16, 32, 64))
        check_int("width", self.width, range(1, 65))
        check_int("address_width", self.address_width, range(4, 33))
        check_int("skip_width", self.skip_width, range(1, min(8, self.address_width) + 1))

    @property
    def register_bits(self) -> int:
        """Bits of a register's number."""
        return (self.registers - 1).bit_length()

    @property
    def place_bits(self) -> int:
        """Bits of an entry's place, at least 1; numbers beyond the last are an error."""
        return max(1, (self.entries - 1).bit_length())

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        kind
            A `Kind`: an instruction is to be fetched; a result has been written; an entry is to be
            kept; all entries and flags are to be forgotten.
        place
            Of an entry in the table.
        address
            Of the instruction that is to be fetched, or behind which an entry's are skipped.
        first, second
            An entry's registers; a result's is ``first``.
        both
            Whether both must be zero, else one of them.
        skip
            Instructions from ``address`` on that are skipped, 0 for an entry that is none.
        value
            A result.
        last
            The last beat of a packet, which nothing else depends on.
        """
        return data.StructLayout(
            {"kind": 2, "place": self.place_bits, "address": self.address_width,
             "first": self.register_bits, "second": self.register_bits, "both": 1,
             "skip": self.skip_width, "value": self.width, "last": 1}
        )  # fmt: skip

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of an output beat, an answer to each.

        Members
        -------
        address
            The instruction to be fetched instead, the same one if none is skipped; else 0.
        skipped
            Whether some are.
        last
            The same of the answers.
        error
            An entry has no place; or two entries have the fetched address: the first counts.
        """
        return data.StructLayout(
            {"address": self.address_width, "skipped": 1, "last": 1, "error": 1}
        )

    @property
    def most_quiet(self) -> int:
        """Cycles from a beat to its answer, at the most."""
        return 2

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from a beat to its answer."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {"i": layout_of(self.input_layout, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_layout, roles={"last": LAST})}

    @classmethod
    def mutated(cls) -> Variants:
        small = {
            "entries": 3, "registers": 2, "width": 2, "address_width": 4, "skip_width": 2,
        }  # fmt: skip
        return {("", "default"): small}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "one entry"): {
                "entries": 1, "registers": 2, "width": 1, "address_width": 4, "skip_width": 4,
            },
            ("", "odd sizes"): {
                "entries": 13, "registers": 16, "width": 17, "address_width": 9, "skip_width": 3,
            },
        }  # fmt: skip
