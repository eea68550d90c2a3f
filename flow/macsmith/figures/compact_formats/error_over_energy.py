"""Which format for which error: errors of dot products over energies, all formats in one picture.

Energies are those of the records of docs/number-formats.md and docs/floating-point.md. Errors are
worked out as `macsmith errors` does it, of real operands, with what quantisation loses.
"""

from collections.abc import Iterator, Mapping, Sequence

import vl_convert

from macsmith.analysis.formats.format_losses import error_of_unit, error_of_whole_numbers
from macsmith.figures.docs_page import (
    GatheredRegion,
    LibraryRun,
    Row,
    Shown,
    records_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made

CHART = "error-over-energy.svg"

WHOLE = "data-gated"
"""Whole numbers, exact but for their quantisation."""

SUMS = {"exact", "window of 25"}
"""Alignments whose own errors are far below those of quantisation."""


FORMATS = records_of("number-formats", "formats")
PAIRS = records_of("number-formats", "compensation")
FLOATS = records_of("floating-point", "dots of 4")


def picture(runs: Mapping[str, Sequence[LibraryRun]]) -> Shown:
    """Return the picture, and the designs that nothing beats in both."""
    libraries = [[one.library for one in runs[kept.name]] for kept in (FORMATS, PAIRS, FLOATS)]
    library = next(name for name in libraries[0] if all(name in some for some in libraries))
    of_library = {
        name: next(one for one in some if one.library == library) for name, some in runs.items()
    }
    points = _apart(
        [
            *_compact(of_library[FORMATS.name].records, "random"),
            *_compact(of_library[PAIRS.name].records, "uniform", "fpec"),
            *_floating(of_library[FLOATS.name].records),
        ]
    )
    front = _front(points)
    rows = [
        [one["format"], one["family"], f"{one['energy']:.3f}", f"{one['error']:.2%}"]
        for one in front
    ]
    text = (
        f"![Errors of dot products over energies of a product](img/{CHART})\n\n"
        "Of these nothing takes less energy and has less error:\n\n"
        + table(["format", "unit", "pJ a product", "error, RMS of exact sums"], rows, 2)
    )
    used = [of_library[kept.name] for kept in (FORMATS, PAIRS, FLOATS)]
    notes = "; ".join(dict.fromkeys(made([one], "Units") for one in used))
    chart = _drawn(points, front, library)
    return Shown(f"{text}\n\n{notes}", {CHART: chart})


def _compact(records: Sequence[Row], stimulus: str, unit: str = "") -> Iterator[Row]:
    """Yield points of units of compact formats, and of whole numbers."""
    for one in records:
        name, chosen = one.get("unit", unit), one["parameters"]
        if name == WHOLE:
            error = error_of_whole_numbers(
                *(chosen[f"{side}_width"] for side in ("act", "weight")),
                *(chosen[f"{side}_signed"] for side in ("act", "weight")),
            )
        else:
            error = error_of_unit(name, chosen)
        if error is not None:
            label = one["label"].replace("`", "").replace(f"{name}, ", "")
            yield {
                "family": name, "format": label, "energy": one["pj"][stimulus], "error": error,
            }  # fmt: skip


def _floating(records: Sequence[Row]) -> Iterator[Row]:
    """Yield points of floating-point dot products; of each format the one of least energy."""
    best: dict[str, Row] = {}
    for one in records:
        if one["unit"] != WHOLE and one["aligned"] in SUMS:
            known = best.get(one["format"])
            if known is None or one["energy_pj_per_operation"] < known["energy_pj_per_operation"]:
                best[one["format"]] = one
    for name, one in best.items():
        yield {
            "family": one["unit"], "format": name, "energy": one["energy_pj_per_operation"],
            "error": error_of_unit(one["unit"], one["parameters"]),
        }  # fmt: skip


def _apart(points: Sequence[Row]) -> list[Row]:
    """Return of a unit's points with one error, which compute the same, that of least energy."""
    found: dict[tuple[str, str], Row] = {}
    for one in sorted(points, key=lambda p: float(p["energy"])):
        found.setdefault((one["family"], f"{one['error']:.9f}"), one)
    return list(found.values())


def _front(points: Sequence[Row]) -> list[Row]:
    """Return the points that no other has both less energy and less error than."""
    front: list[Row] = []
    for one in sorted(points, key=lambda p: (p["energy"], p["error"])):
        if not front or one["error"] < front[-1]["error"]:
            front.append(one)
    return front


def _drawn(points: Sequence[Row], front: Sequence[Row], library: str) -> str:
    """Return the picture as SVG."""
    ends = {"type": "log", "nice": False, "padding": 20}
    across = {"field": "energy", "type": "quantitative", "scale": ends,
              "title": f"pJ a product, unit on {library}"}  # fmt: skip
    up = {"field": "error", "type": "quantitative", "scale": ends,
          "title": "RMS error of sums of 64 products, of exact sums",
          "axis": {"format": ".1%"}}  # fmt: skip
    colour = {"field": "family", "type": "nominal", "title": "unit", "scale": {"scheme": "dark2"}}
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 8, "color": "#333333"}
    line = {"type": "line", "color": "#999999", "strokeDash": [3, 3], "interpolate": "step-after"}
    encoding = {"x": across, "y": up}
    return str(
        vl_convert.vegalite_to_svg(
            {
                "width": 640, "height": 440, "background": "white",
                "layer": [
                    {"data": {"values": list(front)}, "mark": line, "encoding": encoding},
                    {
                        "data": {"values": list(points)},
                        "encoding": encoding,
                        "layer": [
                            {"mark": {"type": "point", "filled": True, "size": 60},
                             "encoding": {"color": colour}},
                            {"mark": text, "encoding": {"text": {"field": "format"}}},
                        ],
                    },
                ],
            }
        )
    )  # fmt: skip


REGIONS = (GatheredRegion("error over energy", (FORMATS, PAIRS, FLOATS), picture),)
