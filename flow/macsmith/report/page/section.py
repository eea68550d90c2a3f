"""Sections that a page has only where its records allow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """A part of the page: a template, what it shows, and code that redraws it.

    Members
    -------
    name
        Of ``NAME.html.jinja`` and ``NAME.js``, and of its data in ``data.sections``.
    data
        What the code reads, as JSON.
    shown
        What the template reads besides.
    leads
        Whether the page begins with it.
    """

    name: str
    data: dict[str, Any]
    shown: dict[str, Any]
    leads: bool = False

    @property
    def template(self) -> str:
        """The file of the template."""
        return f"{self.name}.html.jinja"

    @property
    def script(self) -> Markup:
        """The code, which runs after the page's own and may use its functions."""
        return Markup((_FOLDER / f"{self.name}.js").read_text("utf-8"))


def data_of(sections: Sequence[Section]) -> dict[str, dict[str, Any]]:
    """Return the data of sections by name."""
    return {section.name: section.data for section in sections}
