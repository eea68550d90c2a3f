"""Runs as records: what they found, of which hardware, when, and with which tools."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from macsmith.catalog.fingerprint import fingerprint
from macsmith.host.verification_run import Run
from macsmith.rtlsim.tool_versions import tool_versions
from macsmith.verify.verify import Case


def run_records(runs: Iterable[Run], cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return the runs of some cases as plain JSON values.

    Each has the `fingerprint` of its unit, the day and the versions beside what `Run` has.
    """
    found = {_named(one.unit, one.spec.parameters()): one for one in cases}
    prints = {
        key: {"boundary": one.plan.boundary,
              "fingerprint": fingerprint(one.unit, one.spec, one.plan.boundary)}
        for key, one in found.items()
    }  # fmt: skip
    made = {"date": datetime.now(UTC).date().isoformat(), "versions": tool_versions()}
    return [run.to_json() | prints[_named(run.unit, run.parameters)] | made for run in runs]


def _named(unit: str, parameters: dict[str, Any]) -> str:
    """Return a text by which a specification is known again, of the bench's JSON too."""
    return json.dumps([unit, parameters], sort_keys=True)
