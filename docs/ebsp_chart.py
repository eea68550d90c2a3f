"""The chart of docs/ebsp.md: accuracy of a task over energy, by N and L."""

from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert
from ebsp_designs import Design, find, whole_weights
from filling import DOCS, markdown

from macsmith.library.technology import Technology
from macsmith.networks import ebsp_networks
from macsmith.output.whole_file import write_whole

CHART = DOCS / "img" / "ebsp-accuracy-energy.svg"


def accuracy(tech: Technology, task: str = "letters") -> str:
    """Draw accuracy over energy, and return the figures."""
    settings = [ebsp_networks.INT8, *ebsp_networks.GRID]
    designs = [_core(one) for one in settings]
    found = find(designs, tech, (task,))
    known = ebsp_networks.figures()["accuracy"][task]
    points = [
        {
            "N": "INT8" if one.pattern is None else f"N = {one.bits}",
            "L": "" if one.pattern is None else f"L = {one.pattern}",
            "accuracy": 100
            * _mean(known[one.name]["runs"], known[ebsp_networks.OTHERS[0].name]["runs"]),
            "energy": it.pj[task],
            "area": it.area,
        }
        for one, it in zip(settings, found, strict=True)
    ]
    write_whole(CHART, _drawn(points, task, tech))
    rows = [[p["N"], p["L"], f"{p['accuracy']:.2f}%", f"{p['energy']:.3f}", f"{p['area']:.0f}"]
            for p in points]  # fmt: skip
    table = markdown(["weights", "", "accuracy", "pJ a product", "um2"], rows, 2)
    return f"![Accuracy on {task} over energy a product](img/{CHART.name})\n\n{table}"


def _core(setting: ebsp_networks.Setting) -> Design:
    weights = setting.bits, setting.pattern
    if setting.pattern is None:
        return Design(setting.name, "data-gated", whole_weights(8), "core", weights)
    settings = {"weight_width": setting.bits, "pattern": setting.pattern, "lut": "shared-rows"}
    return Design(setting.name, "ebsp", settings, "core", weights)


def _mean(runs: Sequence[float], same: Sequence[float]) -> float:
    """Return the mean of the runs that all settings have."""
    return sum(runs[: len(same)]) / len(same)


def _drawn(points: Sequence[Mapping[str, Any]], task: str, tech: Technology) -> str:
    """Return the chart as SVG."""
    scale = {"zero": False, "padding": 20}
    across = {"field": "energy", "type": "quantitative", "scale": scale,
              "title": f"pJ a product, core on {tech.name}"}  # fmt: skip
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
