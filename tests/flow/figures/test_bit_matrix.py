"""Which partial products are alive: as many as the products need, and no bit drawn by name."""

from collections import Counter
from dataclasses import dataclass

import pytest
from amaranth.sim import Simulator

from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode
from macsmith.figures.macs.alive_bits_picture import COLOURS, IDLE, draw
from macsmith.mac.parallel.data_gated import DataGatedSpec
from macsmith.mac.serial.serial_2d import Serial2dFeeder, Serial2dSpec
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES

WIDER = {"act_width": 16, "weight_width": 16}


@pytest.mark.parametrize("settings", [{}, WIDER], ids=["default", "16 bits"])
@pytest.mark.parametrize("name", compared())
def test_a_product_has_all_its_partial_products(name: str, settings: dict[str, int]) -> None:
    spec = make_spec(name, settings)
    for mode in spec.modes:
        alive = Counter(one.lane for row in spec.bit_matrix(mode) for one in row)
        del alive[None]
        bits = mode.act_bits * mode.weight_bits
        assert alive.total() == spec.products(mode) * bits
        if spec.cycles(mode) == 1:
            assert alive == dict.fromkeys(range(spec.products(mode)), bits)


@pytest.mark.parametrize("digit", [1, 2, 4])
@pytest.mark.parametrize("name", ["serial-1d", "serial-2d"])
def test_each_cycle_of_a_serial_product_is_marked_once(name: str, digit: int) -> None:
    spec = make_spec(name, {"digit": digit})
    for mode in spec.modes:
        marks = [one.mark for row in spec.bit_matrix(mode) for one in row if one.mark is not None]
        assert sorted(marks) == list(range(spec.cycles(mode)))


def test_digit_pairs_are_walked_as_the_sequencer_walks_them() -> None:
    spec = Serial2dSpec(
        digit=2, modes=(Mode(act_bits=8, weight_bits=8), Mode(act_bits=4, weight_bits=6))
    )
    feeder = Serial2dFeeder(spec, (spec.digit, spec.digit))
    # Each digit holds its own place.
    places = sum(k << 2 * k for k in range(4))
    for index, mode in enumerate(spec.modes):
        seen: list[tuple[int, int]] = []

        async def bench(ctx, index=index, mode=mode, seen=seen) -> None:
            for port, value in ((feeder.act_in, places), (feeder.weight_in, places),
                                (feeder.mode, 1 << index), (feeder.load, 1)):  # fmt: skip
                ctx.set(port, value)
            await ctx.tick()
            ctx.set(feeder.load, 0)
            ctx.set(feeder.advance, 1)
            for _ in range(spec.cycles(mode)):
                seen.append((ctx.get(feeder.act), ctx.get(feeder.weight)))
                await ctx.tick()

        simulator = Simulator(feeder)
        simulator.add_clock(1e-6)
        simulator.add_testbench(bench)
        simulator.run()
        assert tuple(seen) == spec.walk(mode)


@dataclass(frozen=True, kw_only=True)
class Crosswise(DataGatedSpec):
    """A style of no catalogue: narrow operands at the bottom, two lanes at 4x4, crossed."""

    summary = "two products in the corners of one matrix"

    def element_products(self, mode: Mode) -> int:
        return 2 if mode.act_bits <= 4 and mode.weight_bits <= 4 else 1

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return self._fields(mode.act_bits, self.element_products(mode))

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        low, high = (
            (fields := self._fields(mode.weight_bits, self.element_products(mode)))[:4],
            fields[4:],
        )
        return high + low

    def _fields(self, bits: int, lanes: int) -> tuple[Source, ...]:
        width = 8 // lanes
        return tuple(
            lane * bits + bit if bit < bits else None
            for lane in range(lanes)
            for bit in range(width)
        )


def test_a_style_of_no_catalogue_has_a_picture() -> None:
    spec = Crosswise(modes=(Mode(act_bits=8, weight_bits=8), Mode(act_bits=4, weight_bits=4)))
    matrix = spec.bit_matrix(spec.modes[1])
    assert [[one.lane for one in row] for row in matrix] == (
        [[None] * 4 + [1] * 4] * 4 + [[0] * 4 + [None] * 4] * 4
    )
    picture = draw("crosswise", spec)
    assert picture.startswith("<svg") and picture.rstrip().endswith("</svg>")
    panel = picture.split("4x4</tspan>")[1]
    assert all(f'fill="{colour}"' in panel for colour in (COLOURS[0], COLOURS[1], IDLE))
    assert "2 a cycle" in panel


@pytest.mark.parametrize("name", STYLES)
def test_every_style_of_the_catalogue_has_a_picture(name: str) -> None:
    spec: MacSpec = make_spec(name)
    assert draw(name, spec).count("<tspan") == len(spec.modes)
