"""The rules of memories of tiles: credits, order, whole data by one word that is followed."""

from collections.abc import Iterable
from typing import Any

from amaranth import Const, Mux, Signal, Value

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.formal.claim import Subject
from macsmith.formal.streams.stream_claims import StreamProver
from macsmith.formal.streams.stream_rules import StreamRules

FILL, COMMAND, UPDATE, OUT = "i_fill", "i_command", "i_update", "o"


class TileMemoryRules(StreamRules):
    """Watches a memory with a count of credits, and with one word that is picked as it is filled.

    The picked word has a place behind the head, which shrinks lower; while it is there, what a read
    of that place gives is what was filled in, or the last update of it.
    """

    most_owed = 1
    most_wait = 1
    most_idle = 2

    def promised(self) -> Value:
        return self._reads

    def rules(self) -> None:
        spec, m, watched = self.spec, self.watched.m, self.watched
        done, index = self.transfer(COMMAND), self.field(COMMAND, "index")
        shrink = self.field(COMMAND, "shrink")
        credits = Signal(range(2 * spec.size + 1), name="credits", init=spec.size)
        told = watched.ports["freed"]
        fills = self.transfer(FILL)
        m.d.sync += credits.eq(credits - fills + told)
        held = Signal(range(spec.size + 2), name="held")
        shrinks = Signal(range(spec.size + 1), name="shrinks")
        most = self._most = self.most(shrinks)
        legal = Mux(shrink, index <= most, index < most)
        reads = self._reads = Signal(name="reads")
        m.d.comb += [
            shrinks.eq(Mux(done & shrink & legal, index, 0)), reads.eq(done & ~shrink & legal),
        ]  # fmt: skip
        m.d.sync += held.eq(held + fills - shrinks)
        given = self.given_back(shrinks)
        freed = Signal(range(spec.size + 1), name="freed_last")
        m.d.sync += freed.eq(given)
        watched.broken("no fill without a credit", fills & (credits + told == 0))
        watched.broken("credits are told once", told != freed)
        watched.broken(
            "credits and words fill the memory", credits + told + self.kept(held) != spec.size
        )
        watched.broken("no read beyond what is filled in", reads & (index >= held))
        watched.broken("no shrink beyond what is filled in", shrinks > held)
        self._whole(fills, reads, shrinks, index, held)
        self._prompt(done, shrink, index, held)
        self._counted()

    def most(self, shrinks: Value) -> Value:
        """Return how many words can be reached at the most, before so many are given back."""
        return Const(self.spec.size)

    def given_back(self, shrinks: Value) -> Value:
        """Return the credits that a shrink gives."""
        return shrinks

    def kept(self, held: Value) -> Value:
        """Return the words for which there is no room."""
        return held

    def reachable(self, held: Value) -> Value:
        """Return the words that can be read."""
        return held

    def _whole(self, fills: Value, reads: Value, shrinks: Value, index: Value, held: Value) -> None:
        """Follow one word from its fill to its end; what is read of it is what it holds."""
        spec, m, watched = self.spec, self.watched.m, self.watched
        picked, gone = Signal(name="picked"), Signal(name="gone")
        place, word = Signal(range(spec.size + 1), name="place"), Signal(spec.width, name="word")
        due = Signal(name="due")
        update = self.field(UPDATE, "index")
        announced = Signal(name="announced")
        there = picked & ~gone
        hit = there & reads & (index == place)
        updated = there & announced & self.transfer(UPDATE) & (update == place)
        with m.If(~picked & fills & watched.free("pick")):
            m.d.sync += [
                picked.eq(1), place.eq(held - shrinks), word.eq(self.field(FILL, "word")),
            ]  # fmt: skip
        with m.If(there):
            m.d.sync += [gone.eq(place < shrinks), place.eq(place - shrinks)]
        with m.If(updated):
            m.d.sync += [word.eq(self.field(UPDATE, "new_word")), announced.eq(0)]
        with m.Elif(hit & self.field(COMMAND, "update")):
            m.d.sync += announced.eq(1)
        expected = Signal(spec.width, name="expected")
        with m.If(hit):
            m.d.sync += expected.eq(word)
        m.d.sync += due.eq(hit | (due & ~self.ready(OUT)))
        watched.broken(
            "a read gives what was filled in or updated",
            due & (~self.valid(OUT) | (self.payload(OUT) != expected)),
        )
        watched.broken("no read of a word that is to be updated", hit & announced)
        watched.broken(
            "no shrink of a word that is to be updated", there & announced & (place < shrinks)
        )
        changed = Signal(name="changed")
        with m.If(updated & (word != self.field(UPDATE, "new_word"))):
            m.d.sync += changed.eq(1)
        watched.reached("a word is read that was updated", hit & changed)

    def _prompt(self, done: Value, shrink: Value, index: Value, held: Value) -> None:
        """A read whose word is there, and no update is due at all, is done at once if results are
        taken; so is a shrink."""
        m, watched = self.watched.m, self.watched
        due = Signal(range(self.spec.pending + 1), name="updates_due")
        m.d.sync += due.eq(due + (self._reads & self.field(COMMAND, "update")) - self._removes())
        reach = self.reachable(held)
        can = Mux(shrink, index <= reach, (index < reach) & (~self.valid(OUT) | self.ready(OUT)))
        waits = self.valid(COMMAND) & can & (due == 0) & ~done
        watched.broken("what can be done is done at once", waits)
        room = (self.kept(held) != self.spec.size) & ~self.valid(UPDATE)
        watched.broken(
            "what has room is filled in at once", self.valid(FILL) & room & ~self.ready(FILL)
        )
        watched.broken("updates never wait", self.valid(UPDATE) & ~self.ready(UPDATE))

    def _removes(self) -> Value:
        """Return whether an update is one of those that are due, by a model of their places."""
        spec, m = self.spec, self.watched.m
        head = Signal(range(spec.size), name="model_head")
        index = self.field(COMMAND, "index")
        shrinks = Mux(self.transfer(COMMAND) & self.field(COMMAND, "shrink"), index, 0)
        marks = Signal(spec.size, name="model_marks")
        # Sizes of proofs are powers of two.
        m.d.sync += head.eq(head + Mux(shrinks <= self._most, shrinks, 0))
        place = Signal(range(spec.size), name="model_update")
        m.d.comb += place.eq(head + self.field(UPDATE, "index"))
        legal = self.field(UPDATE, "index") < spec.size
        removes = Signal(name="model_removes")
        m.d.comb += removes.eq(self.valid(UPDATE) & legal & marks.bit_select(place, 1))
        at = Signal(range(spec.size), name="model_read")
        m.d.comb += at.eq(head + index)
        for word in range(spec.size):
            with m.If(self._reads & self.field(COMMAND, "update") & (at == word)):
                m.d.sync += marks[word].eq(1)
            with m.Elif(removes & (place == word)):
                m.d.sync += marks[word].eq(0)
        return removes


class HalfRules(TileMemoryRules):
    """A half is read when it is full, and makes room when it is given back whole."""

    def most(self, shrinks: Value) -> Value:
        half, m = self.spec.size // 2, self.watched.m
        self._left = Signal(range(half + 1), name="left", init=half)
        self._gone = Signal(name="half_gone")
        m.d.comb += self._gone.eq((shrinks != 0) & (shrinks == self._left))
        m.d.sync += self._left.eq(Mux(self._gone, half, self._left - shrinks))
        return self._left

    def given_back(self, shrinks: Value) -> Value:
        return Mux(self._gone, self.spec.size // 2, 0)

    def kept(self, held: Value) -> Value:
        return held + self.spec.size // 2 - self._left

    def reachable(self, held: Value) -> Value:
        return Mux(held >= self._left, self._left, 0)


class TileMemoryProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def rules_of(self, spec: Any) -> type[StreamRules]:
        return HalfRules if spec.in_halves else TileMemoryRules

    def subjects(self) -> Iterable[Subject]:
        """Yield a small memory: its control does not depend on widths."""
        parameters = lookup(self.name).spec.mutated()[("", "default")]
        yield Subject(unit=self.name, spec=make_spec(self.name, parameters), quick=True)
