"""Tensor PEs over A x B x C and density, as a section of the page and as plots."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from macsmith.analysis.metrics import merit
from macsmith.analysis.published.tensor_pe import CLAIMS, GAINS, SOURCE, beside, gain_of, reasons
from macsmith.records.energies import energy
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import PeRecord, Record
from macsmith.records.selection import values
from macsmith.report.page.charts import COLOURS, LETTERS, VARIABLES, Chart, compiled, drawn
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.point_names import NAME, Names, by_turns, placed
from macsmith.report.page.section import Section

_MUTE: dict[str, Any] = {"tooltip": None, "aria": False}


def is_array(records: Sequence[Record]) -> TypeGuard[Sequence[PeRecord]]:
    """Return whether records are those of tensor PEs with their gains."""
    return bool(records) and all("area_gain" in record for record in records)


def array_section(records: Sequence[Record]) -> Section | None:
    """Return the section on tensor PEs, or None where there are none."""
    if not is_array(records):
        return None
    gains = _known(records)
    data = {
        "rows": [row for tech in values(records, "tech") for row in _rows(_of(records, tech))],
        "charts": {gain: gain_chart(gain, _energy(records), VARIABLES, placed) for gain in gains},
        "names": gains,
    }
    libraries = [_Library(tech, _of(records, tech)) for tech in values(records, "tech")]
    return Section("array", data, {"gains": gains, "source": SOURCE, "libraries": libraries})


class _Library:
    """What the page says of a library: published factors beside ours, and what bounds ours."""

    def __init__(self, tech: str, records: Sequence[PeRecord]) -> None:
        self.tech, self.names = tech, GAINS
        self.beside, self.reasons = beside(records), list(reasons(records))


def gain_chart(gain: str, energy: Metric, colours: Mapping[str, str], names: Names) -> Chart:
    """Return a gain over sizes of PEs, a line a density, and published factors as rules.

    A line bears its density at its largest size.
    """
    pe = {"field": "pe", "type": "ordinal", "sort": {"field": "macs", "op": "min"}, "title": "PE"}
    x = pe | {"axis": {"labelAngle": 0, "grid": False}, "scale": {"padding": 0.6}}
    y = {
        "field": gain,
        "type": "quantitative",
        "title": f"gain in {GAINS[gain]} over 1x1x1",
        "axis": {"grid": False, "tickCount": 6},
        "scale": {"zero": True},
    }
    ours, theirs = ({"filter": f"datum.kind === '{kind}'"} for kind in ("ours", "published"))
    chart = compiled(
        {
            "width": "container",
            "height": 380,
            "data": {"name": "rows", "values": []},
            "encoding": {"y": y},
            "layer": [
                {
                    "transform": [theirs],
                    "mark": {"type": "rule", "color": colours["soft"], "strokeDash": [4, 3]}
                    | _MUTE,
                },
                {
                    "transform": [theirs],
                    "mark": {"type": "text", "align": "left", "dy": -6, "color": colours["soft"]}
                    | _MUTE,
                    "encoding": {"x": {"value": 4}, "text": {"field": "label"}},
                },
                {
                    "transform": [ours],
                    "mark": {"type": "line", "color": colours["mark"], "strokeWidth": 2} | _MUTE,
                    "encoding": {"x": x, "detail": {"field": "density"}},
                },
                {
                    "transform": [
                        ours,
                        {"joinaggregate": [{"op": "max", "field": gain, "as": "top"}]},
                        {
                            "joinaggregate": [{"op": "max", "field": "macs", "as": "most"}],
                            "groupby": ["density"],
                        },
                        {
                            "calculate": "datum.macs === datum.most ? datum.density : ''",
                            "as": NAME,
                        },
                    ],
                    "mark": {"type": "point", "size": 80, "filled": True, "opacity": 1},
                    "encoding": {
                        "x": x,
                        "color": {
                            "condition": {
                                "test": f"datum.{gain} === datum.top", "value": colours["best"],
                            },
                            "value": colours["mark"],
                        },
                        "tooltip": _tooltip(energy),
                    },
                },
            ],
        },
        colours,
    )  # fmt: skip
    return names(chart, gain, colours, LETTERS)


def _tooltip(energy: Metric) -> list[dict[str, Any]]:
    fields = [{"field": name} for name in ("pe", "density", "mode", "adders", "stimulus")]
    numbers = {
        "area_gain": "area, x", "area_gain_without_drain": "without sum registers, x",
        "energy_gain": "energy, x", "area_ge_per_mac": "GE a MAC",
        "energy": energy.title,
    }  # fmt: skip
    return fields + [
        {"field": name, "title": title, "format": ",.4~r"} for name, title in numbers.items()
    ]


def write_array_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the chart of each gain as SVG and PNG, and return the files: by mode and stimulus."""
    if not is_array(records):
        return []
    written = []
    for prefix, mine in by_tech(records):
        for mode in values(mine, "point"):
            of_mode = [record for record in mine if record["point"] == mode]
            for name, rows, gain in _drawings(of_mode):
                chart = drawn(gain_chart(gain, _energy(mine), COLOURS, by_turns), rows, WIDTH)
                written += write_chart(chart, folder, f"{prefix}pe-{name}-{mode}")
    return written


def _drawings(records: Sequence[PeRecord]) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """Yield name, rows and gain of each chart; areas are the same for each stimulus."""
    stimuli = list(dict.fromkeys(record["stimulus"] for record in records))
    for number, stimulus in enumerate(stimuli):
        mine = [record for record in records if record["stimulus"] == stimulus]
        for gain in _known(mine):
            if gain == "energy_gain" or not number:
                name = gain.replace("_", "-") + (f"-{number + 1}" if number else "")
                yield name, [row for row in _rows(mine) if row[gain] is not None], gain


def _known(records: Sequence[PeRecord]) -> dict[str, str]:
    """Return the gains that some record has, with their names."""
    return {
        gain: name
        for gain, name in GAINS.items()
        if any(gain_of(r, gain) is not None for r in records)
    }


def _rows(records: Sequence[PeRecord]) -> list[dict[str, Any]]:
    """Return what the chart needs of records, and the published factors."""
    ours: list[dict[str, Any]] = [
        {
            "tech": record["tech"], "mode": record["point"], "stimulus": record["stimulus"],
            "pe": record["pe"], "density": record["density"], "adders": record["adders"],
            "energy": energy(record), "kind": "ours", "macs": record["operations_per_cycle"],
            "area_ge_per_mac": record["area_ge"] / record["operations_per_cycle"],
        } | {gain: gain_of(record, gain) for gain in GAINS}
        for record in records
    ]  # fmt: skip
    theirs = [
        {"tech": records[0]["tech"], "kind": "published",
         "label": f"published, {claim.what}: {claim.factor:.2f}"}
        | {gain: claim.factor if gain in claim.ours else None for gain in GAINS}
        for claim in CLAIMS
    ]  # fmt: skip
    return [*ours, *theirs]


def _energy(records: Sequence[PeRecord]) -> Metric:
    """Return the energy of a product in the unit of the technology."""
    return merit("energy", all(map(is_physical, records)), operation_of(records))


def _of(records: Sequence[PeRecord], tech: str) -> list[PeRecord]:
    return [record for record in records if record["tech"] == tech]
