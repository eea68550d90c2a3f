"""How far the embedded library agrees with a real one, in ratios to the reference unit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Row, Shown
from macsmith.figures.macs.mac_records import by_unit, with_energy
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology


class Pair(NamedTuple):
    """One figure of a unit as a ratio to the reference unit's, on both libraries."""

    unit: str
    embedded: float
    real: float

    @property
    def off(self) -> float:
        """The embedded library's ratio over the real one's."""
        return self.embedded / self.real


def both(tech: Technology) -> Records:
    """Measure all default cores on the embedded library, and on a real one."""
    embedded = resolve()
    made_with = {"embedded_sha256": embedded.sha256}
    return [record | made_with for one in (embedded, tech) for record in with_energy(one)]


def agreement(runs: Sequence[LibraryRun]) -> Shown:
    """Return the ratios on both libraries, and how far they agree."""
    (run,) = runs
    real = by_unit([one for one in run.records if one["tech"] == run.library])
    embedded = by_unit([one for one in run.records if one["tech"] != run.library])
    first, *_, last = modes = list(real[REFERENCE])
    area = _pairs(embedded, real, first, "area_ge", "area_um2")
    period = _pairs(embedded, real, first, "period_tau", "period_ns")
    energy = {
        mode: _pairs(embedded, real, mode, "energy_c0v2_per_mac", "energy_pj_per_mac")
        for mode in modes
    }
    shown = {"area": area, "period": period} | {
        f"energy {mode}": energy[mode] for mode in (first, last)
    }
    head = ["unit", *(column for name in shown for column in (name, f"{name}, {run.library}"))]
    ratios = [
        [f"`{row[0].unit}`", *(f"{ratio:.2f}" for pair in row for ratio in pair[1:])]
        for row in zip(*shown.values(), strict=True)
    ]
    agreed = [
        _agreement("area", area),
        _agreement("period", period),
        *(_agreement(f"energy, {mode}", pairs) for mode, pairs in energy.items()),
        _agreement(
            f"energy, {', '.join(modes)}",
            [
                pair._replace(unit=f"{pair.unit}, {mode}")
                for mode, pairs in energy.items()
                for pair in pairs
            ],
        ),
    ]
    sha256 = run.records[0]["embedded_sha256"]
    what = f"Core boundary, beside `generic` (SHA-256 `{sha256[:12]}`)"
    return Shown(
        f"{table(head, ratios)}\n\n"
        f"{table(['', 'rank correlation', 'worst', 'of'], agreed)}\n\n{made(runs, what)}"
    )


def _pairs(
    embedded: Mapping[str, Mapping[str, Row]], real: Mapping[str, Mapping[str, Row]], mode: str,
    *keys: str,
) -> list[Pair]:  # fmt: skip
    """Return a figure of all units in a mode; its key differs, as its unit does."""
    sides = zip((embedded, real), keys, strict=True)
    ratios = [
        [float(units[unit][mode][key] / units[REFERENCE][mode][key]) for unit in real]
        for units, key in sides
    ]
    return list(map(Pair, real, *ratios))


def _agreement(what: str, pairs: Sequence[Pair]) -> list[str]:
    """Return a row: Spearman's rank correlation, and where the libraries are furthest apart."""
    ranks = [_ranks([p.embedded for p in pairs]), _ranks([p.real for p in pairs])]
    worst = max(pairs, key=lambda pair: abs(np.log(pair.off)))
    unit, comma, mode = worst.unit.partition(",")
    correlation = float(np.asarray(np.corrcoef(ranks))[0, 1])
    return [what, f"{correlation:.2f}", f"{worst.off:.2f}", f"`{unit}`{comma}{mode}"]


def _ranks(values: Iterable[float]) -> NDArray[np.float64]:
    """Return the rank of each value, the mean of theirs for equal ones."""
    each = np.array(list(values))
    below = (each < each[:, np.newaxis]).sum(1)
    return (below + (each <= each[:, np.newaxis]).sum(1)) / 2


REGION = MeasuredRegion("embedded", Measured("embedded", both), agreement)
