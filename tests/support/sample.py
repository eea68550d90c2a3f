"""Which of many parameters the quick suite takes; the others are slow tests."""

from collections.abc import Iterable
from typing import Any

import pytest


def every(nth: int, values: Iterable[Any]) -> list[Any]:
    """Return all values as parameters, slow but for every n-th."""
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)),
            marks=pytest.mark.slow if number % nth else (),
        )
        for number, value in enumerate(values)
    ]
