"""The keys of records as tables of Markdown, as docs/records.md and docs/scaling.md have them."""

from collections.abc import Iterable, Mapping

from macsmith.records.metric import OPERATION, Key, Metric
from macsmith.records.registry import (
    ARRAY_KEYS,
    KEYS,
    MIX_KEYS,
    NETWORK_KEYS,
    PE_KEYS,
    SCALING_KEYS,
    THROUGHPUT_KEYS,
    TIME_KEYS,
)

RECORDS: Mapping[str, tuple[Key, ...]] = {
    "keys": KEYS,
    "keys of arrays": ARRAY_KEYS,
    "keys of tensor PEs": PE_KEYS,
    "keys of equal throughput": THROUGHPUT_KEYS,
    "keys of times": TIME_KEYS,
    "keys of mixes": MIX_KEYS,
    "keys of networks": NETWORK_KEYS,
}
"""The tables of docs/records.md, by the name in the comments that they stand between."""

SCALING: Mapping[str, tuple[Key, ...]] = {"keys of voltage scaling": SCALING_KEYS}
"""Those of docs/scaling.md."""


def markdown(keys: Iterable[Key]) -> str:
    """Return keys with their units and meanings, a row each."""
    rows = [f"| `{one.key}` | {_unit(one)}| {one.meaning} |" for one in keys]
    return "\n".join(["| key | unit | meaning |", "|---|---|---|", *rows])


def _unit(key: Key) -> str:
    """Return the unit of a figure, by the operation where it is of one."""
    if not isinstance(key, Metric):
        return ""
    shown = key.of(OPERATION)
    return f"{shown.head if shown.head.startswith(f'{shown.unit}/') else shown.unit} "


def blocks(tables: Mapping[str, tuple[Key, ...]]) -> dict[str, str]:
    """Return what stands between the comments of a page, by their name."""
    return {name: markdown(keys) for name, keys in tables.items()}
