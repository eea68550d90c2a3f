"""Records of evidence: taken from what commands wrote, kept in docs/data/evidence, and compared.

A run holds what was taken at one time. Where units are taken anew, their rows leave older runs.
"""

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from macsmith.catalog.catalog import lookup, make_spec, units
from macsmith.catalog.fingerprint import fingerprint
from macsmith.contract.errors import UserError
from macsmith.figures import record_file
from macsmith.figures.docs_page import LibraryRun, Records, Row
from macsmith.figures.evidence.all_kinds import KINDS
from macsmith.figures.evidence.kind import Kind, plain
from macsmith.figures.provenance import commit_of
from macsmith.rtlsim.tool_versions import tool_versions

SAMPLE = 8
"""Specifications, besides defaults, whose fingerprints a check computes."""


def path_of(kind: Kind, root: Path) -> Path:
    """Return the file of a kind of evidence."""
    return root / "docs" / "data" / f"{kind.measured.file}.json"


def runs_of(kind: Kind, root: Path) -> list[LibraryRun]:
    """Return what is kept of a kind; nothing if there is no record."""
    return record_file.read(path_of(kind, root)).get(kind.name, [])


def take(kind: Kind, files: Iterable[Path], root: Path) -> None:
    """Keep what a kind's commands wrote.

    Raises
    ------
    UserError
        If a file is no JSON, or its records lack what a kind keeps.
    """
    records = [record for file in files for record in _read(file)]
    try:
        rows = kind.kept(records)
    except KeyError as missing:
        raise UserError(f"a record of {kind.name} must have {missing}, but one has not") from None
    if not rows:
        raise UserError(f"evidence of {kind.name} must have a record, but there is none")
    dates = sorted(str(one["date"]) for one in records if one.get("date"))
    run = LibraryRun(
        library="", library_sha256="",
        versions=next((one["versions"] for one in records if "versions" in one), tool_versions()),
        wires="",
        commit=_commit(records, root),
        date=dates[-1] if dates else f"{datetime.now(UTC):%Y-%m-%d}",
        records=rows,
    )  # fmt: skip
    known = [_without(one, {row.get("unit") for row in rows}) for one in runs_of(kind, root)]
    runs = [*(one for one in known if one.records), run]
    path = path_of(kind, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    record_file.write(path, {kind.name: runs})


def _read(file: Path) -> list[Row]:
    """Return the records of a file: a list, or one alone."""
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"evidence {file} could not be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"evidence {file} must be JSON, but is not: {error}") from None
    records = [read] if isinstance(read, dict) else read
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise UserError(f"evidence {file} must be a list of records, but is not")
    return records


def _commit(records: Records, root: Path) -> str:
    """Return the commits that records state, or that of the sources here."""
    stated = dict.fromkeys(f"`{one['commit']}`" for one in records if one.get("commit"))
    return ", ".join(stated) or commit_of(root)


def _without(run: LibraryRun, named: set[str | None]) -> LibraryRun:
    """Return a run without the rows of some units."""
    return replace(run, records=[row for row in run.records if row.get("unit") not in named])


def old(root: Path, seed: int, sample: int = SAMPLE) -> list[str]:
    """Return a sentence for each record that is not of today's RTL.

    Of each unit the default's fingerprint is computed, and those of some other specifications,
    drawn at random.
    """
    rows = [(kind, row) for kind in KINDS.values() for row in _rows(kind, root)]
    marked = [(kind, row) for kind, row in rows if "fingerprint" in row]
    usual = [(kind, row) for kind, row in marked if not row["settings"]]
    others = [(kind, row) for kind, row in marked if row["settings"]]
    drawn = random.Random(seed).sample(others, min(sample, len(others)))
    found: dict[str, None] = {}
    today: dict[str, str] = {}
    for kind, row in [*usual, *drawn]:
        name = f"{row['unit']} {json.dumps(row['settings'], sort_keys=True)}"
        if name not in today:
            today[name] = _today(kind, row["unit"], row["settings"])
        if today[name] != row["fingerprint"]:
            said = [row["unit"], *(f"{key}={value}" for key, value in row["settings"].items())]
            found[
                f"docs/data/{kind.measured.file}.json: {' '.join(said)} is of RTL "
                f"{row['fingerprint']}, today's is {today[name]}; make evidence makes it anew"
            ] = None
    return list(found)


def _today(kind: Kind, unit: str, settings: Mapping[str, object]) -> str:
    """Return the fingerprint of a specification as it is now, or why there is none."""
    if unit in kind.blocks:
        return kind.blocks[unit]()
    if unit not in units():
        return "of no unit of the catalogue"
    family = lookup(unit).spec
    usual = plain(make_spec(unit).parameters())
    try:
        return fingerprint(unit, family.of_parameters(usual | dict(settings)))
    except (UserError, TypeError) as error:
        return f"refused: {error}"


def _rows(kind: Kind, root: Path) -> Records:
    return [row for run in runs_of(kind, root) for row in run.records]
