"""The rules of an array's streams: the beats of sums that a transfer promises, and the last."""

from collections.abc import Iterable, Iterator
from typing import Any

from amaranth import Mux, Signal, Value

from macsmith.catalog.catalog import make_spec
from macsmith.formal.arithmetic.pe_arithmetic import PeArithmetic
from macsmith.formal.claim import Claim, Subject
from macsmith.formal.streams.stream_claims import StreamProver
from macsmith.formal.streams.stream_rules import StreamRules


class TileRules(StreamRules):
    """Sums stay: the last beat of a tile promises a beat of sums for each column of PEs."""

    @property
    def most_owed(self) -> int:
        """Two tiles are kept, and a column besides that is offered."""
        return int(2 * self.spec.cols + 1)

    @property
    def most_idle(self) -> int:
        movement = self.spec.movement
        return int(movement.latency + movement.tile_interval + 2 * movement.step_cycles)

    def promised(self) -> Value:
        (name,) = self.inputs
        ends = self.transfer(name) & self.field(name, "last")
        return Mux(ends, self.spec.cols, 0)

    def more(self) -> None:
        """The last column of a tile says so, and no other."""
        m, (output,) = self.watched.m, self.outputs
        column = Signal(range(self.spec.cols + 1), name="column")
        last = column == self.spec.cols - 1
        with m.If(self.transfer(output)):
            m.d.sync += column.eq(Mux(last, 0, column + 1))
        wrong = self.valid(output) & (self.field(output, "last") != last)
        self.watched.broken(f"{output} last right", wrong)


class StepRules(StreamRules):
    """An operand stays: each final step promises a beat of sums, the last one if it is the last."""

    @property
    def most_owed(self) -> int:
        """As many words as the memory of results holds, and one besides that is offered."""
        return int(self.spec.movement.latency + 1)

    @property
    def most_idle(self) -> int:
        movement = self.spec.movement
        return int(movement.latency + movement.tile_interval + movement.layer_interval)

    @property
    def steps(self) -> str:
        """The stream of steps: of the operand that passes."""
        structs = self.spec.movement.input_structs
        return next(name for name, struct in structs.items() if "final" in struct.members)

    def promised(self) -> Value:
        return self.transfer(self.steps) & self.field(self.steps, "final")

    def more(self) -> None:
        """A step that is picked out has its own flag beside its sums.

        Any step may be: a free input picks one, and as many beats come before its own as were owed
        then.
        """
        if self.spec.rows * self.spec.cols > 1:
            # No invariant is found there, and runs that reach a second tile take hours.
            return
        m, (output,) = self.watched.m, self.outputs
        pick, picked, done, flag = (
            self.watched.free("pick"), Signal(name="picked"), Signal(name="done"),
            Signal(name="flag"),
        )  # fmt: skip
        ahead = Signal.like(self.owed, name="ahead")
        taken = self.transfer(output)
        with m.If(~picked), m.If(pick & self.promised()):
            m.d.sync += [
                picked.eq(1), flag.eq(self.field(self.steps, "last")),
                ahead.eq(self.owed - taken),
            ]  # fmt: skip
        with m.Elif(taken):
            m.d.sync += [ahead.eq(ahead - 1), done.eq(done | (ahead == 0))]
        due = picked & ~done & (ahead == 0) & self.valid(output)
        self.watched.broken(f"{output} last right", due & (self.field(output, "last") != flag))


SMALL = {"mac.act_width": 2, "mac.weight_width": 2, "acc_width": 8, "depth": 2}
"""The narrowest operands and sums: control does not depend on them."""

BLOCKS = {"b": 4, "block": 4, "nonzeros": 2}
"""The smallest density-bound blocks."""

SPARSITIES: dict[str, dict[str, Any]] = {
    "dense": {},
    "zero-gated": {"sparsity": "zero-gated"},
    "dbb": {"sparsity": "dbb", **BLOCKS},
    "joint-dbb": {"sparsity": "joint-dbb", **BLOCKS, "act_nonzeros": 2},
}
"""Parameters of the smallest array of each sparsity."""


class ArrayProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the arithmetic of a PE, where it is that of one product, and stream rules."""
        # Registers of some MACs hold codes, which the reference of PEs does not know.
        plain = spec.mac.arithmetic == "integer" and spec.mac.any_weights
        if len(spec.points) == 1 and spec.mac.stages == 1 and plain:
            yield from PeArithmetic(self.name, spec).claims()
        yield from super().claims(spec)

    def rules_of(self, spec: Any) -> type[StreamRules]:
        """Return the rules of the array's dataflow."""
        return StepRules if spec.movement.chains_sums else TileRules

    def subjects(self) -> Iterable[Subject]:
        """Yield the smallest arrays of each dataflow and sparsity, of one PE and of four."""
        for dataflow in ("output", "weight", "input"):
            for sparsity, parameters in SPARSITIES.items():
                if dataflow != "output" and sparsity == "joint-dbb":
                    continue
                for side in (1, 2):
                    spec = make_spec(
                        self.name,
                        {**SMALL, **parameters, "dataflow": dataflow, "rows": side, "cols": side},
                    )
                    yield Subject(
                        unit=self.name, spec=spec, quick=side == 1 and sparsity == "dense",
                        variant=f"{dataflow} stationary, {sparsity}, {side} x {side}",
                    )  # fmt: skip
