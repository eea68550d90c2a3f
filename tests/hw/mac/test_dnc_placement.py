"""Jobs of bricks: each is done once, and few bricks move."""

from itertools import product

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode
from macsmith.mac.parallel.brick_groups import move_groups
from macsmith.mac.parallel.brick_placement import base, job, row_job


@pytest.mark.parametrize(
    ("levels", "cuts"),
    [(levels, cuts) for levels in (1, 2) for cuts in product(range(levels + 1), repeat=2)],
)
def test_every_job_is_done_once(levels, cuts):
    side = 1 << levels
    acts, weights = side >> cuts[0], side >> cuts[1]
    jobs = {job(levels, cuts, i, j) for i in range(side) for j in range(side)}
    assert jobs == set(product(range(side * side // (acts * weights)), range(acts), range(weights)))


@pytest.mark.parametrize(("levels", "cuts"), [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2)])
def test_every_job_of_a_row_is_done_once(levels, cuts):
    side = 1 << levels
    jobs = {row_job(levels, cuts, j) for j in range(side)}
    assert jobs == set(product(range(1 << cuts), [0], range(side >> cuts)))


@pytest.mark.parametrize(("cuts", "moves"), [((0, 1), 2), ((0, 2), 4), ((1, 1), 6), ((2, 2), 12)])
def test_few_bricks_move(cuts, moves):
    def moved(i, j):
        done = job(2, cuts, i, j)
        return sum(base(2, cuts)) + done.act + done.weight != i + j

    assert sum(moved(i, j) for i in range(4) for j in range(4)) == moves


def test_guests_share_the_moves_of_their_host():
    wide, half, narrow = (Mode.parse(text) for text in ("8x8", "8x4", "8x2"))
    host, guest = move_groups(
        {(0, 2): {wide: 4, half: 4, narrow: 2}, (0, 3): {wide: 6, half: 4, narrow: 2}}
    )
    # Of two groups of one size the first is the guest.
    assert (host.places, guest.places) == ({wide: 4}, {wide: 6, half: 4, narrow: 2})
    assert guest.members[1] == ((0, 2), frozenset({half, narrow}))


@pytest.mark.parametrize("name", ["dnc-1d-st", "dnc-2d-st"])
def test_a_digit_comes_in_once(name):
    spec = make_spec(name)
    for mode in spec.modes:
        for source, lanes, bits in (
            (spec.act_source(mode), spec.act_lanes(mode), mode.act_bits),
            (spec.weight_source(mode), spec.weight_lanes(mode), mode.weight_bits),
        ):
            fed = [bit for bit in source if bit is not None]
            assert sorted(fed) == list(range(lanes * bits))
