"""The bit heap: a sum of weighted bits, reduced column by column and then added."""

from dataclasses import dataclass
from itertools import zip_longest

from amaranth import Cat, Const, Module, Signal, Value, ValueLike

from macsmith.arith.compressor_plan import MIXED, SHARED
from macsmith.arith.compressor_tree import Bit, Columns, compress, compress_as_planned, planned
from macsmith.arith.prefix_adder import add_columns, columns_required

Sign = Value | bool
"""Whether something holds: known when the unit is built, or told by a control bit."""


def constant_sign(sign: Sign) -> bool | None:
    """Return what is known of a sign when the unit is built, or None for a control bit."""
    if isinstance(sign, Const):
        return bool(sign.value)
    return sign if isinstance(sign, bool) else None


@dataclass(frozen=True)
class Rows:
    """A sum that is not yet added up: bits by column, lowest first, and a constant."""

    columns: tuple[tuple[Bit, ...], ...]
    constant: int = 0

    @classmethod
    def of(cls, word: Value) -> "Rows":
        """Return a word as rows; a signed one's top bit is ``-b 2^w = (1 - b) 2^w - 2^w``."""
        columns = [(Bit(0, bit),) for bit in word]
        if not word.shape().signed:
            return cls(tuple(columns))
        return cls((*columns[:-1], (Bit(0, ~word[-1]),)), -1 << (len(word) - 1))


