"""The values of a sweep as users write them, on the command line or in a TOML file.

A parameter's values are written as the command line has one, parted by commas, and ranges with both
ends in them and perhaps a step: ``4..8``, ``4..16..4``, ``2,4..8``. A value of ``modes`` has commas
itself, so each is given by itself.
"""

import re
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import lookup
from macsmith.catalog.settings import value_of
from macsmith.contract.errors import UserError, nearest


def values_of(unit: str, key: str, texts: Iterable[str]) -> list[Any]:
    """Return the values of a parameter, each once, in the order they are written.

    >>> values_of("data-gated", "act_width", ["4..8..2", "3,4"])
    [4, 6, 8, 3]
    """
    kind = lookup(unit).spec.parameter_types().get(key)
    values: dict[Any, None] = {}
    for text in texts:
        parts = [text] if key == "modes" else text.split(",")
        for part in parts:
            if kind is int and ".." in part:
                values |= dict.fromkeys(_range(key, part.strip()))
            else:
                values[value_of(key, part.strip(), kind)] = None
    return list(values)


def _range(key: str, text: str) -> range:
    match = re.fullmatch(r"(-?\d{1,6})\.\.(-?\d{1,6})(?:\.\.(-?\d{1,6}))?", text)
    first, last, step = (int(n) if n else 1 for n in match.groups()) if match else (0, 0, 0)
    if match is None or step < 1:
        raise UserError(
            f"{key} must be a range first..last or first..last..step with a step of at least 1, "
            f"such as 4..16..4, not {text!r}"
        )
    numbers = range(first, last + 1, step)
    if not numbers:
        raise UserError(f"{key} must be a range that rises, not {text!r}; take {last}..{first}")
    return numbers


def split_settings(settings: Iterable[str]) -> dict[str, list[str]]:
    """Return for each key of ``key=values`` the texts of its values; a key may come again."""
    parameters: dict[str, list[str]] = {}
    for setting in settings:
        key, equals, values = setting.partition("=")
        if not equals:
            raise UserError(f"--set must be key=values, such as act_width=4..8, not {setting!r}")
        parameters.setdefault(key, []).append(values)
    return parameters


def read_file(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Return what a TOML file says of a sweep, by the names of ``known``.

    Raises
    ------
    UserError
        If it cannot be read, or has a key or a kind of value that a sweep has not.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"sweep file {path} must be readable: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"sweep file {path} must be TOML, but is not: {error}") from None
    for key in content:
        if key not in known:
            hint = nearest(key, known)
            raise UserError(f"sweep file {path} must have keys of a sweep, not {key!r}; {hint}")
    found: dict[str, Any] = {}
    for key, value in content.items():
        if key == "parameters":
            if not isinstance(value, dict):
                raise UserError(f"{key} in {path} must be a table, not {value!r}")
            found[key] = {name: _texts(path, name, values) for name, values in value.items()}
        elif key == "energy":
            if not isinstance(value, bool):
                raise UserError(f"{key} in {path} must be true or false, not {value!r}")
            found[key] = value
        elif key == "stimulus":
            found[key] = str(value)
        else:
            found[key] = _texts(path, key, value)
    return found


def _texts(path: Path, key: str, value: Any) -> list[str]:
    """Return a value of TOML, or a list of them, as users write them on the command line."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise UserError(f"{key} in {path} must have a value, not []")
    for one in values:
        if not isinstance(one, str | int):
            raise UserError(f"{key} in {path} must be text, numbers or truth values, not {one!r}")
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
