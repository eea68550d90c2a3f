"""Mutated libraries are taken, and then by the tools too, or refused in a sentence."""

import gzip
import re
import time
from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.library import canonical_liberty
from macsmith.library.resolve import resolve
from macsmith.library.technology_reader import from_liberty
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing.timing import minimum_period
from tests.support.cells import NANGATE, by_tools
from tests.support.designs import Nand
from tests.support.liberty_cases import BASE
from tests.support.liberty_mutations import excerpt, mutated

NAND = to_rtlil(Nand(), "top")

# Found by longer runs: an empty function, a template without axes, a pin without a
# direction, two tables of a kind.
FOUND = (124, 1561, 2174, 4080, 6942)


CELLS = ("AND2_X1", "BUF_X1", "CLKGATE_X1", "DFF_X1", "FA_X1", "INV_X1", "NAND2_X1", "XOR2_X1")
"""Cells of a real library, with tables, power, states and a clock gate."""

PATIENCE_S = 10
"""Seconds of the processor in which a library is read or refused."""


def taken(text: str, seed: int, folder: Path, with_tools: bool) -> bool:
    """Read a mutated library, and use it; return whether it could be."""
    path = folder / f"m{seed}.lib"
    path.write_text(mutated(text, seed), encoding="utf-8", errors="surrogatepass")
    begun = time.process_time()
    try:
        tech = from_liberty("mutated", [path], by_tools())
        assert canonical_liberty.render(tech)
        if with_tools:
            netlist = synthesise(NAND, "top", tech, Recipe.BALANCED, folder / f"out{seed}")
            assert minimum_period(netlist, tech).period_ns >= 0
        assert time.process_time() - begun < PATIENCE_S
    except UserError as error:
        assert "\n" not in str(error) and "failed: " not in str(error), f"seed {seed}: {error}"
        return False
    except Exception as error:
        raise AssertionError(f"seed {seed}: {error!r}") from error
    return True


@pytest.mark.parametrize(
    ("seeds", "every"),
    [(range(200), 15), (FOUND, 1), pytest.param(range(200, 5200), 10, marks=pytest.mark.slow)],
)
def test_a_library_is_used_or_refused(
    seeds: tuple[int, ...] | range, every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    used = [taken(BASE, seed, tmp_path, not place % every) for place, seed in enumerate(seeds)]
    assert len(used) < 100 or sum(used) > len(used) // 20


@pytest.mark.parametrize(
    ("seeds", "every"), [(range(20), 10), pytest.param(range(20, 2520), 10, marks=pytest.mark.slow)]
)
def test_a_real_library_is_used_or_refused(
    seeds: range, every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some cells of Nangate45, as they are written."""
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    (whole,) = resolve(NANGATE).liberty
    data = whole.read_bytes()
    plain = gzip.decompress(data) if whole.suffix == ".gz" else data
    text = excerpt(plain.decode(), CELLS)
    assert len(re.findall(r"^\s*cell ", text, re.MULTILINE)) == len(CELLS)
    used = [taken(text, seed, tmp_path, not place % every) for place, seed in enumerate(seeds)]
    assert sum(used) > len(used) // 20


def test_a_cut_library_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(BASE.encode())
    for size in range(0, len(packed), len(packed) // 7):
        path = tmp_path / f"cut{size}.lib.gz"
        path.write_bytes(packed[:size])
        with pytest.raises(UserError, match="must"):
            from_liberty("cut", [path])
