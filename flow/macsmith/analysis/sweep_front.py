"""The points of a sweep that a designer chooses among, and what tells them apart."""

from collections.abc import Iterable, Sequence

from macsmith.records.energies import energy
from macsmith.records.in_units import area, rate
from macsmith.records.record import Record
from macsmith.records.selection import least, product, unit_of


def front(records: Sequence[Record]) -> list[Record]:
    """Return the Pareto front: no other has less area, more throughput and less energy.

    A record without energy counts as if it had the most. Of equals the first is taken.
    """
    costs = [_costs(record) for record in records]
    return [
        record
        for k, (record, mine) in enumerate(zip(records, costs, strict=True))
        if not any(
            all(a <= b for a, b in zip(other, mine, strict=True)) and (other != mine or j < k)
            for j, other in enumerate(costs)
        )
    ]


def _costs(record: Record) -> tuple[float, float, float]:
    """Return what a designer wants less of."""
    pj = energy(record)
    return area(record), -rate(record), float("inf") if pj is None else pj


def varied(records: Iterable[Record]) -> list[str]:
    """Return the parameters that records of one unit differ in, in the order of the units'."""
    values: dict[tuple[str, str], set[str]] = {}
    for record in records:
        for key, value in record["parameters"].items():
            values.setdefault((record["unit"], key), set()).add(str(value))
    return list(dict.fromkeys(key for (_, key), found in values.items() if len(found) > 1))


def settings(record: Record, keys: Iterable[str]) -> str:
    """Return the parameters of a record as users set them."""
    own = record["parameters"]
    return " ".join(f"{key}={_text(own[key])}" for key in keys if key in own)


def named(records: Sequence[Record]) -> list[Record]:
    """Return records whose units are named with what varies, for a page with one row a unit."""
    keys = varied(records)
    return [r | {"unit": f"{r['unit']} {settings(r, keys)}".strip()} for r in records]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def first_point(record: Record, records: Sequence[Record]) -> str | None:
    """Return what a record's unit is asked first: full precision of one with precisions."""
    modes = record["parameters"].get("modes")
    if modes:
        return str(modes[0])
    return next(one["point"] for one in records if unit_of(one) == unit_of(record))


def best_of(records: Sequence[Record], point: str | None) -> list[tuple[Record, str]]:
    """Return the records of a point that are best of any, smallest first, and what each is best of.

    That is the ``front``, or the netlists of its ``unit`` by area x period.
    """
    mine = [record for record in records if record["point"] == point]
    ahead = {id(record) for record in front(mine)}
    chosen = {id(record) for record in least(mine, lambda record: record["unit"], product)}
    rows = []
    for record in sorted(mine, key=lambda record: record["area_ge"]):
        best = ["front"] * (id(record) in ahead) + ["unit"] * (id(record) in chosen)
        if best:
            rows.append((record, ", ".join(best)))
    return rows
