"""The rules of units that make a packet of each packet: none is lost, none invented, none stuck."""

from collections.abc import Iterable
from typing import Any

from amaranth import Cat, Signal, Value

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.unit import DEFAULT
from macsmith.formal.claim import Subject
from macsmith.formal.streams.stream_claims import StreamProver
from macsmith.formal.streams.stream_rules import StreamRules


class PacketRules(StreamRules):
    """A packet's end in promises a packet's end out, whatever lies between.

    A unit of several inputs gives a packet for one of each, and may wait for the ends of all.
    """

    most_owed = 4

    @property
    def most_wait(self) -> int:
        """Cycles between beats of what is owed; the specification states the most."""
        return int(self.spec.most_quiet)

    @property
    def most_idle(self) -> int:
        return int(self.spec.most_quiet)

    def ends(self, output: str) -> Value:
        return self.field(output, "last")

    def excused(self) -> Value:
        m, (output,), lacking = self.watched.m, self.outputs, []
        answered = self.transfer(output) & self.ends(output)
        for name in self.inputs[1:]:
            ended = Signal(range(self.most_owed + 2), name=f"{name}_ended")
            m.d.sync += ended.eq(
                ended + (self.transfer(name) & self.field(name, "last")) - answered
            )
            self.watched.broken(
                f"{output} waits for {name}",
                self.valid(output) & (self.ends(output) & (ended == 0)),
            )
            self.watched.broken(f"{name} in flight bounded", ended > self.most_owed)
            lacking.append(ended == 0)
        return Cat(*lacking).any() if lacking else super().excused()


class PacketProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def rules_of(self, spec: Any) -> type[StreamRules]:
        return PacketRules

    def subjects(self) -> Iterable[Subject]:
        """Yield the smallest of each unit: control does not depend on widths.

        Where a memory lies in the control's way, as that of a table, invariants take a minute. What
        else a unit can be is proved, too, but not by every run of the tests.
        """
        unit = lookup(self.name)
        quick = not any(cut.memories for cut in unit.cuts.values())
        for (_, kind), parameters in unit.spec.mutated().items():
            plain = kind == DEFAULT
            yield Subject(
                unit=self.name, spec=make_spec(self.name, parameters), quick=quick and plain,
                variant="" if plain else kind,
            )  # fmt: skip
