"""How far results are from true values: faithful, correctly rounded, how many last places.

True values are those of float64, whose error is far below what narrower formats can tell. A true
value that is a number of the format must be the result itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.golden.functions.activations import exact_gelu
from macsmith.golden.functions.elementary import ElementaryModel
from macsmith.host.int64s import Int64s

TRUE: Mapping[str, Callable[[Floats], Floats]] = {
    "reciprocal": lambda x: 1 / x,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp,
    "exp2": np.exp2,
    "ln": np.log,
    "log2": np.log2,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "gelu": exact_gelu,
}
"""Functions by name, of float64."""


@dataclass
class Errors:
    """Errors of results, gathered.

    Members
    -------
    count
        Arguments of which the function has a number, neither zero nor infinite.
    correct
        Of these, those whose result is the nearest number.
    unfaithful
        Results that are neither of the two numbers next to the true value, or no code of what is
        infinite or no number.
    most
        The greatest error, in last places of the true value.
    examples
        Arguments of unfaithful results.
    """

    count: int = 0
    correct: int = 0
    unfaithful: int = 0
    most: float = 0.0
    examples: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """The share of results that are correctly rounded."""
        return self.correct / self.count if self.count else 1.0


def errors(model: ElementaryModel, codes: Iterable[Int64s]) -> Errors:
    """Return the errors of a model at arguments, which come in parts."""
    found = Errors()
    for part in codes:
        _gather(found, model, part)
    return found


def _gather(found: Errors, model: ElementaryModel, codes: Int64s) -> None:
    spec: Any = model.spec
    fmt = spec.fmt
    x = model.flushed(decode(fmt, codes))
    given = model.respond(None, {"x": codes[:, np.newaxis, np.newaxis]})["y"][:, 0]
    y = decode(fmt, given)
    with np.errstate(all="ignore"):
        true = TRUE[spec.function](x)
    nearest = encode(fmt, model.flushed(true), "nearest-even", model.saturate).astype(np.int64)
    exact = decode(fmt, nearest) == true
    below, above = _down(model, true), -_down(model, -true)
    right = np.where(exact, y == true, _same(y, below) | _same(y, above))
    # What is no number, or infinite by itself, has a code of its own.
    number = np.isfinite(true)
    nowhere = np.isnan(true) & ~np.isnan(x)
    right = np.where(number, right, given == np.where(nowhere, spec.nowhere, nearest))
    counted = number & (true != 0) & np.isfinite(y)
    place = np.frexp(np.where(counted, true, 1.0))[1] - 1 - fmt.fraction_bits
    apart = np.abs(np.where(counted, y, 0.0) - np.where(counted, true, 0.0))
    places = np.ldexp(apart, -np.maximum(place, fmt.lsb))
    # Where there are no subnormal numbers what is below the first binade has no last place.
    inside = counted & ((np.abs(true) >= model.least) | (fmt.subnormal and not model.flushes))
    found.count += int(inside.sum())
    found.correct += int((inside & (given == nearest)).sum())
    found.most = max(found.most, float(np.where(inside, places, 0.0).max(initial=0.0)))
    wrong = np.flatnonzero(~right)
    found.unfaithful += len(wrong)
    found.examples = (*found.examples, *map(int, codes[wrong[:3]]))[:3]


def _same(y: Floats, bound: Floats) -> Any:
    """Return whether results are a bound, NaN where there is no infinity."""
    return (y == bound) | (np.isnan(y) & np.isnan(bound))


def _down(model: ElementaryModel, values: Floats) -> Floats:
    """Return the greatest numbers of the format that are no greater."""
    found = decode(model.fmt, encode(model.fmt, values, "down", model.saturate))
    if not model.flushes:
        return found
    ends = np.where(values < 0, -model.least, 0.0)
    return np.where(np.abs(found) < model.least, ends, found)
