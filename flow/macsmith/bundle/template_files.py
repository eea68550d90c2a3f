"""Files of a bundle from the templates beside this one."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        # XML is escaped; the other files are no markup.
        autoescape=lambda name: name is not None and ".xml" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **values: object) -> str:
    """Return the text of a template; a value that is missing is an error."""
    return _environment().get_template(template).render(**values)
