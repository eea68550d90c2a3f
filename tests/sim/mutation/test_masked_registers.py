"""Faults that are proved to be hidden, and whether checks see them all the same."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.settings import spec_of
from macsmith.golden.catalog import golden
from macsmith.mutation.masked_registers import MaskedRegisters
from macsmith.mutation.mutants import Mutants, draw
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.subject import Subject

SMALL = ("act_width=3", "weight_width=3")

COUNT = 60


@pytest.fixture(scope="module")
def spec() -> Any:
    """A small MAC."""
    return spec_of("data-gated", SMALL)


@pytest.fixture(scope="module")
def drawn(spec: Any, tmp_path_factory: pytest.TempPathFactory) -> Mutants:
    """Faults of it."""
    return draw("data-gated", spec, COUNT, 1, tmp_path_factory.mktemp("drawn"))


def seen(spec: Any, subject: Subject, mutant: int) -> bool:
    """Return whether the bulk layer sees a fault."""
    engine = bulk_engine("data-gated", spec, Subject(**{**vars(subject), "mutant": mutant}))
    try:
        runs = verify_bulk("data-gated", spec, golden("data-gated", spec), engine, 1, 50)
    except RuntimeError:
        return True
    return not all(run.right for run in runs)


def test_what_is_proved_hidden_no_check_sees(spec: Any, drawn: Mutants, tmp_path: Path) -> None:
    gates = read_netlist(drawn.subject.rtlil, "unit", tmp_path)
    registers = MaskedRegisters(gates, {"o__payload": "o__valid"})
    assert registers.hide(0, 60)
    tried = drawn.mutants[: COUNT // 2]
    hidden = [one.number for one in tried if registers.hide(one.number, 60)]
    assert 1 <= len(hidden) < len(tried) // 2
    assert [number for number in hidden if seen(spec, drawn.subject, number)] == []
    others = [one.number for one in tried if one.number not in hidden][::5]
    assert sum(seen(spec, drawn.subject, number) for number in others) >= len(others) - 1
