"""Which of several records count: of least area x period, of the first stimulus."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from macsmith.records.in_units import period
from macsmith.records.record import Record

Item = TypeVar("Item")
Some = TypeVar("Some", bound=Record)


def least(
    items: Iterable[Item], kind: Callable[[Item], Hashable], cost: Callable[[Item], float]
) -> list[Item]:
    """Return of each kind the item of the least cost, the first of several."""
    best: dict[Hashable, Item] = {}
    for item in items:
        key = kind(item)
        if key not in best or cost(item) < cost(best[key]):
            best[key] = item
    return list(best.values())


def unbeaten(
    items: Iterable[Item], first: Callable[[Item], float], second: Callable[[Item], float]
) -> list[Item]:
    """Return the items that no other beats in both figures, from the least of the first one on."""
    found: list[Item] = []
    for item in sorted(items, key=lambda one: (first(one), second(one))):
        if not found or second(item) < second(found[-1]):
            found.append(item)
    return found


def smallest_product(records: Sequence[Some]) -> list[Some]:
    """Return, for each library, unit, boundary and point, the record of least area x period."""
    return least(records, _netlists_of, product)


def unit_of(record: Record) -> tuple[str, str]:
    """Return what the records of one unit have in common, whatever it is asked to do."""
    return record["unit"], str(record["parameters"])


def _netlists_of(record: Record) -> tuple[str | None, ...]:
    """Return what records of alternative netlists have in common."""
    return record["tech"], *unit_of(record), record["boundary"], record["point"]


def product(record: Record) -> float:
    """Return area x period of a record, for comparison within one technology."""
    return record["area_ge"] * period(record)


def of_first_stimulus(records: Sequence[Some]) -> list[Some]:
    """Return the records of the first stimulus, and those without energies."""
    stimuli = [record["stimulus"] for record in records if record["stimulus"]]
    return [record for record in records if record["stimulus"] in (None, *stimuli[:1])]


def values(records: Iterable[Record], key: str) -> list[str]:
    """Return the distinct texts under a key in the order of the records, without null ones."""
    found: dict[str, None] = {}
    for record in records:
        value = dict(record)[key]
        if value:
            found[str(value)] = None
    return list(found)
