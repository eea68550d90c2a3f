"""The rules of the engine: its AXI ports, its registers, and one job from registers to results."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from amaranth import Cat, Mux, Signal, Value

from macsmith.array.engine.register_map import Control, Flags, Register
from macsmith.catalog.catalog import make_spec
from macsmith.formal.arithmetic.requantising import Requantising
from macsmith.formal.claim import Claim, Subject
from macsmith.formal.streams.axi_rules import AxiRules
from macsmith.formal.streams.stream_claims import StreamClaims, StreamProver

BUS = "s_axil_"
"""The prefix of the register bus."""

RESULT = "m_axis_result_"
"""The stream of results."""

READ_BACK = (Register.FLAGS, Register.M, Register.K, Register.N, Register.PASSES)
"""Registers that read what was written."""


JOB_DEPTH = 40
"""Cycles of the runs of a job: all of four tiles leave within 26, which leaves room for stalls."""


class BusRules(AxiRules):
    """The engine's ports, whatever a host writes to its registers.

    What is under way is given up when RESET is written to CONTROL: results may then fall.
    """

    @cached_property
    def clears(self) -> Signal:
        """Up in the cycle after the one in which the engine was reset."""
        m = self.watched.m
        written, clears = Signal(name="reset_written"), Signal(name="clears")
        m.d.sync += [
            written.eq(
                self.transfer(f"{BUS}aw")
                & (self.line(f"{BUS}awaddr")[2:] == Register.CONTROL >> 2)
                & self.line(f"{BUS}wstrb")[0]
                & (self.line(f"{BUS}wdata") & Control.RESET).any()
            ),
            clears.eq(written),
        ]
        return clears

    def dropped(self) -> Value:
        return self.clears

    def rules(self) -> None:
        for prefix in self.lite():
            self.responses(prefix)
        for register in READ_BACK:
            self._reads_back(register)

    def _reads_back(self, register: Register) -> None:
        """A register reads what its strobes have written, and answers no other access."""
        m, name = self.watched.m, register.name.lower()
        held = Signal(32, name=f"{name}_written")
        strobes = Cat(bit.replicate(8) for bit in self.line(f"{BUS}wstrb"))
        at_write = self.line(f"{BUS}awaddr")[2:] == register >> 2
        with m.If(self.transfer(f"{BUS}aw") & at_write):
            m.d.sync += held.eq((self.line(f"{BUS}wdata") & strobes) | (held & ~strobes))
        asked, expected = Signal(name=f"{name}_asked"), Signal(32, name=f"{name}_expected")
        taken = self.transfer(f"{BUS}ar")
        with m.If(taken | self.ready(f"{BUS}r")):
            m.d.sync += asked.eq(taken & (self.line(f"{BUS}araddr")[2:] == register >> 2))
        with m.If(taken):
            m.d.sync += expected.eq(held)
        wrong = (self.line(f"{BUS}rdata") != expected) | self.line(f"{BUS}rresp").any()
        self.watched.broken(
            f"{register.name} reads what was written", asked & self.valid(f"{BUS}r") & wrong
        )


class JobRules(AxiRules):
    """One job of at most two rows, two columns and a K of two, from any host that keeps the rules.

    Registers are written first, one a cycle, then START; streams come with any pauses and results
    are taken with any. On an array of one PE a job has up to four tiles.
    """

    claims_held = False

    most_still = 24
    """Cycles without a transfer while the host does all it can."""

    def rules(self) -> None:
        m, watched = self.watched.m, self.watched
        sizes = {name: Signal(2, name=f"size_{name}") for name in "mkn"}
        raw, begun = Signal(name="job_raw"), Signal(name="begun")
        m.d.sync += begun.eq(1)
        with m.If(~begun):
            m.d.sync += raw.eq(watched.free("choose_raw"))
            for name, size in sizes.items():
                m.d.sync += size.eq(Mux(watched.free(f"choose_{name}"), 2, 1))
        started = self._writes(begun, sizes, raw)

        # What the job takes, and what it gives.
        needs = {
            "s_axis_act_": sizes["m"] * sizes["k"],
            "s_axis_weight_": sizes["n"] * sizes["k"],
            "s_axis_channel_": Mux(raw, 0, sizes["n"]),
        }
        willing: Value = self.ready(RESULT)
        for name, need in needs.items():
            sent = self._passed(name)
            spent = Signal(name=f"{name}spent")
            m.d.comb += spent.eq(sent == need)
            watched.assume(f"{name}no more", ~(self.valid(name) & (spent | ~begun)))
            last = self.line(f"{name}tlast")
            watched.assume(f"{name}last", ~self.valid(name) | (last == (sent + 1 == need)))
            willing = willing & (self.valid(name) | spent)
        got, gives = self._passed(RESULT), sizes["m"] * sizes["n"]
        watched.broken("results none invented", self.valid(RESULT) & (got == gives))
        last = self.line(f"{RESULT}tlast")
        watched.broken("results last right", self.valid(RESULT) & (last != (got + 1 == gives)))

        moves = Cat(self.transfer(name) for name in (*needs, RESULT)).any()
        still = Signal(range(self.most_still + 2), name="still")
        with m.If(~started | (got == gives) | ~willing | moves):
            m.d.sync += still.eq(0)
        with m.Elif(still <= self.most_still):
            m.d.sync += still.eq(still + 1)
        watched.broken("job no deadlock", still > self.most_still)
        watched.reached("all results of a job of four tiles", started & (got == 4))

    def _passed(self, name: str) -> Signal:
        """Return how many beats of a stream have moved."""
        count = Signal(4, name=f"{name}passed")
        self.watched.m.d.sync += count.eq(count + self.transfer(name))
        return count

    def _writes(self, begun: Value, sizes: dict[str, Signal], raw: Value) -> Value:
        """Have the host write the job and START; return whether that is done."""
        m, watched = self.watched.m, self.watched
        held = Flags.HOLD_ACTS | Flags.HOLD_WEIGHTS | Flags.HOLD_CHANNELS
        writes: list[tuple[Register, Any]] = [
            (Register.FLAGS, Mux(raw, held | Flags.RAW, held)),
            (Register.M, sizes["m"]), (Register.K, sizes["k"]), (Register.N, sizes["n"]),
            (Register.PASSES, 1), (Register.CONTROL, Control.START),
        ]  # fmt: skip
        at = Signal(range(len(writes) + 1), name="write")
        with m.If(self.transfer(f"{BUS}aw")):
            m.d.sync += at.eq(at + 1)
        writing = Signal(name="writing")
        m.d.comb += writing.eq(begun & (at < len(writes)))
        right: Value = self.line(f"{BUS}wstrb") == 0xF
        for number, (register, word) in enumerate(writes):
            here = (self.line(f"{BUS}awaddr") == register) & (self.line(f"{BUS}wdata") == word)
            right = right & ((at != number) | here)
        watched.assume("bus", (self.valid(f"{BUS}aw") == writing)
                       & (self.valid(f"{BUS}w") == writing) & self.ready(f"{BUS}b")
                       & (~writing | right))  # fmt: skip
        return at == len(writes)


SMALL = {
    "rows": 1, "cols": 1, "mac.act_width": 2, "mac.weight_width": 2, "acc_width": 8,
    "act_depth": 4, "weight_depth": 4, "channel_depth": 4, "out_lanes": 1, "out_width": 2,
}  # fmt: skip
"""The smallest engine."""

KINDS: dict[str, dict[str, Any]] = {
    "dense": {},
    "zero-gated": {"sparsity": "zero-gated"},
    "dbb": {"sparsity": "dbb", "b": 4, "block": 4, "nonzeros": 2},
}
"""Its sparsities."""


class EngineProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def subjects(self) -> Iterable[Subject]:
        """Yield the smallest engine of each sparsity."""
        for kind, parameters in KINDS.items():
            spec = make_spec(self.name, {**SMALL, **parameters})
            yield Subject(unit=self.name, spec=spec, variant=f"{kind}, 1 x 1")

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the rules of its ports and registers, and those of a job."""
        component, rtlil = self.emitted(spec)
        yield from Requantising(spec).claims()
        yield from StreamClaims(BusRules(spec, component), rtlil).claims()
        yield from StreamClaims(JobRules(spec, component), rtlil, JOB_DEPTH, closes=False).claims()