class BitHeap:
    """A sum of bits modulo ``2 ** width``, each bit with a weight and a sign.

    A negative bit ``-b 2^w`` enters as ``(1 - b) 2^w - 2^w``: inverted, and its constant is folded
    with the others (Baugh and Wooley, 1973). Where a control bit decides the sign, the constant
    is that control bit in the columns where it is due. No sign is ever extended by copies.

    Columns are reduced by `macsmith.arith.compressor_tree`.

    Parameters
    ----------
    m:
        The module that receives the adder cells.
    width:
        Bits of the sum.
    name:
        Prefix of the cells' names.
    network:
        How the last two rows are added, a name of `prefix_adder.NETWORKS`; ripple goes on
        with full adders down to one row, the least area.
    leaves:
        Whether full and half adders are leaf modules, which may become library cells. These pay
        behind the inputs; behind them logic synthesis cannot see how late its own gates are. A
        ripple always has them.
    wide:
        Whether 4:2 compressors are used besides full adders.
    by_cells:
        Whether arrivals count delays of mapped cells, pin by pin, rather than levels of XOR; the
        three that follow need it.
    full_adder:
        Form of full adders, of `compressor_plan.FULL_ADDERS`.
    stages:
        Whether columns shrink together by Dadda's heights.
    operators:
        Whether all is left to ``+`` operators, for carry chains and datapath synthesis.
    """

    def __init__(
        self,
        m: Module,
        width: int,
        name: str,
        *,
        network: str = "auto",
        leaves: bool = True,
        wide: bool = False,
        operators: bool = False,
        by_cells: bool = False,
        full_adder: str = SHARED,
        stages: bool = False,
    ) -> None:
        self.m, self.width, self.name = m, width, name
        self.network, self.wide, self.operators = network, wide, operators
        self.leaves = leaves or network == "ripple"
        self.by_cells, self.full_adder, self.stages = by_cells, full_adder, stages
        self._columns: Columns = [[] for _ in range(width)]
        self._constant = 0
        self._conditional: dict[int, tuple[Value, int]] = {}

    def add(self, bit: ValueLike, weight: int, negative: Sign = False, arrival: float = 0) -> None:
        """Add ``bit * 2^weight``, negated if ``negative``, known to arrive after ``arrival``."""
        if weight >= self.width:
            return
        bit = Value.cast(bit)
        known = constant_sign(negative)
        if known is None:
            bit = bit ^ negative
        elif known:
            bit = ~bit
        self.add_constant(-1 << weight, when=negative)
        self._columns[weight].append(Bit(arrival, bit))

    def add_constant(self, constant: int, when: Sign = True) -> None:
        """Add a constant, while ``when`` is set."""
        known = constant_sign(when)
        if known is not None:
            self._constant += constant * known
        elif not isinstance(when, bool):
            _, total = self._conditional.get(id(when), (when, 0))
            self._conditional[id(when)] = (when, total + constant)

    def add_word(self, word: Value, weight: int = 0, arrival: float = 0) -> None:
        """Add a word; a signed one has its top bit negative."""
        self.add_rows(Rows.of(word), weight, arrival)

    def add_rows(self, rows: Rows, weight: int = 0, arrival: float = 0) -> None:
        """Add rows."""
        self._constant += rows.constant << weight
        for place, column in enumerate(rows.columns, weight):
            for bit in column:
                self.add(bit.value, place, arrival=arrival + bit.arrival)

    def sum(self) -> Value:
        """Return the sum, ``width`` bits."""
        return self.sum_and_carries()[0]

    def sum_and_carries(
        self, carry_in: Value | None = None, carry_arrival: float = 0
    ) -> tuple[Value, list[Value]]:
        """Add a late carry too; return the sum, and the carries out of it, the latest one last."""
        self._gather_constants(self._constant)
        total = Signal(self.width, name=f"{self.name}_sum")
        if self.operators:
            wide = self._add_by_operators(carry_in)
            self.m.d.comb += total.eq(wide)
            # A bit above the first counts as several carries.
            above = enumerate(wide[self.width :])
            return total, [bit for place, bit in above for _ in range(1 << place)]
        if self.network == "ripple":
            if carry_in is not None:
                self._columns[0].append(Bit(carry_arrival, carry_in))
            carries = self._reduce([1] * self.width)
            row = (column[0].value if column else Const(0, 1) for column in self._columns)
            self.m.d.comb += total.eq(Cat(row))
            return total, carries
        late = carry_arrival if carry_in is not None else None
        carries = self._reduce([2] * self.width, late)
        columns = self._values()
        arrivals = [max((bit.arrival for bit in column), default=0) for column in self._columns]
        added, carry = add_columns(
            self.m, self.name, columns, carry_in, self.network, arrivals, carry_arrival,
            by_cells=self.by_cells,
        )  # fmt: skip
        self.m.d.comb += total.eq(added)
        return total, [one for one in (*carries, carry) if not isinstance(one, Const)]

    def rows(self, resolved: int) -> Rows:
        """Return the sum as two rows, but its lowest ``resolved`` columns added up.

        The column above holds their carry as a third bit. The constant is not negative but for
        one of ``-2^(width - 1)``, which the rows keep, so that no carry leaves the top column.
        """
        offset = -1 << (self.width - 1) if self._constant < 0 else 0
        self._gather_constants(self._constant - offset)
        if self.operators:
            return Rows(Rows.of(self._add_by_operators()[: self.width]).columns, offset)
        heights = [1] * resolved + [3] + [2] * self.width
        self._reduce(heights[: self.width])
        return Rows(tuple(map(tuple, self._columns)), offset)

    def pending(self) -> Rows:
        """Return the sum as it is, for a heap of any width.

        Raises
        ------
        ValueError
            If a control bit decides on a constant, which then depends on the width.
        """
        if self._conditional:
            raise ValueError(f"constants of {self.name} must be known to leave its sum pending")
        return Rows(tuple(map(tuple, self._columns)), self._constant)

    def _add_by_operators(self, carry_in: Value | None = None) -> Value:
        """Return the sum and all bits above it, one at least."""
        columns = self._values()
        if carry_in is not None:
            columns[0].append(carry_in)
        most = sum(len(column) << place for place, column in enumerate(columns))
        width = max(self.width + 1, most.bit_length())
        rows = [Cat(*row) for row in zip_longest(*columns, fillvalue=Const(0, 1))]
        first = Cat(*rows[:1])
        total: Value = Cat(first, Const(0, width - len(first)))
        for index, word in enumerate(rows[1:], 1):
            added = Signal(width, name=f"{self.name}_row{index}")
            self.m.d.comb += added.eq(total + word)
            total = added
        return total

    def _gather_constants(self, constant: int) -> None:
        """Put the folded constants into their columns."""
        for control, total in self._conditional.values():
            for weight in _set_bits(total, self.width):
                self._columns[weight].append(Bit(0, control))
        for weight in _set_bits(constant, self.width):
            self._columns[weight].append(Bit(0, Const(1, 1)))

    def _values(self) -> list[list[Value]]:
        return [[bit.value for bit in column] for column in self._columns]

    def _reduce(self, heights: list[int], carry_arrival: float | None = None) -> list[Value]:
        """Bring every column to at most its height and return the carries out of the top one.

        ``carry_arrival`` is when a carry comes that is added with what is left.
        """
        if self.by_cells:
            carries = self._reduce_by_cells(heights, carry_arrival)
        else:
            carries = compress(
                self.m, self.name, self._columns, heights, leaves=self.leaves, wide=self.wide
            )
        return [bit.value for bit in carries]

    def _reduce_by_cells(self, heights: list[int], carry_arrival: float | None) -> list[Bit]:
        plan = planned(self._columns, heights, stages=self.stages, form=self.full_adder)
        required = None
        if self.full_adder == MIXED and self.network == "auto" and max(heights) == 2:
            left = [[plan.arrival[bit] for bit in column] for column in plan.columns]
            required = columns_required(left, carry_arrival)
        return compress_as_planned(
            self.m, self.name, self._columns, plan, required, leaves=self.leaves
        )


def _set_bits(value: int, width: int) -> list[int]:
    """Return the positions of the ones of ``value`` modulo ``2 ** width``."""
    return [bit for bit in range(width) if value >> bit & 1]
