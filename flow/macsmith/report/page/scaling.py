"""Voltage and frequency scaling as a section of the page, and as plots."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from macsmith.analysis.alpha_power import AlphaPower
from macsmith.analysis.published.envision import SOURCE, compared, idle_share
from macsmith.analysis.voltage_scaling import METHODS, scaled
from macsmith.records.record import Record, ScaledRecord
from macsmith.records.selection import of_first_stimulus
from macsmith.report.page.charts import COLOURS, VARIABLES, Chart, compiled, drawn
from macsmith.report.page.plots import WIDTH, write_chart
from macsmith.report.page.section import Section

_LOOKS = {"DAS": "mark", "DVAS": "soft", "DVAFS": "best"}
_SHAPES = {"DAS": "circle", "DVAS": "square", "DVAFS": "triangle-left"}


def scaling_section(records: Sequence[Record], models: Mapping[str, AlphaPower]) -> Section | None:
    """Return the section on records of cores with energies, or None where there is nothing.

    Parameters
    ----------
    models
        The delay model of each library that has one.
    """
    known = [r for r in of_first_stimulus(records) if r["energy_parts"] and r["mode_period_ns"]]
    made = {}
    for tech, model in models.items():
        mine = [record for record in known if record["tech"] == tech]
        if mine:
            made[tech] = scaled(mine, model)
    if not made:
        return None
    rows = [row for of_tech in made.values() for row in of_tech]
    data = {"rows": [_row(row) for row in rows], "chart": scaling_chart(VARIABLES)}
    shown = {
        "modes": list(dict.fromkeys(row["mode"] for row in rows)),
        "source": SOURCE,
        "libraries": [_Library(tech, models[tech], of_tech) for tech, of_tech in made.items()],
    }
    return Section("scaling", data, shown)


class _Library:
    """What the page says of a library: its delay model, and published figures beside ours."""

    def __init__(self, tech: str, model: AlphaPower, rows: Sequence[ScaledRecord]) -> None:
        self.tech, self.model = tech, model
        self.compared = compared(rows)
        self.idle = idle_share(rows) if self.compared else None


def scaling_chart(colours: Mapping[str, str]) -> Chart:
    """Return the energy of each unit by the three methods, on one line a unit.

    A rule stands at the reference unit at full precision and the nominal supply.
    """
    energy = {
        "field": "energy_pj_per_mac",
        "type": "quantitative",
        "title": "energy per MAC, pJ, modelled",
        "scale": {"type": "log", "nice": False, "padding": 14},
        "axis": {"tickCount": 5, "format": ",~g", "labelOverlap": "greedy", "grid": False},
    }
    least = {"field": "energy_pj_per_mac", "op": "min", "order": "ascending"}
    y = {"field": "unit", "type": "nominal", "sort": least, "title": None}
    legend = {"title": None, "orient": "top", "labelColor": colours["ink"], "labelFontSize": 13}
    by_method = {
        "field": "method",
        "type": "nominal",
        "sort": list(METHODS),
        "legend": legend,
    }
    mute: dict[str, Any] = {"tooltip": None, "aria": False}
    return compiled(
        {
            "width": "container",
            "height": {"step": 26},
            "data": {"name": "rows", "values": []},
            "encoding": {"y": y, "x": energy},
            "layer": [
                {
                    "transform": [{"filter": "isValid(datum.base)"}],
                    "mark": {"type": "rule", "color": colours["soft"], "strokeDash": [4, 3]} | mute,
                    "encoding": {
                        "x": {"field": "base", "aggregate": "min", "type": "quantitative"},
                        "y": None,
                    },
                },
                {
                    "mark": {"type": "line", "color": colours["mark"], "strokeWidth": 2} | mute,
                    "encoding": {"detail": {"field": "unit"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                    "encoding": {
                        "color": by_method
                        | {"scale": {"range": [colours[_LOOKS[m]] for m in METHODS]}},
                        "shape": by_method
                        | {"scale": {"range": [_SHAPES[m] for m in METHODS]}, "legend": None},
                        "tooltip": _tooltip(),
                    },
                },
            ],
        },
        colours,
    )


def _tooltip() -> list[dict[str, Any]]:
    fields = [{"field": name} for name in ("unit", "mode", "method", "limit", "recipe", "adders")]
    numbers = {
        "energy_pj_per_mac": "pJ per MAC", "energy_relative": "ratio", "voltage_v": "supply, V",
        "clock_mhz": "clock, MHz", "gmacs_per_s": "GMAC/s",
    }  # fmt: skip
    return fields + [
        {"field": name, "title": title, "format": ",.4~r"} for name, title in numbers.items()
    ]


def _row(row: ScaledRecord) -> dict[str, Any]:
    """Return what the page needs of a modelled record."""
    pj, relative = row["energy_pj_per_operation"], row["energy_relative"]
    return {
        "tech": row["tech"],
        "unit": row["unit"],
        "mode": row["mode"],
        "method": row["method"],
        "limit": row["limit"],
        "recipe": row["recipe"],
        "adders": row["adders"],
        "voltage_v": row["voltage_v"],
        "clock_mhz": row["clock_mhz"],
        "gmacs_per_s": row["gmacs_per_s"],
        "energy_pj_per_mac": pj,
        "energy_relative": relative,
        "base": pj / relative if relative else None,
    }


def write_scaling_plots(rows: Sequence[ScaledRecord], folder: Path) -> list[Path]:
    """Write the chart of each mode as SVG and PNG, and return the files."""
    chart, shown = scaling_chart(COLOURS), [_row(row) for row in rows]
    written = []
    for mode in dict.fromkeys(row["mode"] for row in shown):
        of_mode = [row for row in shown if row["mode"] == mode]
        written += write_chart(drawn(chart, of_mode, WIDTH), folder, f"core-scaling-{mode}")
    return written
