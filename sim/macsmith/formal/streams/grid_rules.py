"""The rules of a grid of PEs that convolve: runs, one after the other, stalls at both ports."""

from collections.abc import Iterable

from amaranth import Cat, Mux, Signal

from macsmith.catalog.catalog import make_spec
from macsmith.formal.claim import Subject
from macsmith.formal.streams.packet_rules import PacketProver, PacketRules
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.sparse.scnn.spec import Kind

LEAST = {
    "rows": 1, "cols": 1, "acts": 1, "weights": 1, "group": 1, "data_width": 4, "weight_width": 2,
    "acc_width": 8, "index": 1, "tile": 2, "kernel": 1, "banks": 1, "ports": 1, "queue": 2,
    "channels": 1, "act_words": 2, "weight_words": 2,
}  # fmt: skip
"""The smallest grid that there is: all sizes at their least."""


class GridRules(PacketRules):
    """Memories hold anything after a reset, so a run may follow it at once.

    Where no invariant is found, all there is within 56 cycles is tried. A run's packet has ten
    beats, and its answer begins 22 cycles later at the latest; two runs, with a stall of each port,
    are answered after 49.
    """

    most_wait = 24
    most_idle = 24

    def more(self) -> None:
        """Two runs are answered without an error, and both ports have stalled meanwhile."""
        m, (entry,), (answer,) = self.watched.m, self.inputs, self.outputs
        begins = Signal(name="packet_begins", init=1)
        kept = Signal(3, name="packet_kind")
        runs = Signal(name="a_run_is_under_way")
        answered = Signal(range(3), name="runs_answered")
        stalled = Signal(2, name="stalled")
        kind = Mux(begins, self.field(entry, "kind"), kept)
        ends = self.transfer(answer) & self.field(answer, "last")
        with m.If(self.transfer(entry)):
            m.d.sync += [begins.eq(self.field(entry, "last")), kept.eq(kind)]
            with m.If(self.field(entry, "last")):
                m.d.sync += runs.eq(kind == Kind.RUN)
        with m.If(ends & runs & ~self.field(answer, "error") & (answered != 2)):
            m.d.sync += answered.eq(answered + 1)
        waits = Cat(self.valid(name) & ~self.ready(name) for name in (entry, answer))
        m.d.sync += stalled.eq(stalled | waits)
        self.watched.reached("two runs, and stalls", (answered == 2) & stalled.all())


class GridProver(PacketProver):
    """See `macsmith.formal.claim.Prover`."""

    def rules_of(self, spec: object) -> type[StreamRules]:
        return GridRules

    def subjects(self) -> Iterable[Subject]:
        """Yield the smallest grid."""
        yield Subject(unit=self.name, spec=make_spec(self.name, LEAST), quick=False)
