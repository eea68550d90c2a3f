"""An Amaranth design of one's own around two units of macsmith, run in Amaranth's simulator.

A MAC sums dot products that a counter feeds it; beside it a 2 x 2 systolic array multiplies two
matrices. Both are compared with their golden models.
"""

import numpy as np
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import Out
from amaranth.sim import Simulator

from macsmith import api

MAC = api.spec("data-gated", act_width=4, weight_width=4)
ARRAY = api.spec("systolic", rows=2, cols=2, act_width=4, weight_width=4, acc_width=16)


class CountAndSquare(wiring.Component):
    """Feeds the numbers 0 to 7 to a MAC, each times itself less 4, and holds their sum."""

    total: Out(20)
    done: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.mac = mac = api.component("data-gated", MAC)
        m.submodules.array = self.array = api.component("systolic", ARRAY)
        number = Signal(4)
        beat = mac.i.payload
        m.d.comb += [
            mac.i.valid.eq(number < 8),
            beat.a.eq(number),
            beat.w.eq(number - 4),
            beat.last.eq(number == 7),
            mac.o.ready.eq(1),
        ]
        with m.If(mac.i.valid & mac.i.ready):
            m.d.sync += number.eq(number + 1)
        with m.If(mac.o.valid):
            m.d.sync += [self.total.eq(mac.o.payload), self.done.eq(1)]
        return m


def main() -> None:
    """Run the design and compare both units with their models."""
    acts = np.arange(8).reshape(1, 8, 1)
    (expected,) = api.golden("data-gated", MAC).respond(MAC.points[0], {"a": acts, "w": acts - 4})[
        "acc"
    ][0]
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 16, (2, 6)), rng.integers(-8, 8, (6, 2))
    product = api.golden("systolic", ARRAY).matmul(ARRAY.points[0], left, right)

    design = CountAndSquare()
    simulator = Simulator(design)
    simulator.add_clock(1e-6)
    columns: list[int] = []

    async def matrices(ctx):
        array = design.array
        for step in range(6):
            ctx.set(array.i.valid, 1)
            ctx.set(array.i.payload.a, _word(left[:, step]))
            ctx.set(array.i.payload.w, _word(right[step]))
            ctx.set(array.i.payload.last, step == 5)
            await ctx.tick().until(array.i.ready)
        ctx.set(array.i.valid, 0)

    async def results(ctx):
        array = design.array
        ctx.set(array.o.ready, 1)
        for _ in range(2):
            sums, _ = (
                await ctx.tick().sample(array.o.payload.sums, array.o.valid).until(array.o.valid)
            )
            columns.append(sums)

    async def finished(ctx):
        await ctx.tick().until(design.done)

    simulator.add_testbench(matrices)
    simulator.add_testbench(results)
    simulator.add_testbench(finished)
    with simulator.write_vcd(None):
        simulator.run_until(1e-4)
    print("sum of n (n - 4):", expected)
    print("product:", product.tolist(), columns)


def _word(operands: np.ndarray) -> int:
    return sum((int(one) & 15) << 4 * lane for lane, one in enumerate(operands))


if __name__ == "__main__":
    main()
