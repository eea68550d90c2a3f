"""Which values a parameter takes, in the words of the sentence that refuses any other."""

import re
from typing import Any

from macsmith.catalog.catalog import lookup
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode

_FLAG, _MODES = "true or false", "precisions such as 8x8,4x4"

_IMPOSSIBLE = {int: 10**9, str: "\0"}
"""By the kind of a parameter, a value that none takes."""


def written(value: object) -> str:
    """Return a parameter's value as ``--set`` takes it.

    >>> written(["8x8", "4x4"]), written(True)
    ('8x8,4x4', 'true')
    """
    text = ",".join(value) if isinstance(value, list) else str(value)
    return text.lower() if isinstance(value, bool) else text


def rule_of(name: str, parameter: str) -> str:
    """Return the rule of a unit's parameter while all others have their defaults.

    >>> rule_of("serial-1d", "digit")
    '1, 2 or 4'
    """
    kind: Any = lookup(name).spec.parameter_types()[parameter]
    if kind is bool:
        return _FLAG
    if kind == tuple[Mode, ...]:
        return _MODES
    try:
        lookup(name).spec(**{parameter: _IMPOSSIBLE.get(kind, "\0")})
    except UserError as error:
        found = re.match(r"\S+ must be (?:one of )?(.*?), not ", str(error))
        return found[1] if found else str(error)
    return "any"
