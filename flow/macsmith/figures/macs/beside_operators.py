"""Our multipliers and MACs beside Yosys's options, from what ``benchmarks.qor.beside`` wrote."""

import re
from collections.abc import Sequence
from statistics import geometric_mean
from typing import Any

import vl_convert

from macsmith.figures.docs_page import LibraryRun, Measured, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made

BESIDE_OPERATORS = Measured(
    "operators",
    "python -m benchmarks.qor.beside LIBRARY ... --json docs/data/beside-operators.json",
    several=True,
    file="beside-operators",
)

RATIOS = {
    "min_period": "shortest period", "min_area": "least area", "product": "area x period",
    "hypervolume": "hypervolume",
}  # fmt: skip
"""Keys of ratios, and the heads of their columns."""


def beside(runs: Sequence[LibraryRun]) -> Shown:
    """Return the ratios of both sides' fronts, ours over theirs, and a picture for each library."""
    parts, pictures = [], {}
    for run in runs:
        name = f"front-{run.library}.svg"
        pictures[name] = _picture(run)
        sentence = f"Area over clock period, ours and theirs, on {run.library}"
        parts += [f"{run.library}:", _ratios(run), f"![{sentence}](img/{name})"]
    return Shown("\n\n".join([*parts, made(runs, "Unsigned")]), pictures)


def _ratios(run: LibraryRun) -> str:
    rows = [
        [one["kind"], f"{one['width']} x {one['width']}", one["against"], one["effort"],
         *(f"{one[key]:.2f}" for key in RATIOS)]
        for one in run.records
    ]  # fmt: skip
    yosys = [one for one in run.records if one["against"] == "Yosys"]
    if len(yosys) > 1:
        means = (geometric_mean(one[key] for one in yosys) for key in RATIOS)
        rows.append(["geometric mean", "", "Yosys", "", *(f"{mean:.2f}" for mean in means)])
    return table(["", "bits", "against", "effort", *RATIOS.values()], rows, 3)


def _picture(run: LibraryRun) -> str:
    rows = [
        {"what": f"{one['kind']} {one['width']}", "side": "macsmith" if side == "ours"
         else one["against"], "area": point["area"], "period": point["period"]}
        for one in run.records for side in ("ours", "theirs") for point in one[side]
    ]  # fmt: skip
    scale = {"type": "log", "zero": False, "nice": False}
    spec: dict[str, Any] = {
        "data": {"values": rows},
        "facet": {"field": "what", "title": None, "sort": None},
        "columns": 3,
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": {
            "width": 180, "height": 140,
            "mark": {"type": "line", "point": True, "interpolate": "step-after"},
            "encoding": {
                "x": {"field": "period", "type": "quantitative", "title": "period, ns",
                      "scale": scale},
                "y": {"field": "area", "type": "quantitative", "title": "area, um2",
                      "scale": scale},
                "color": {"field": "side", "title": None},
            },
        },
    }  # fmt: skip
    svg = vl_convert.vegalite_to_svg(spec)
    places = re.compile(r' (?:d|transform)="[^"]*"')
    return places.sub(
        lambda found: re.sub(r"\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", found[0]), svg
    )
