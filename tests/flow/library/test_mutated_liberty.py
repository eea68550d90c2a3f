"""Mutated libraries are taken, and then by the tools too, or refused in a sentence."""

import gzip
from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.library import canonical_liberty
from macsmith.library.technology_reader import from_liberty
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing.timing import minimum_period
from tests.support.cells import by_tools
from tests.support.designs import Nand
from tests.support.liberty_cases import BASE
from tests.support.liberty_mutations import mutated

NAND = to_rtlil(Nand(), "top")

# Found by longer runs: an empty function, a template without axes, a pin without a
# direction, two tables of a kind.
FOUND = (124, 1561, 2174, 4080, 6942)


def taken(seed: int, folder: Path, with_tools: bool) -> bool:
    """Read a mutated library, and use it; return whether it could be."""
    path = folder / f"m{seed}.lib"
    path.write_text(mutated(BASE, seed), encoding="utf-8", errors="surrogatepass")
    try:
        tech = from_liberty("mutated", [path], by_tools())
        assert canonical_liberty.render(tech)
        if with_tools:
            netlist = synthesise(NAND, "top", tech, Recipe.BALANCED, folder / f"out{seed}")
            assert minimum_period(netlist, tech).period_ns >= 0
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
    used = [taken(seed, tmp_path, not place % every) for place, seed in enumerate(seeds)]
    assert len(used) < 100 or sum(used) > len(used) // 20


def test_a_cut_library_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(BASE.encode())
    for size in range(0, len(packed), len(packed) // 7):
        path = tmp_path / f"cut{size}.lib.gz"
        path.write_bytes(packed[:size])
        with pytest.raises(UserError, match="must"):
            from_liberty("cut", [path])
