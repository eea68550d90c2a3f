"""The table of all settings in docs/commands.md, as ``macsmith list`` has them."""

from collections.abc import Sequence

from macsmith.catalog.catalog import make_spec, units
from macsmith.catalog.parameter_rules import rule_of, written
from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.markdown import table

_RUN = 3
"""Units that follow one another in the catalogue from which on the first and the last stand."""


def settings() -> Shown:
    """Return a row for each parameter, with the units in which it has one default and one rule."""
    names = list(units())
    having: dict[str, dict[tuple[str, str], list[int]]] = {}
    for place, name in enumerate(names):
        for parameter, default in make_spec(name).all_parameters().items():
            rule = rule_of(name, parameter)
            having.setdefault(parameter, {}).setdefault((written(default), rule), []).append(place)
    rows = [
        [f"`{parameter}`", _ranges(names, places), f"`{default}`" if default else "", rule]
        for parameter, kinds in having.items()
        for (default, rule), places in kinds.items()
    ]
    return Shown(table(["key", "units", "default", "values"], rows, text_columns=4))


def _ranges(names: Sequence[str], places: Sequence[int]) -> str:
    """Return units by their places, those that follow one another as their first and last."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    parts: list[str] = []
    for run in runs:
        shown = [f"`{names[place]}`" for place in run]
        parts += [f"{shown[0]} to {shown[-1]}"] if len(run) >= _RUN else shown
    return ", ".join(parts)


PAGE = Page("docs/commands.md", (Region("settings", settings),))
