"""The chart of docs/ebsp.md: accuracy of a task over energy, by N and L."""

from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert

from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.ebsp.designs import Design, find, whole_weights
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.networks import ebsp_networks

CHART = "ebsp-accuracy-energy.svg"

TASK = "letters"


def measure_cores(tech: Technology) -> Records:
    """Measure cores on the weights that the task's networks have, and add their accuracies."""
    settings = [ebsp_networks.INT8, *ebsp_networks.GRID]
    found = find([_core(one) for one in settings], tech, (TASK,))
    known = ebsp_networks.figures()["accuracy"][TASK]
    same = known[ebsp_networks.OTHERS[0].name]["runs"]
    return [
        it.record
        | {
            "N": "INT8" if one.pattern is None else f"N = {one.bits}",
            "L": "" if one.pattern is None else f"L = {one.pattern}",
            "accuracy": 100 * _mean(known[one.name]["runs"], same),
        }
        for one, it in zip(settings, found, strict=True)
    ]


def accuracy(runs: Sequence[LibraryRun]) -> Shown:
    """Return the chart of accuracy over energy, and its figures."""
    points = [
        {
            "N": record["N"], "L": record["L"], "accuracy": record["accuracy"],
            "energy": record["pj"][TASK], "area": record["area_um2"],
        }
        for record in runs[0].records
    ]  # fmt: skip
    rows = [[p["N"], p["L"], f"{p['accuracy']:.2f}%", f"{p['energy']:.3f}", f"{p['area']:.0f}"]
            for p in points]  # fmt: skip
    figures = table(["weights", "", "accuracy", "pJ a product", "um2"], rows, 2)
    text = f"![Accuracy on {TASK} over energy a product](img/{CHART})\n\n{figures}"
    chart = _drawn(points, TASK, runs[0].library)
    return Shown(f"{text}\n\n{made(runs, 'Core boundary')}", {CHART: chart})


def _core(setting: ebsp_networks.Setting) -> Design:
    weights = setting.bits, setting.pattern
    if setting.pattern is None:
        return Design(setting.name, "data-gated", whole_weights(8), "core", weights)
    settings = {"weight_width": setting.bits, "pattern": setting.pattern, "lut": "shared-rows"}
    return Design(setting.name, "ebsp", settings, "core", weights)


def _mean(runs: Sequence[float], same: Sequence[float]) -> float:
    """Return the mean of the runs that all settings have."""
    return sum(runs[: len(same)]) / len(same)


def _drawn(points: Sequence[Mapping[str, Any]], task: str, library: str) -> str:
    """Return the chart as SVG."""
    scale = {"zero": False, "padding": 20}
    across = {"field": "energy", "type": "quantitative", "scale": scale,
              "title": f"pJ a product, core on {library}"}  # fmt: skip
    up = {"field": "accuracy", "type": "quantitative", "scale": scale,
          "title": f"accuracy on {task}, %"}  # fmt: skip
    colour = {"field": "N", "type": "nominal", "title": "weights", "scale": {"scheme": "dark2"}}
    mark = {"type": "point", "filled": True, "size": 60}
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 9, "color": "#333333"}
    return str(
        vl_convert.vegalite_to_svg(
            {
                "width": 520, "height": 320, "background": "white",
                "data": {"values": list(points)},
                "encoding": {"x": across, "y": up},
                "layer": [
                    {"mark": mark, "encoding": {"color": colour}},
                    {"mark": text, "encoding": {"text": {"field": "L"}}},
                ],
            }
        )
    )  # fmt: skip


REGIONS = (
    MeasuredRegion("accuracy and energy", Measured("accuracy and energy", measure_cores), accuracy),
)
