"""One page that holds its records, its charts and the code that filters them."""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from macsmith.analysis.metrics import figures, known, metrics, trades
from macsmith.analysis.published import camus_2019
from macsmith.analysis.published.verdicts import REFERENCE, Verdict, at_both, verdicts
from macsmith.analysis.ties import ENERGY_NOISE, NOISE
from macsmith.host.kept_files import found_text, keep
from macsmith.records.in_units import operation_of
from macsmith.records.record import Record
from macsmith.records.selection import values
from macsmith.report.page import charts, icarus_checks
from macsmith.report.page.columns import columns
from macsmith.report.page.point_names import placed
from macsmith.report.page.section import Section, data_of

_FOLDER = Path(__file__).parent

CHOICES = ("tech", "point", "boundary", "recipe", "adders", "stimulus")
"""Keys of a record that the page filters by, beside the unit."""


def page(records: Sequence[Record], sections: Sequence[Section] = ()) -> str:
    """Return a page of HTML about records; the same records, the same bytes."""
    shown, operation = known(records), operation_of(records)
    pairs = trades(shown)
    scatters = {
        f"{up.key}-{across.key}": charts.scatter(across, up, shown, charts.VARIABLES, placed)
        for up, across in pairs
    }
    data = {
        "metrics": [metric.to_json() for metric in shown],
        "records": columns(records),
        "figures": columns([figures(record) for record in records]),
        "bars": {metric.key: charts.bars(metric, shown, charts.VARIABLES) for metric in shown},
        "scatters": scatters,
        "reference": REFERENCE,
        "operation": operation,
        "noise": NOISE,
        "sections": data_of(sections),
    }
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # keys in their order
    return environment.get_template("page.html.jinja").render(
        data=data,
        metrics=shown,
        trades=pairs,
        choices={key: values(records, key) for key in CHOICES},
        operation=operation,
        what=_what(records),
        operations="products" if operation == "MAC" else f"{operation}s",
        has_modes=all(record["mode"] == record["point"] for record in records),
        reference=REFERENCE,
        records_count=len(records),
        units=values(records, "unit"),
        parameters={record["unit"]: record["parameters"] for record in records},
        made=_made(records),
        modelled=any(record["energy_c0v2_per_operation"] is not None for record in records),
        sections=sections,
        verdicts=_by_tech(records),
        cross_checks=icarus_checks.summaries(records),
        conditions=icarus_checks.conditions(records),
        published=camus_2019,
        noise=NOISE,
        energy_limit=ENERGY_NOISE,
        style=Markup((_FOLDER / "page.css").read_text("utf-8")),
        script=Markup((_FOLDER / "page.js").read_text("utf-8")),
        library=Markup(_library()),
    )


def _what(records: Sequence[Record]) -> str:
    """Return what the page is about: PEs, MAC units, or units of any kind."""
    if all(record["boundary"] == "pe" for record in records):
        return "PE"
    return "MAC unit" if operation_of(records) == "MAC" else "unit"


def _library() -> str:
    """Return Vega-Embed with Vega in it, as JavaScript; bundling takes two seconds, once."""
    name = f"vega-embed-{version('vl-convert-python')}.js"
    if (kept := found_text("charts", name)) is not None:
        return kept
    made: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    keep("charts", name, made.encode())
    return made


def _by_tech(records: Sequence[Record]) -> dict[str, list[tuple[Verdict, Verdict]]]:
    """Return the verdicts on published orderings on each library: of cores, and of whole units."""
    mine = {
        tech: [record for record in records if record["tech"] == tech]
        for tech in values(records, "tech")
    }
    return {tech: at_both(verdicts, some) for tech, some in mine.items()}


def _made(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Return how figures were made, by kind: each method or version, and how many records."""
    versions = {
        name: Counter(record["versions"][name] for record in records)
        for name in records[0]["versions"]
    }
    missing = {
        f"without {metric.name}": Counter(
            f"at the {record['boundary']} boundary"
            for record in records
            if figures(record)[metric.key] is None
        )
        for metric in metrics(physical=True, operation=operation_of(records))
    }
    made: dict[str, Counter[Any]] = {
        "technology": Counter(record["tech"] for record in records),
        "figures": Counter(
            "measured on a mapped netlist" if record["measured"] else "modelled"
            for record in records
        ),
        "clock period by": Counter(record["timing_engine"] for record in records),
        "wires": Counter(record["wires"] for record in records),
        "energy by": Counter(record["energy_method"] for record in records),
        "stimulus": Counter(record["stimulus"] for record in records),
        **missing,
        **versions,
    }
    found = {kind: {k: n for k, n in counts.items() if k} for kind, counts in made.items()}
    return {kind: counts for kind, counts in found.items() if counts}
