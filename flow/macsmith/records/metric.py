"""What a key of records means, and, if it is a figure, in which unit and which way is better."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

Origin = Literal["measured", "computed", "modelled"]
"""Of a netlist; by arithmetic from such figures; or by a model of something that none shows."""

OPERATION = "op"
"""What stands for what a unit does where units do different things."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of records; ``meaning`` is Markdown, for docs/records.md."""

    key: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Metric(Key):
    """A figure: its name and unit, where it comes from, and whether more of it is better.

    Members
    -------
    name
        What heads a column, such as ``clock period``.
    unit
        Such as ``ns``. In it and in the name ``{operation}`` is what the unit counts: ``MAC``.
    more
        True if more is better, False if less is, None if neither.
    head
        What heads a narrow column, if it is not name and unit.
    """

    name: str
    unit: str
    more: bool | None = False
    origin: Origin = "measured"
    head: str = ""

    def of(self, operation: str) -> Self:
        """Return the metric with an operation in its name and unit."""
        told = {
            name: getattr(self, name).replace("{operation}", operation)
            for name in ("name", "unit", "head")
        }
        return replace(self, **told)

    @property
    def title(self) -> str:
        """Name and unit, for an axis or the head of a column."""
        return f"{self.name}, {self.unit}"

    @property
    def column(self) -> str:
        """What heads a narrow column."""
        return self.head or f"{self.name} {self.unit}"

    @property
    def aim(self) -> str:
        """What a designer looks for, such as ``least area``."""
        return f"{'most' if self.more else 'least'} {self.name}"

    def best(self, values: dict[str, float]) -> str:
        """Return whose value is best, the first of several."""
        return (max if self.more else min)(values, key=lambda name: values[name])

    def to_json(self) -> dict[str, Any]:
        """Return everything that the page needs of a metric."""
        shown = {"key": self.key, "name": self.name, "unit": self.unit, "more": bool(self.more)}
        return shown | {"title": self.title, "aim": self.aim}
