"""Buffets and double buffers: four faults of a published buffet first, then programs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.tile_memory import Command
from macsmith.operands.packet_sources.tile_programs import Program, TileSource
from tests.support.amaranth_runs import streamed

SIZE = 4

NAMES = ("buffet", "double-buffer")


def ran(name: str, spec: Any, program: Program, pause: float = 0.3, seed: int = 1) -> list[int]:
    """Return what a program reads from the hardware."""
    beats = dict(zip(spec.inputs(spec.points[0]), map(words_to_ints, program.sent), strict=True))
    return streamed(
        build(name, spec), beats, len(program.due), pause, seed,
        after={"i_update": program.update_after.tolist()},
    )  # fmt: skip


def written(filled: Sequence[int], commands: Sequence[Command]) -> tuple[Any, Program]:
    """Return a small buffet, and a program for it."""
    spec = make_spec("buffet", {"width": 8, "size": SIZE, "pending": 2})
    source = TileSource(spec, golden("buffet", spec), np.random.default_rng(1))
    return spec, source.of(list(filled), commands)


def test_reads_that_are_offered_in_every_cycle_are_all_answered() -> None:
    spec, program = written([10, 11, 12, 13], [Command(at % SIZE) for at in range(40)])
    assert ran("buffet", spec, program, pause=0.0) == [10 + at % SIZE for at in range(40)]


def test_a_read_waits_for_its_word() -> None:
    """The command is there before the first word is."""
    spec, program = written([10, 11], [Command(1), Command(0)])
    assert ran("buffet", spec, program, pause=0.0) == [11, 10]


def test_a_read_beyond_a_window_that_wraps_waits_too() -> None:
    """The tail is behind the head in the ring; what lies at the place read is no word any more."""
    commands = [Command(0), Command(3, shrink=True), Command(2), Command(3)]
    spec, program = written([10, 11, 12, 13, 14, 15, 16], commands)
    for seed in range(8):
        assert ran("buffet", spec, program, 0.6, seed) == [10, 15, 16]


def test_updates_count_from_the_head() -> None:
    """After a shrink an update is of the word that was read, which can be read again."""
    commands = [Command(2, shrink=True), Command(0, new_word=99), Command(0), Command(1)]
    spec, program = written([10, 11, 12, 13], commands)
    assert ran("buffet", spec, program) == [12, 99, 13]


@pytest.mark.parametrize("name", NAMES)
def test_programs(name: str) -> None:
    spec = make_spec(name, units()[name].spec.mutated()[("", "default")])
    source = TileSource(spec, golden(name, spec), np.random.default_rng(2))
    for number in range(8):
        program = source.program(60, out_of_reach=number % 4 == 3)
        assert ran(name, spec, program, seed=number) == words_to_ints(program.due)


REFUSED = [
    ("buffet", {"size": 1}, "size must be from 2 to 65536, not 1; the nearest is 2"),
    ("buffet", {"pending": 0}, "pending must be from 1 to 16, not 0; the nearest is 1"),
    ("double-buffer", {"size": 7}, "size must be even, for two halves, not 7; the nearest is 8"),
]


@pytest.mark.parametrize(("name", "parameters", "sentence"), REFUSED)
def test_refused_parameters(name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        make_spec(name, parameters)
    assert str(refused.value) == sentence
