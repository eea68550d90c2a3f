"""The committed records of a page: docs/data/PAGE.json, a run for each library.

Values that all records of a run have in common stand once. Each record is a line, so that a
change of one is a change of a line.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from macsmith.figures.docs_page import LibraryRun, Records
from macsmith.output.whole_file import write_whole

Runs = dict[str, list[LibraryRun]]
"""Runs by the name of what is measured."""


def read(path: Path) -> Runs:
    """Return all runs of a file, none if there is no such file."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text())
    return {name: [_run(**run) for run in runs] for name, runs in kept.items()}


def write(path: Path, runs: Runs) -> None:
    """Write a file anew."""
    plain = {name: [_plain(run) for run in of_one] for name, of_one in runs.items()}
    path.parent.mkdir(exist_ok=True)
    write_whole(path, _text(plain))


def replaced(known: Sequence[LibraryRun], new: LibraryRun) -> list[LibraryRun]:
    """Return runs of which one is of a new run's library: that of this library gives way."""
    runs = [new if run.library == new.library else run for run in known]
    return runs if new in runs else [*runs, new]


def _plain(run: LibraryRun) -> dict[str, Any]:
    # Versions are the run's.
    records = [{k: v for k, v in one.items() if k != "versions"} for one in run.records]
    # A single record stands whole.
    first, others = (records[0], records[1:]) if len(records) > 1 else ({}, [])
    shared = {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }
    each = [{k: v for k, v in record.items() if k not in shared} for record in records]
    return asdict(run) | {"records": {"shared": shared, "each": each}}


def _run(
    shared: Mapping[str, Any], records: Records, wires: str = "", **made_with: Any
) -> LibraryRun:
    library = {"library_sha256": made_with["library_sha256"]}
    versions = {"versions": {**made_with["versions"], **library}}
    rows = [{**shared, **one, **versions} for one in records]
    return LibraryRun(records=rows, wires=wires, **made_with)


def _text(kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return JSON with a line for each record, and for each value that a run states once."""
    names = []
    for name, runs in kept.items():
        written = ",\n".join(f" {{\n{_run_text(run)}\n }}" for run in runs)
        names.append(f"{json.dumps(name)}: [\n{written}\n]")
    return "{\n" + ",\n".join(names) + "\n}\n"


def _run_text(run: Mapping[str, Any]) -> str:
    lines = [f"  {json.dumps(key)}: {json.dumps(run[key])}" for key in run if key != "records"]
    records = run["records"]
    each = ",\n".join(f"   {json.dumps(record)}" for record in records["each"])
    return ",\n".join(
        [*lines, f'  "shared": {json.dumps(records["shared"])}', f'  "records": [\n{each}\n  ]']
    )
