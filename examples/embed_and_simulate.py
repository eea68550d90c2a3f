"""An Amaranth design of one's own around two units of macsmith, run in Amaranth's simulator.

A MAC sums the products that a counter feeds it; beside it a 2 x 2 systolic array multiplies two
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


class CountAndMultiply(wiring.Component):
    """Feeds the numbers 0 to 7 to a MAC, each with itself less 4, and holds the sum of products."""

    total: Out(12)
    done: Out(1)

    def __init__(self) -> None:
        super().__init__()
        self.mac = api.component("data-gated", MAC)
        self.array = api.component("systolic", ARRAY)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.mac, m.submodules.array = mac, _ = self.mac, self.array
        number, beat = Signal(4), mac.i.payload
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


def simulated(left: np.ndarray, right: np.ndarray) -> tuple[int, list[list[int]]]:
    """Return the sum that the MAC gives, and the product of two matrices that the array gives."""
    design = CountAndMultiply()
    totals: list[int] = []
    columns: list[list[int]] = []
    array = design.array

    async def steps(ctx):
        for k in range(left.shape[1]):
            ctx.set(array.i.payload.a, word(left[:, k], 4))
            ctx.set(array.i.payload.w, word(right[k], 4))
            ctx.set(array.i.payload.last, k == left.shape[1] - 1)
            ctx.set(array.i.valid, 1)
            await ctx.tick().until(array.i.ready)
        ctx.set(array.i.valid, 0)

    async def sums(ctx):
        ctx.set(array.o.ready, 1)
        while len(columns) < right.shape[1]:
            _, _, valid, column = await ctx.tick().sample(array.o.valid, array.o.payload.sums)
            if valid:
                columns.append(values(column, len(left), 16))

    async def total(ctx):
        await ctx.tick().until(design.done)
        totals.append(ctx.get(design.total))

    simulator = Simulator(design)
    simulator.add_clock(1e-6)
    for testbench in (steps, sums, total):
        simulator.add_testbench(testbench)
    simulator.run()
    return totals[0], [list(row) for row in zip(*columns, strict=True)]


def word(operands: np.ndarray, bits: int) -> int:
    """Return operands side by side, the first lowest."""
    mask = (1 << bits) - 1
    return sum((int(one) & mask) << bits * lane for lane, one in enumerate(operands))


def values(field: int, count: int, bits: int) -> list[int]:
    """Return the numbers in two's complement that lie side by side in a field."""
    raw = [field >> bits * lane & (1 << bits) - 1 for lane in range(count)]
    return [one - (one >> bits - 1 << bits) for one in raw]


def main() -> None:
    """Run the design and compare both units with their golden models."""
    numbers = np.arange(8).reshape(1, 8, 1)
    operands = {"a": numbers, "w": numbers - 4}
    ((expected,),) = api.golden("data-gated", MAC).respond(MAC.points[0], operands)["acc"]
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 16, (2, 6)), rng.integers(-8, 8, (6, 2))
    product = api.golden("systolic", ARRAY).matmul(ARRAY.points[0], left, right)
    total, columns = simulated(left, right)
    assert (total, columns) == (expected, product.tolist())
    print(f"sum of n (n - 4) for n below 8: {total}")
    print(f"{left.tolist()} x {right.tolist()} = {columns}")


if __name__ == "__main__":
    main()
