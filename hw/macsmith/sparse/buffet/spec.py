"""What a memory between a producer and a consumer of tiles is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants


@dataclass(frozen=True, kw_only=True)
class TileMemorySpec(UnitSpec):
    """A ring of words that a producer fills and a consumer reads by index, updates and gives back.

    Parameters
    ----------
    width:
        Bits of a word, 1 to 64.
    size:
        Words, 2 to 65536.
    pending:
        Words that may be read for an update and not be updated yet, 1 to 16.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    width: int = 16
    size: int = 64
    pending: int = 4

    operation: ClassVar[str] = "read"
    in_halves: ClassVar[bool] = False
    """Whether words are made available, and given back, a half of the memory at a time."""

    def __post_init__(self) -> None:
        check_int("width", self.width, range(1, 65))
        check_int("size", self.size, range(2, 65537))
        check_int("pending", self.pending, range(1, 17))

    @property
    def fill_layout(self) -> data.StructLayout:
        """Layout of a word that is filled in."""
        return data.StructLayout({"word": self.width})

    @property
    def command_layout(self) -> data.StructLayout:
        """Layout of a command.

        Members
        -------
        index
            Of a read, the word, counted from the head; of a shrink, how many words are given back.
        update
            Of a read: the word will be updated.
        shrink
            Whether it is a shrink, else a read.
        """
        return data.StructLayout({"index": range(self.size + 1), "update": 1, "shrink": 1})

    @property
    def update_layout(self) -> data.StructLayout:
        """Layout of an update: a word, counted from the head, and what it becomes."""
        return data.StructLayout({"index": range(self.size + 1), "new_word": self.width})

    @property
    def read_layout(self) -> data.StructLayout:
        """Layout of a word that was read."""
        return data.StructLayout({"read_word": self.width})

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from a read that can be done to its word."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {
            "i_fill": layout_of(self.fill_layout),
            "i_command": layout_of(self.command_layout),
            "i_update": layout_of(self.update_layout),
        }

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.read_layout)}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "size": 4, "pending": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "small"): {"width": 2, "size": 2, "pending": 1},
            ("", "no power of two"): {"width": 7, "size": 22, "pending": 3},
            ("", "wide"): {"width": 64, "size": 256, "pending": 16},
        }


class BuffetSpec(TileMemorySpec):
    """See `TileMemorySpec`."""

    summary: ClassVar[str] = "buffet: a memory that is read while it fills"


class DoubleBufferSpec(TileMemorySpec):
    """Two halves, of which one is filled while the other is read; see `TileMemorySpec`."""

    summary: ClassVar[str] = "double buffer: a half is filled while one is read"
    in_halves: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size % 2:
            raise UserError(
                f"size must be even, for two halves, not {self.size}; "
                f"the nearest is {self.size + 1}"
            )
