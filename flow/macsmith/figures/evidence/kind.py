"""A kind of evidence: the command that gives it, what is kept of its JSON and told of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.catalog.catalog import make_spec, units
from macsmith.contract.errors import UserError
from macsmith.figures.docs_page import Measured, Records, Row

Commands = tuple[tuple[str, ...], ...]

Cell = Callable[[Records], str]
"""Tells, of the rows of one unit, what stands in a column of the table of units."""


def counted_rows(rows: Records) -> str:
    """Return how many rows there are, of how many units."""
    return f"{len(rows):,} rows, {len({row['unit'] for row in rows})} units"


@dataclass(frozen=True)
class Kind:
    """One kind of evidence.

    Members
    -------
    name:
        Of its file in docs/data/evidence.
    commands:
        Returns what gives it, each the words after ``macsmith``, all but ``--json FILE``. Where
        there is none, someone brings a record by ``macsmith evidence --take``.
    means:
        A clause that says what it shows.
    kept:
        Returns the rows to keep of what a command wrote. A row of a unit has ``unit``,
        ``variant``, ``settings`` (parameters that are not the default's) and ``fingerprint``.
    columns:
        Of the table of units.
    faults:
        Returns a sentence for each thing in the rows that was found wrong.
    remains:
        Returns a sentence for each thing that they leave open.
    counted:
        Says how many rows there are, of what.
    blocks:
        What rows may be of besides units of the catalogue, and what gives its fingerprint.
    """

    name: str
    commands: Callable[[], Commands]
    means: str
    kept: Callable[[Sequence[Row]], Records]
    columns: Mapping[str, Cell] = field(default_factory=dict)
    faults: Callable[[Records], Sequence[str]] = lambda rows: ()
    remains: Callable[[Records], Sequence[str]] = lambda rows: ()
    counted: Callable[[Records], str] = counted_rows
    blocks: Mapping[str, Callable[[], str]] = field(default_factory=dict)

    @property
    def measured(self) -> Measured:
        """The records that its file holds."""
        return Measured(
            self.name, f"make evidence, or macsmith evidence --take {self.name}=FILE",
            on_library=False, file=f"evidence/{self.name}",
        )  # fmt: skip


def of_unit(record: Row) -> Row:
    """Return what a row says of the hardware that it is of.

    Raises
    ------
    UserError
        If the record does not say of what hardware it is.
    """
    missing = [key for key in ("unit", "parameters") if key not in record]
    mark = record.get("fingerprint") or record.get("rtl")
    if missing or not mark:
        raise UserError(
            f"a record must have unit, parameters and fingerprint, but has {', '.join(record)}"
        )
    return {
        "unit": record["unit"],
        "variant": record.get("variant", ""),
        "settings": settings_of(record["unit"], record["parameters"]),
        "fingerprint": mark,
    }


def settings_of(unit: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are not the default's; all of what is no unit of the catalogue."""
    usual = make_spec(unit).parameters() if unit in units() else {}
    return {
        name: value
        for name, value in parameters.items()
        if name not in usual or plain(usual[name]) != value
    }


def plain(value: Any) -> Any:
    """Return a value as JSON gives it back: sequences are lists."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def gathered(records: Sequence[Row], *more: str) -> list[tuple[Row, Records]]:
    """Return records of the same hardware together, and what a row says of it.

    Parameters
    ----------
    more:
        Keys that tell records apart besides, and that a row has.
    """
    found: dict[str, tuple[Row, Records]] = {}
    for record in records:
        row = of_unit(record) | {key: record[key] for key in more}
        found.setdefault(repr(row), (row, []))[1].append(record)
    return list(found.values())


def title(row: Row) -> str:
    """Return the unit of a row, and the variant if there is one."""
    return f"{row['unit']} {row['variant']}".strip()


def defaults(rows: Records) -> Records:
    """Return the rows of the unit as its defaults have it."""
    return [row for row in rows if not row["settings"]]
