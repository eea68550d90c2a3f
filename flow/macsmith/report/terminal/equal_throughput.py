"""Units at equal throughput as tables in a terminal: who takes least, and what each takes."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from macsmith.analysis.metrics import merit
from macsmith.analysis.throughput.contest import Contest, comparisons
from macsmith.analysis.throughput.crossovers import Span, spans_of
from macsmith.analysis.throughput.netlist_choice import Choice, View, useful_rate
from macsmith.analysis.ties import noise_said
from macsmith.records.energies import written
from macsmith.records.in_units import is_physical
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.terminal.units import LOOK, UNBOUNDED, netlist_name, point_heading

Compared = tuple[Contest, list[float]]
"""A contest and its targets."""


def throughput_tables(
    records: Sequence[Record], boundary: str, room: int, bounds: tuple[float, float] | None = None
) -> Iterator[Table]:
    """Yield who takes least at which throughput, and what each unit takes, of one library.

    Parameters
    ----------
    room
        Columns of text; where they are short, figures of some targets are left out.
    bounds
        Least and greatest throughput, if not what the records reach.
    """
    here = [record for record in records if record["boundary"] == boundary]
    compared: dict[tuple[str, View], list[Compared]] = {}
    for contest, view, targets in comparisons(here, bounds):
        compared.setdefault((contest.operation, view), []).append((contest, targets))
    for (_, view), mine in compared.items():
        if any(len(contest.units) > 1 for contest, _ in mine):
            yield winners(view, mine)
    for (_, view), mine in compared.items():
        if view.across == "rate":
            yield each_unit(view, mine, room)


def winners(view: View, compared: Sequence[Compared]) -> Table:
    """Return which unit takes least from where to where, a row for each span of targets."""
    least, across = _merits(view, compared)
    physical = _physical(compared)
    at = f"{_range(compared[0][1])} {across.unit}"
    title = f"{_place(compared)}: least {view.least} at equal {across.name}, {at}"
    table = Table(title=title, **LOOK)
    for heading in (_point_heading(compared), "unit"):
        table.add_column(heading, no_wrap=True)
    for heading in (f"from {across.unit}", "to", "copies", least.column):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("netlist", no_wrap=True)
    table.add_column("as good")
    table.caption, table.caption_justify = f"as good: {noise_said(_spread(compared))}", "left"
    for contest, of_point in compared:
        for number, span in enumerate(spans_of(contest, view, of_point)):
            ends = span.first, span.last
            copies = [str(one.copies) for one in ends]
            costs = [_cost(view, one, physical) for one in ends]
            table.add_row(
                "" if number else contest.point or "", span.unit,
                target_text(span.low), target_text(span.high), _both(*copies),
                _both(*costs), _both(*(netlist_name(one.record) for one in ends)),
                ", ".join(_as_good(span)),
            )  # fmt: skip
        table.add_section()
    return table


def each_unit(view: View, compared: Sequence[Compared], room: int) -> Table:
    """Return what each unit takes at some targets, and at its own least area x period.

    Behind a figure stands how many copies it takes; of each target the least is marked.
    """
    targets = shown_targets(compared[0][1])
    table = _each_unit(view, compared, targets)
    while len(targets) > 2 and Console(width=UNBOUNDED).measure(table).maximum > room:
        targets = [*targets[:-1:2], targets[-1]] if len(targets) > 3 else [targets[0], targets[-1]]
        table = _each_unit(view, compared, targets)
    return table


def shown_targets(targets: Sequence[float]) -> list[float]:
    """Return the targets that a table has: the powers of ten, and both ends."""
    low, high = targets[0], targets[-1]
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    return list(dict.fromkeys([low, *(10.0**power for power in powers), high]))


def target_text(value: float) -> str:
    """Return a throughput to three digits, large ones to the whole number."""
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


def _each_unit(view: View, compared: Sequence[Compared], targets: Sequence[float]) -> Table:
    least, across = _merits(view, compared)
    physical = _physical(compared)
    title = f"{_place(compared)}: {least.title} at equal {across.name}; x copies, * least"
    table = Table(title=title, **LOOK)
    for heading in (_point_heading(compared), "unit"):
        table.add_column(heading, no_wrap=True)
    headings = list(map(target_text, targets))
    headings[0] += f" {across.unit}"
    for heading in (*headings, "area x period", f"at {across.unit}"):
        table.add_column(heading, justify="right", no_wrap=True)
    for contest, _ in compared:
        best = [contest.least(view, target) for target in targets]
        each = [contest.choices(view, target) for target in targets]
        for number, (unit, records) in enumerate(contest.units.items()):
            own = _own(view, records)
            if own is None:
                continue
            cells = [
                _cell(view, one.get(unit), physical, marked=unit == first)
                for one, first in zip(each, best, strict=True)
            ]
            table.add_row(
                "" if number else contest.point or "", unit, *cells,
                _cost(view, own, physical), target_text(useful_rate(own.record)),
            )  # fmt: skip
        table.add_section()
    return table


def _own(view: View, records: Sequence[Record]) -> Choice | None:
    """Return a unit's netlist of least area x period at its shortest period, if it has a cost."""
    (record,) = smallest_product(records)
    choice = Choice(record, 1, 1.0)
    return choice if view.cost(choice) is not None else None


def _as_good(span: Span) -> Iterator[str]:
    """Yield the units that take as little, and at how many of the targets if not at all."""
    for unit, share in span.as_good.items():
        yield unit if share == 1 else f"{unit} at {share:.0%}"


def _cell(view: View, choice: Choice | None, physical: bool, *, marked: bool) -> str:
    if choice is None:
        return ""
    copies = f" x{choice.copies}" if choice.copies > 1 else ""
    return f"{'*' if marked else ''}{_cost(view, choice, physical)}{copies}"


def _cost(view: View, choice: Choice, physical: bool) -> str:
    cost = view.cost(choice)
    return written(cost, physical) if view.least == "energy" else f"{cost:.0f}"


def _both(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _merits(view: View, compared: Sequence[Compared]) -> tuple[Metric, Metric]:
    operation, physical = compared[0][0].operation, _physical(compared)
    return merit(view.least, physical, operation), merit(view.across, physical, operation)


def _physical(compared: Sequence[Compared]) -> bool:
    return is_physical(_records(compared)[0])


def _point_heading(compared: Sequence[Compared]) -> str:
    return point_heading(_records(compared))


def _records(compared: Sequence[Compared]) -> list[Record]:
    return [one for contest, _ in compared for unit in contest.units.values() for one in unit]


def _spread(compared: Sequence[Compared]) -> list[Record]:
    """Return the record of each unit by whose spread it is judged."""
    return [contest.of_spread(unit) for contest, _ in compared for unit in contest.units]


def _place(compared: Sequence[Compared]) -> str:
    return f"{compared[0][0].boundary} on {compared[0][0].tech}"


def _range(targets: Sequence[float]) -> str:
    return f"{target_text(targets[0])} to {target_text(targets[-1])}"
