"""Statistics of errors: results of a unit beside exact ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.compact.real_values import Floats

BINS = 41
"""Bins of a distribution, an odd number, so that one is about zero."""

WIDTH = 4.0
"""Root mean squares of the errors up to which a distribution reaches on both sides."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Results and what they should be.

    Members
    -------
    exact, found
        Of the same shape; in last places of the exact results if ``unit`` says so.
    unit
        What they count: ``ulp``, or nothing.
    every
        Whether these are all operands that there are.
    reals
        What results would be of operands that nobody had rounded; None where that is ``exact``.
    """

    exact: Floats
    found: Floats
    unit: str = ""
    every: bool = False
    reals: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorStatistics:
    """What errors, ``found - exact``, are like.

    Members
    -------
    count
        Results.
    every
        Whether all operands were tried.
    unit
        As of `Sample`.
    largest
        The largest magnitude.
    bias
        The mean.
    mean
        The mean magnitude.
    rms
        The root mean square.
    relative
        That over the root mean square of exact results; None if these are zero, or errors are in
        last places.
    edges, shares
        A distribution: edges of its bins, and the share of results in each; what lies beyond the
        outer edges is in the outer bins.
    """

    count: int
    every: bool
    unit: str
    largest: float
    bias: float
    mean: float
    rms: float
    relative: float | None
    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return them as plain JSON values."""
        return {
            "results": self.count, "every": self.every, "counts": self.unit,
            "largest": self.largest, "bias": self.bias, "mean": self.mean, "rms": self.rms,
            "relative_rms": self.relative, "edges": list(self.edges), "shares": list(self.shares),
        }  # fmt: skip


def statistics(sample: Sample) -> ErrorStatistics:
    """Return the statistics of a sample, which has one result at least."""
    exact = sample.exact.reshape(-1)
    errors = sample.found.reshape(-1) - exact
    rms, size = _rms(errors), _rms(exact)
    reach = WIDTH * rms or 1.0
    edges = np.linspace(-reach, reach, BINS + 1)
    counts, _ = np.histogram(errors.clip(-reach, reach), edges)
    return ErrorStatistics(
        count=len(errors), every=sample.every, unit=sample.unit,
        largest=float(np.abs(errors).max()), bias=float(errors.mean()),
        mean=float(np.abs(errors).mean()), rms=rms,
        relative=rms / size if size and not sample.unit else None,
        edges=tuple(edges.tolist()), shares=tuple((counts / len(errors)).tolist()),
    )  # fmt: skip


def with_rounding(sample: Sample) -> float | None:
    """Return the root mean square of what results and the rounding of operands lose together.

    Over that of sums of the real operands; None where errors are in last places.
    """
    due = sample.exact if sample.reals is None else sample.reals
    size = _rms(due)
    return _rms(sample.found - due) / size if size and not sample.unit else None


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))
