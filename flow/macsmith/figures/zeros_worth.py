"""The measured comparison of docs/sparse-engines.md: what zeros are worth, energies and areas."""

from collections.abc import Sequence
from typing import Any

import vl_convert

from macsmith.analysis.zeros.comparison import DENSITIES, compared
from macsmith.analysis.zeros.contenders import MULTIPLIERS
from macsmith.analysis.zeros.sram import IHP
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology

CHART = "zeros-worth.svg"


def measure_worth(tech: Technology) -> Records:
    """Measure all contenders at all densities that they are compared at."""
    return compared(tech, IHP)


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return energies and cycles by density, areas, and the picture."""
    records = runs[0].records
    names = list(dict.fromkeys(record["name"] for record in records))
    parts = [f"![What zeros are worth](img/{CHART})"]
    told = {"pJ of a useful product: logic + memories": _energy,
            "cycles of a useful product": _cycles}  # fmt: skip
    for title, figure in told.items():
        rows = [
            [f"{density:.1%}", *(_cell(records, name, density, figure) for name in names)]
            for density in DENSITIES
        ]
        parts.append(f"{title}:\n\n" + table(["not zero", *names], rows))
    parts.append(_areas(records, names))
    parts.append(_sentences(records))
    parts.append(
        f"{made(runs, 'Netlists')} Memories: {IHP.name}, fitted within "
        f"{max(IHP.largest_error.values()):.0%} of each macro's own figures."
    )
    return Shown("\n\n".join(parts), {CHART: _drawn(records)})


def _energy(record: Any) -> str:
    total = record["logic_pj"] + record["memory_pj"]
    return f"{total:.0f} = {record['logic_pj']:.0f} + {record['memory_pj']:.0f}"


def _cycles(record: Any) -> str:
    return f"{record['cycles']:.2f}"


def _cell(records: Records, name: str, density: float, figure: Any) -> str:
    found = [one for one in records if one["name"] == name and one["density"] == density]
    return figure(found[0]) if found else ""


def _areas(records: Records, names: Sequence[str]) -> str:
    rows = []
    for name in names:
        first = next(one for one in records if one["name"] == name)
        cells = (f"{first[key]:,.0f}" for key in ("logic_um2", "memory_um2"))
        rows.append([name, *cells, f"{first['period_ns']:.2f}"])
    head = [f"{MULTIPLIERS} multipliers", "logic um2", "memories um2", "period ns"]
    return table(head, rows)


def _sentences(records: Records) -> str:
    """Return who is best at each density, by logic alone and with memories."""
    rows = []
    for density in DENSITIES:
        here = [one for one in records if one["density"] == density]
        fewest = min(here, key=lambda one: float(one["cycles"]))
        logic = min(here, key=lambda one: float(one["logic_pj"]))
        whole = min(here, key=lambda one: float(one["logic_pj"] + one["memory_pj"]))
        rows.append([f"{density:.1%}", fewest["name"], logic["name"], whole["name"]])
    head = ["not zero", "fewest cycles", "least energy of logic", "least energy with memories"]
    return table(head, rows, len(head))


def _drawn(records: Records) -> str:
    """Return the picture as SVG: energies over densities, both logarithmic."""
    points = [
        {"engine": one["name"], "density": 100 * one["density"], "part": part, "pj": pj}
        for one in records
        for part, pj in (
            ("logic", one["logic_pj"]), ("logic and memories", one["logic_pj"] + one["memory_pj"])
        )
    ]  # fmt: skip
    across = {"field": "density", "type": "quantitative", "scale": {"type": "log"},
              "axis": {"values": [5, 12.5, 25, 50, 100]},
              "title": "activations and weights not zero, %"}  # fmt: skip
    up = {"field": "pj", "type": "quantitative", "scale": {"type": "log"},
          "title": "pJ of a useful product"}  # fmt: skip
    return str(
        vl_convert.vegalite_to_svg(
            {
                "background": "white", "data": {"values": points},
                "facet": {"column": {"field": "part", "type": "nominal", "title": None}},
                "spec": {
                    "width": 320, "height": 320,
                    "mark": {"type": "line", "point": True},
                    "encoding": {
                        "x": across, "y": up,
                        "color": {"field": "engine", "type": "nominal", "title": None,
                                  "scale": {"scheme": "category10"}},
                    },
                },
            }
        )
    )  # fmt: skip


REGIONS = (MeasuredRegion("worth", Measured("worth", measure_worth), shown),)
