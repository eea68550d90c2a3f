"""What the figures of a record assume beyond the library, in a phrase for titles of tables."""

from collections.abc import Mapping
from typing import Any


def assumptions(record: Mapping[str, Any]) -> str:
    """Return who timed a netlist and what its wires are."""
    return f"timing by {record['timing_engine']}, wires: {record['wires']}"
