"""What figures were made with: libraries, versions, sources and day."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.figures.docs_page import LibraryRun, Records
from macsmith.jobs.netlist_job import tool_versions, versions
from macsmith.library.technology import Technology

SOURCES = ("hw", "sim", "flow")
"""Folders that figures come from."""


def run_of(records: Records, tech: Technology | None, commit: str) -> LibraryRun:
    """Return records with what they depend on."""
    made_with = versions(tech) if tech else tool_versions()
    return LibraryRun(
        library=tech.name if tech else "",
        library_sha256=made_with.pop("library_sha256", ""),
        versions=made_with,
        wires=tech.wires.name if tech else "",
        commit=commit,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        records=records,
    )


def made(runs: Sequence[LibraryRun], what: str) -> str:
    """Return a sentence of libraries and one of versions for each time and place of measuring."""
    sentences = []
    for one in dict.fromkeys(map(_with, runs)):
        mine = [run for run in runs if _with(run) == one]
        names = ", ".join(f"`{run.library}` (SHA-256 `{run.library_sha256[:12]}`)" for run in mine)
        sentences.append(f"{names}: {one}" if len(mine) < len(runs) else f"{names}. {one}")
    return f"{what}, {' '.join(sentences)}"


def _with(run: LibraryRun) -> str:
    versions = run.versions
    timed = f", timing by {versions['timing_engine']}" if "timing_engine" in versions else ""
    wires = f", wires: {run.wires}" if run.wires else ""
    return (
        f"macsmith {versions['macsmith']} at {run.commit}, Yosys {versions['yosys']}, Amaranth "
        f"{versions['amaranth']}{timed}{wires}; {run.date}."
    )


def commit_of(root: Path) -> str:
    """Return the commit of the sources, marked where they differ from it.

    Raises
    ------
    UserError
        If the folder is no repository.
    """

    def git(*arguments: str) -> str:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            raise UserError(
                f"figures must be measured in a git repository, whose commit they state, not {root}"
            ) from None
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", *SOURCES)
    return f"`{git('rev-parse', '--short', 'HEAD')}`" + (" with local changes" if changed else "")
