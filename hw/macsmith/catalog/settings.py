"""Settings of a specification as users write them: ``headroom=2``, ``modes=8x8,4x4``."""

from collections.abc import Sequence
from typing import Any

from macsmith.catalog.catalog import listed, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def spec_of(name: str, settings: Sequence[str]) -> Any:
    """Return the specification of a unit with ``key=value`` settings applied.

    Raises
    ------
    UserError
        If the unit or a key is unknown, or a value does not fit.
    """
    types = listed(name).spec.parameter_types()
    parameters: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set must be key=value, such as headroom=4, not {setting!r}")
        if key in parameters:
            raise UserError(f"--set must give each key once, not {key} twice")
        parameters[key] = value_of(key, value.strip(), types.get(key, str))
    return make_spec(name, parameters)


def applicable(name: str, settings: Sequence[str]) -> list[str]:
    """Return the settings whose key is a parameter of this unit."""
    known = lookup(name).spec.parameter_types()
    return [setting for setting in settings if setting.partition("=")[0] in known]


def value_of(key: str, text: str, kind: Any) -> Any:
    """Return what a text means for a parameter of a kind, or raise a sentence."""
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise UserError(f"{key} must be true or false, not {text!r}")
        return _TRUTH[text.lower()]
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise UserError(f"{key} must be a whole number, not {text!r}") from None
    if kind == tuple[Mode, ...]:
        return tuple(Mode.parse(mode) for mode in text.split(","))
    if kind == tuple[str, ...]:
        return tuple(text.split(","))
    return text
