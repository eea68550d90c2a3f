"""Carry-propagate adders as parallel-prefix networks.

Column i generates a carry (g = a & b) or propagates one (p = a ^ b). A prefix network combines
neighbouring spans, ``(g, p) = (g1 | p1 & g0, p1 & p0)``, until each column knows the carry from
all below. Columns that hold one bit, and spans that cannot generate, cost no gates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from math import inf

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith import prefix_plan

HALF = 0.5
"""Delay of AND and OR of a column's bits, in XOR delays."""


@dataclass(frozen=True)
class Span:
    """What a run of columns does to a carry; None stands for a constant zero.

    ``arrival`` is when that is known, in XOR delays.
    """

    generate: Value | None
    propagate: Value | None
    arrival: float = 0


Merge = Callable[[Span, Span], Span]


def ripple(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine one column after the other: least area, ``n`` levels."""
    for index in range(1, len(spans)):
        spans[index] = merge(spans[index], spans[index - 1])
    return spans


def brent_kung(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine in a tree and back: about ``2 n`` merges, ``2 log2 n - 1`` levels."""
    step = 1
    while step < len(spans):
        for index in range(2 * step - 1, len(spans), 2 * step):
            spans[index] = merge(spans[index], spans[index - step])
        step *= 2
    while step > 1:
        step //= 2
        for index in range(3 * step - 1, len(spans), 2 * step):
            spans[index] = merge(spans[index], spans[index - step])
    return spans


def sklansky(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine halves: ``n / 2 log2 n`` merges, ``log2 n`` levels, a fan-out of up to ``n / 2``."""
    step = 1
    while step < len(spans):
        for index in range(len(spans)):
            if index // step % 2:
                spans[index] = merge(spans[index], spans[index // step * step - 1])
        step *= 2
    return spans


def kogge_stone(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine all spans of a length at once: ``n log2 n`` merges, ``log2 n`` levels, fan-out 2."""
    step = 1
    while step < len(spans):
        for index in reversed(range(step, len(spans))):
            spans[index] = merge(spans[index], spans[index - step])
        step *= 2
    return spans


def fitted(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine by the fewest merges of the fastest network for the spans' arrivals.

    A range is cut in two, and the whole lower part merged into each prefix of the upper one. Cuts
    in the middle make it Sklansky's network, cuts below the top a ripple; early columns ripple.
    """
    ready = [span.arrival for span in spans]

    @cache
    def best_cut(low: int, high: int, due: float) -> tuple[float, int]:
        """Return the merges of a range that must be done by ``due``, and where to cut it."""
        if low == high:
            return (0 if ready[low] <= due else inf), low
        if max(ready[low : high + 1]) >= due:
            return inf, low
        return min(
            (best_cut(low, at, due - 1)[0] + best_cut(at + 1, high, due - 1)[0] + high - at, at)
            for at in range(low, high)
        )

    def combine(low: int, high: int, due: float) -> None:
        if low < high:
            _, at = best_cut(low, high, due)
            combine(low, at, due - 1)
            combine(at + 1, high, due - 1)
            for index in range(at + 1, high + 1):
                spans[index] = merge(spans[index], spans[at])

    top = len(spans) - 1
    combine(0, top, next(due for due in count(max(ready)) if best_cut(0, top, due)[0] < inf))
    return spans


def as_planned(spans: list[Span], merge: Merge) -> list[Span]:
    """Combine as `prefix_plan` has it for the spans' arrivals; the top one comes last of all."""
    *below, top = spans
    if not below:
        return spans
    network = prefix_plan.plan(tuple(span.arrival for span in below))
    nodes = list(below)
    for high, low in network.merges:
        nodes.append(merge(nodes[high], nodes[low]))
    prefixes = [nodes[node] for node in network.carries]
    return [*prefixes, merge(top, prefixes[-1])]


NETWORKS: dict[str, Callable[[list[Span], Merge], list[Span]]] = {
    "auto": fitted,
    "ripple": ripple,
    "brent-kung": brent_kung,
    "sklansky": sklansky,
    "kogge-stone": kogge_stone,
}
"""Prefix networks by name."""


def add_columns(
    m: Module,
    name: str,
    columns: Sequence[Sequence[Value]],
    carry_in: Value | None = None,
    network: str = "auto",
    arrivals: Sequence[float] | None = None,
    carry_arrival: float = 0,
    *,
    by_cells: bool = False,
) -> tuple[Value, Value]:
    """Add columns of at most two bits each, and a carry.

    Parameters
    ----------
    name:
        Prefix of the signals' names.
    columns:
        The bits of each column, lowest column first.
    network:
        A name of `NETWORKS`.
    arrivals, carry_arrival:
        When the columns and the carry are known, in XOR delays; all at once if not said.
    by_cells:
        Whether a column propagates by an OR, which mapped cells have sooner than the XOR of the
        sum, and ``auto`` is a network of `prefix_plan`.

    Returns
    -------
    The sum, as wide as there are columns, and the carry out.
    """
    halves = [
        _half(m, f"{name}_{index}", column, arrival, by_cells)
        for index, (column, arrival) in enumerate(
            zip(columns, arrivals or [0] * len(columns), strict=True)
        )
    ]
    spans = [span for span, _ in halves]
    if carry_in is not None:
        spans.insert(0, Span(carry_in, None, carry_arrival))
    merges = 0

    def merge(high: Span, low: Span) -> Span:
        nonlocal merges
        merges += 1
        return _merge(m, f"{name}_m{merges}", high, low)

    combine = as_planned if by_cells and network == "auto" else NETWORKS[network]
    carries = [span.generate for span in combine(spans, merge)]
    if carry_in is None:
        carries.insert(0, None)
    bits = [_xor(one, carry) for (_, one), carry in zip(halves, carries, strict=False)]
    top = carries[len(columns)]
    return Cat(bits), Const(0, 1) if top is None else top


def columns_required(
    columns: Sequence[Sequence[float]], carry_arrival: float | None = None
) -> list[float]:
    """Return when the bits of each column must be known, for a planned network to end no later.

    Parameters
    ----------
    columns:
        When each bit of each column is known, in XOR delays.
    carry_arrival:
        The same of a carry into the lowest column, if there is one.
    """
    waits = [HALF if len(column) > 1 else 0 for column in columns]
    ready = [max(column, default=0) + wait for column, wait in zip(columns, waits, strict=True)]
    spans = ready[:-1] if carry_arrival is None else [carry_arrival, *ready[:-1]]
    if not spans:
        return ready
    network = prefix_plan.plan(tuple(spans))
    due = prefix_plan.required(network, len(spans))[len(spans) - len(ready) + 1 :]
    # The top column is only waited for by its own sum.
    return [
        one - wait for one, wait in zip([*due, max(network.due, ready[-1])], waits, strict=True)
    ]


def _half(
    m: Module, name: str, column: Sequence[Value], arrival: float, by_cells: bool
) -> tuple[Span, Value | None]:
    """Return what one column does to a carry, and the sum of its bits."""
    live = [bit for bit in column if not isinstance(bit, Const)]
    ones = sum(bit.value for bit in column if isinstance(bit, Const))
    if len(live) + ones > 2:
        raise ValueError(f"columns must hold at most 2 bits, not {len(column)}")
    if len(live) < 2:
        bit = live[0] if live else None
        if ones == 0:
            return Span(None, bit, arrival), bit
        if ones == 1:
            total = Const(1, 1) if bit is None else ~bit
            return Span(bit, Const(1, 1) if by_cells else total, arrival), total
        return Span(Const(1, 1), None, arrival), None
    generate = Signal(name=f"{name}_g")
    propagate = Signal(name=f"{name}_p")
    m.d.comb += [generate.eq(live[0] & live[1]), propagate.eq(live[0] ^ live[1])]
    if not by_cells:
        return Span(generate, propagate, arrival + 1), propagate
    either = Signal(name=f"{name}_t")
    m.d.comb += either.eq(live[0] | live[1])
    return Span(generate, either, arrival + HALF), propagate


def _merge(m: Module, name: str, high: Span, low: Span) -> Span:
    """Return what two neighbouring spans do to a carry together."""
    generate, propagate = high.generate, None
    if high.propagate is not None:
        if low.generate is not None:
            passed = high.propagate & low.generate
            generate = Signal(name=f"{name}_g")
            own = high.generate
            m.d.comb += generate.eq(passed if own is None else own | passed)
        if low.propagate is not None:
            propagate = Signal(name=f"{name}_p")
            m.d.comb += propagate.eq(high.propagate & low.propagate)
    return Span(generate, propagate)


def _xor(left: Value | None, right: Value | None) -> Value:
    if left is None or right is None:
        only = right if left is None else left
        return Const(0, 1) if only is None else only
    return left ^ right
