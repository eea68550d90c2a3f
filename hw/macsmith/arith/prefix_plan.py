"""A prefix network planned for when each column arrives: hybrids of ripple, skip, Sklansky, sparse.

A range of columns is cut in two, and the lower part's whole is merged into each prefix of the
upper part. Two times are due of a range: one for its prefixes, an earlier one for its whole, which
feeds all above it; so the prefixes below a cut, which feed nothing but sums, may come late. Where
the whole of a range is due much earlier than its prefixes, it may also be a tree of its own.
"""

from collections.abc import Sequence
from functools import cache
from itertools import count
from math import inf
from typing import NamedTuple

MERGE = 0.6
"""Delay of merging two spans, in XOR delays."""

_UNITS = 2
"""Steps in time that a merge takes; a step is `MERGE` over this."""

_FAN_OUT = (3, 12)
"""Merges that a whole may feed at no cost; and at one step, two above."""


class Merge(NamedTuple):
    """Nodes to merge, the higher span first; a node below the number of columns is a column."""

    high: int
    low: int


class PrefixPlan(NamedTuple):
    """A prefix network.

    Members
    -------
    merges:
        In order; merge k is node ``columns + k``.
    carries:
        The node of each column's prefix.
    due:
        When the last prefix is known, in XOR delays.
    """

    merges: tuple[Merge, ...]
    carries: tuple[int, ...]
    due: float


def required(plan: PrefixPlan, columns: int) -> list[float]:
    """Return when each column must be known for all prefixes to be there when the last is."""
    late = [plan.due] * (columns + len(plan.merges))
    for node, merge in reversed(list(enumerate(plan.merges, columns))):
        for one in merge:
            late[one] = min(late[one], late[node] - MERGE)
    return late[:columns]


@cache
def plan(ready: tuple[float, ...]) -> PrefixPlan:
    """Return the network of the earliest last prefix, and of these one of few merges.

    Parameters
    ----------
    ready:
        When each column is known, in XOR delays, lowest first.
    """
    earliest, cuts = _wholes(ready)
    top = len(ready) - 1
    step = MERGE / _UNITS
    first = max(earliest[0][high] for high in range(top + 1))
    for late in count():
        search = _Search(ready, earliest, cuts, first + late * step, step)
        if search.cost(0, top, 0, 0)[0] < inf:
            return search.plan()
    raise AssertionError


def _wholes(ready: Sequence[float]) -> tuple[list[list[float]], list[list[int]]]:
    """Return when the whole of each range can be known first, and where to cut it for that."""
    size = len(ready)
    earliest = [[inf] * size for _ in range(size)]
    cuts = [[0] * size for _ in range(size)]
    for low in range(size - 1, -1, -1):
        earliest[low][low] = ready[low]
        for high in range(low + 1, size):
            earliest[low][high], cuts[low][high] = min(
                (max(earliest[low][at], earliest[at + 1][high]) + MERGE, at)
                for at in range(low, high)
            )
    return earliest, cuts


class _Search:
    """The cheapest network of which all prefixes are known by ``due``."""

    def __init__(
        self,
        ready: Sequence[float],
        earliest: Sequence[Sequence[float]],
        cuts: Sequence[Sequence[int]],
        due: float,
        step: float,
    ) -> None:
        self.size, self.earliest, self.cuts, self.due = len(ready), earliest, cuts, due
        slack = step * 1e-6
        # Steps before the end at which each whole can be known at the latest.
        self.most = [
            [-1 if one == inf else int((due - one + slack) / step) if one <= due + slack else -1
             for one in row]
            for row in earliest
        ]  # fmt: skip
        self._known: dict[tuple[int, int, int, int], tuple[float, int]] = {}
        self._merges: dict[Merge, int] = {}

    def cost(self, low: int, high: int, prefixes: int, whole: int) -> tuple[float, int]:
        """Return the merges of a range, and where to cut it; a negative cut is a tree of its own.

        ``prefixes`` and ``whole`` are steps before the end at which these are due.
        """
        key = low, high, prefixes, whole
        if (known := self._known.get(key)) is not None:
            return known
        self._known[key] = found = self._cost(*key)
        return found

    def _cost(self, low: int, high: int, prefixes: int, whole: int) -> tuple[float, int]:
        if self.most[low][high] < whole:
            return inf, low
        if any(self.most[low][at] < prefixes for at in range(low, high)):
            return inf, low
        if low == high:
            return 0, low
        best: tuple[float, int] = (inf, low)
        for at in range(low, high):
            fed = sum(high - at > limit for limit in _FAN_OUT)
            lower_due = max(whole, prefixes + fed if high - at > 1 else 0) + _UNITS
            if self.most[low][at] < lower_due:
                continue
            lower = self.cost(low, at, prefixes, lower_due)[0]
            if lower + high - at >= best[0]:
                continue
            upper = self.cost(at + 1, high, prefixes + _UNITS, whole + _UNITS)[0]
            best = min(best, (lower + upper + high - at, at))
        if whole > prefixes:
            alone = self.cost(low, high, prefixes, prefixes)[0] + high - low
            best = min(best, (alone, -1))
        return best

    def plan(self) -> PrefixPlan:
        """Return the network."""
        nodes = self._prefixes(0, self.size - 1, 0, 0)
        return PrefixPlan(tuple(self._merges), tuple(nodes), self.due)

    def _prefixes(self, low: int, high: int, prefixes: int, whole: int) -> list[int]:
        """Return the node of each prefix of a range; the last is its whole."""
        if low == high:
            return [low]
        _, at = self.cost(low, high, prefixes, whole)
        if at < 0:
            return [*self._prefixes(low, high, prefixes, prefixes)[:-1], self._tree(low, high)]
        fed = sum(high - at > limit for limit in _FAN_OUT)
        lower_due = max(whole, prefixes + fed if high - at > 1 else 0) + _UNITS
        below = self._prefixes(low, at, prefixes, lower_due)
        above = self._prefixes(at + 1, high, prefixes + _UNITS, whole + _UNITS)
        return below + [self._merged(node, below[-1]) for node in above]

    def _tree(self, low: int, high: int) -> int:
        """Return the node of a whole, made as early as can be."""
        if low == high:
            return low
        at = self.cuts[low][high]
        return self._merged(self._tree(at + 1, high), self._tree(low, at))

    def _merged(self, high: int, low: int) -> int:
        return self._merges.setdefault(Merge(high, low), self.size + len(self._merges))
