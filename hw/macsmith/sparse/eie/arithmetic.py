"""What is made of an entry: its weight and its row, their product, and the new sum."""

from amaranth import Array, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.eie.spec import EieSpec


class EieArithmetic(wiring.Component):
    """Four stages, an entry a cycle, in any order of rows.

        1  its weight is looked up; its row is reckoned from the zeros before it
        2  weight and activation are multiplied; the row's sum is read
        3  the product is shifted and added to the sum, or to what is newer than that
        4  the new sum is written

    What is in stage 4, or was there the cycle before, is newer than what was read. Sums wrap
    around. Rows from ``row_limit`` on add nothing.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    load : In(1)
        Write a weight of the codebook, ``load_data`` at ``load_at``; absent without one.
    valid, first, entry, act : In
        An entry, whether it is the first of its column, and the activation of that.
    row_limit : In
        Rows that the PE has.
    read, row : Out
        In stage 2: read the sum of a row.
    sum : In
        It, in stage 3.
    write, write_row, write_sum : Out
        In stage 4.
    beyond : Out(1)
        In stage 1: the entry has no row.
    busy : Out(1)
        One of the stages has an entry.
    """

    valid: Signal
    first: Signal
    entry: Signal
    act: Signal
    row_limit: Signal
    read: Signal
    row: Signal
    sum: Signal
    write: Signal
    write_row: Signal
    write_sum: Signal
    beyond: Signal
    busy: Signal

    def __init__(self, spec: EieSpec) -> None:
        self.spec = spec
        width, row = spec.data_width, range(spec.depth)
        ports = {
            "valid": In(1), "first": In(1), "entry": In(spec.entry_bits), "act": In(width),
            "row_limit": In(range(spec.depth + 1)),
            "read": Out(1), "row": Out(row), "sum": In(width),
            "write": Out(1), "write_row": Out(row), "write_sum": Out(width),
            "beyond": Out(1), "busy": Out(1),
        }  # fmt: skip
        book = {
            "load": In(1), "load_at": In(spec.value_bits), "load_data": In(spec.weight_width)
        }  # fmt: skip
        super().__init__(ports | (book if spec.codebook else {}))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        place = Signal(range(spec.depth + 2**spec.index))
        following = Signal(range(spec.depth + 2 * 2**spec.index))
        over = Signal()
        inside = Signal()
        m.d.comb += [
            following.eq(Mux(self.first, 0, place + 1) + self.entry[spec.value_bits :]),
            inside.eq(~(over & ~self.first) & (following < self.row_limit)),
            self.beyond.eq(self.valid & ~inside),
            self.row.eq(place),
        ]
        weight = Signal(signed(spec.used_weight))
        act = Signal(signed(spec.data_width))
        looked_up = self._weight(m, self.entry[: spec.value_bits])
        m.d.sync += self.read.eq(self.valid & inside)
        with m.If(self.valid):
            m.d.sync += [
                place.eq(following), over.eq(~inside), act.eq(self.act), weight.eq(looked_up),
            ]  # fmt: skip
        adds = Signal()
        adds_row = Signal.like(self.row)
        addend = Signal(spec.data_width)
        m.d.sync += adds.eq(self.read)
        with m.If(self.read):
            m.d.sync += [adds_row.eq(self.row), addend.eq((weight * act) >> spec.shift)]
        wrote = Signal()
        wrote_row = Signal.like(self.row)
        wrote_sum = Signal(spec.data_width)
        before = Signal(spec.data_width)
        m.d.comb += [
            before.eq(
                Mux(self.write & (self.write_row == adds_row), self.write_sum,
                    Mux(wrote & (wrote_row == adds_row), wrote_sum, self.sum))
            ),
            self.busy.eq(self.valid | self.read | adds | self.write),
        ]  # fmt: skip
        m.d.sync += [self.write.eq(adds), wrote.eq(self.write)]
        with m.If(adds):
            m.d.sync += [self.write_row.eq(adds_row), self.write_sum.eq(before + addend)]
        with m.If(self.write):
            m.d.sync += [wrote_row.eq(self.write_row), wrote_sum.eq(self.write_sum)]
        return m

    def _weight(self, m: Module, value: Value) -> Value:
        """Return what a stored value stands for."""
        spec = self.spec
        if not spec.codebook:
            return value
        weights = []
        for place in range(2**spec.value_bits):
            weight = Signal(spec.weight_width, name=f"codebook_{place}", reset_less=True)
            with m.If(self.load & (self.load_at == place)):
                m.d.sync += weight.eq(self.load_data)
            weights.append(weight)
        return Array(weights)[value]
