"""Products of two vectors, each sent to the bank of its sum."""

from collections.abc import Sequence

from amaranth import Cat, Const, Module, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import decode
from macsmith.mac.operand_registers import split
from macsmith.rtl.named_signal import wired
from macsmith.sparse.scnn.spec import ScnnSpec


def bank_of(index: Value, banks: int) -> tuple[Value, Value]:
    """Return the bank of a sum, and its place there.

    Sums are dealt out to banks by their numbers' low bits, exclusive or those above: so channels
    and neighbouring places that differ in few bits lie in different banks.
    """
    bits = (banks - 1).bit_length()
    low, high = index[:bits], index[bits:]
    return (low ^ high[:bits])[:bits], high


class ProductCrossbar(wiring.Component):
    """All products of two vectors, a pair of vectors a cycle where no bank has too many.

        values ─▶ x ─▶ [products] ─▶ of each bank the first ones that find room in its queue

    Products that find none stay, and stop the pairs behind them: a conflict. A value that is zero
    gives no products.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    go : Out(1)
        All stages move.
    placed, corner, acts, weights, act_some, weight_some, act_at, weight_at, weight_channel : In
        See `VectorPlaces` and `geometry_layout`.
    room : In
        Of each bank how many products its queue takes in this cycle.
    count : Out
        Of each bank how many come.
    entries : Out
        Of each bank `ports` products, each with its place in the bank above it.
    busy : Out(1)
        Products wait.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        self.place_bits = (spec.plane - 1).bit_length()
        self.channel_bits = (spec.group - 1).bit_length()
        self.count_bits = spec.ports.bit_length()
        super().__init__(
            {
                "go": Out(1), "placed": In(1), "corner": In(range(spec.plane)),
                "acts": In(spec.acts * spec.data_width),
                "weights": In(spec.weights * spec.weight_width),
                "act_some": In(spec.acts), "weight_some": In(spec.weights),
                "act_at": In(spec.acts * self.place_bits),
                "weight_at": In(spec.weights * self.place_bits),
                "weight_channel": In(spec.weights * self.channel_bits),
                "room": In(spec.banks * self.count_bits),
                "count": Out(spec.banks * self.count_bits),
                "entries": Out(spec.banks * spec.ports * spec.queued_bits),
                "busy": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        waiting = Signal(spec.lanes)
        granted = Signal(spec.lanes)
        m.d.comb += self.go.eq(~self.busy | ~(waiting & ~granted).any())
        with m.If(self.go):
            m.d.sync += self.busy.eq(self.placed)
        with m.Else():
            m.d.sync += waiting.eq(waiting & ~granted)
        entries, banks = self._products(m, waiting)
        # Which lanes ask for a bank, and which are its first, its second and so on.
        asks = [
            wired(m, f"asks_{bank}", Cat(line[bank] for line in banks) & waiting)
            for bank in range(spec.banks)
        ]
        grants: list[Value] = []
        for bank, asking in enumerate(asks):
            rest: Value = asking
            room = self.room.word_select(bank, self.count_bits)
            counted: Value = Const(0, 1)
            for port in range(spec.ports):
                first = wired(m, f"first_{bank}_{port}", rest & ~_below(m, bank, port, rest))
                at = (bank * spec.ports + port) * spec.queued_bits
                comes = wired(m, f"comes_{bank}_{port}", first.any() & (room > port))
                m.d.comb += self.entries[at : at + spec.queued_bits].eq(chosen(first, entries))
                grants.append(first & comes.replicate(spec.lanes))
                counted = counted + comes
                rest = wired(m, f"rest_{bank}_{port}", rest & ~first)
            m.d.comb += self.count.word_select(bank, self.count_bits).eq(counted)
        m.d.comb += granted.eq(_any_of(grants))
        return m

    def _products(self, m: Module, waiting: Signal) -> tuple[list[Signal], list[list[Value]]]:
        """Return registers of products with their places, and of each a line a bank."""
        spec = self.spec
        acts = split(self.acts, spec.data_width)
        weights = split(self.weights, spec.weight_width)
        bank_bits = (spec.banks - 1).bit_length()
        entries, banks = [], []
        moves = self.placed & self.go
        for lane in range(spec.lanes):
            by, of = divmod(lane, spec.acts)
            place = Signal(self.place_bits, name=f"plane_at_{lane}")
            product = Signal(signed(spec.product_bits), name=f"product_{lane}")
            m.d.comb += [
                place.eq(
                    self.corner + self.act_at.word_select(of, self.place_bits)
                    - self.weight_at.word_select(by, self.place_bits)
                ),
                product.eq(acts[of].as_signed() * weights[by].as_signed()),
            ]  # fmt: skip
            channel = self.weight_channel.word_select(by, self.channel_bits)
            index = wired(m, f"sum_{lane}", Cat(channel, place, Const(0, bank_bits + 1)))
            bank, row = bank_of(index, spec.banks)
            entry = Signal(spec.queued_bits, name=f"entry_{lane}", reset_less=True)
            at = Signal(bank_bits, name=f"bank_{lane}")
            some = self.act_some[of] & self.weight_some[by]
            with m.If(moves & some):
                m.d.sync += [
                    entry.eq(Cat(product, row[: spec.row_bits])), at.eq(bank),
                ]  # fmt: skip
            with m.If(self.go):
                m.d.sync += waiting[lane].eq(moves & some)
            entries.append(entry)
            banks.append(decode(m, at, spec.banks, f"bank_lines_{lane}"))
        return entries, banks


def chosen(lines: Value, words: Sequence[Value]) -> Value:
    """Return the word whose line is up, in operations on whole words; zero if none is."""
    return _any_of(
        [word & line.replicate(len(word)) for line, word in zip(lines, words, strict=True)]
    )


def _below(m: Module, bank: int, port: int, word: Value) -> Value:
    """Return a one at each place above the lowest one of a word."""
    found, step = word, 1
    while step < len(word):
        found = wired(m, f"seen_{bank}_{port}_{step}", found | (found << step)[: len(word)])
        step *= 2
    return (found << 1)[: len(word)]


def _any_of(words: list[Value]) -> Value:
    """Return the OR of words."""
    found = words[0]
    for word in words[1:]:
        found = found | word
    return found
