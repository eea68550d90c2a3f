"""The table of skips: by hand, on a machine that skips by it, and its RTL by its model."""

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.sparse.sparce import (
    ACT_AT,
    LEFT,
    SUMS,
    WEIGHT_AT,
    Entry,
    Machine,
    Table,
    dot_products,
)
from macsmith.operands.packet_sources.packets import traffic
from tests.support.amaranth_runs import streamed


def test_skips_by_hand() -> None:
    table = Table({0: Entry(4, 1, 2, True, 3), 1: Entry(9, 1, 2, False, 1)})
    table.wrote(1, 0)
    assert [table.skip(address) for address in (4, 9, 5)] == [0, 1, 0]
    table.wrote(2, 0)
    assert table.skip(4) == 3
    table.wrote(1, 5)
    assert [table.skip(address) for address in (4, 9)] == [0, 1]


@pytest.mark.parametrize("density", [0.0, 0.3, 1.0])
def test_skipped_instructions_change_nothing(density: float) -> None:
    """Sums are those of the machine that skips nothing, which takes all that was skipped."""
    rng = np.random.default_rng(1)
    count, outputs = 40, 6
    acts = np.where(rng.random(count) < density, rng.integers(1, 9, count), 0)
    weights = rng.integers(-9, 9, (count, outputs))
    program, table = dot_products(outputs)
    memory = [*acts.tolist(), *weights.reshape(-1).tolist()]
    machines = []
    for one in (None, table):
        machine = Machine(memory, table=one)
        machine.registers[ACT_AT], machine.registers[WEIGHT_AT] = 0, count
        machine.registers[LEFT] = count
        machine.run(program)
        machines.append(machine)
        assert machine.registers[SUMS : SUMS + outputs] == (acts @ weights).tolist()
    plain, skipping = machines
    assert skipping.skipped == 3 * outputs * int((acts == 0).sum())
    assert skipping.fetched + skipping.skipped == plain.fetched


def test_beats_by_the_model() -> None:
    spec = make_spec("sparce-skip", units()["sparce-skip"].spec.mutated()[("", "default")])
    sent = traffic("sparce-skip", spec, 400, np.random.default_rng(3))
    got = streamed(build("sparce-skip", spec), sent.payloads, len(sent.due))
    assert got == words_to_ints(sent.due)


def test_refused_parameters() -> None:
    with pytest.raises(UserError) as refused:
        make_spec("sparce-skip", {"entries": 0})
    assert str(refused.value) == "entries must be from 1 to 64, not 0; the nearest is 1"
