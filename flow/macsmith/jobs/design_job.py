"""RTLIL of units, kept while the sources that it is made from are the same."""

import hashlib
import inspect
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from macsmith import arith, array, codec, compact, contract, fp, functions, mac, rtl, sparse
from macsmith.catalog.catalog import lookup, rtlil
from macsmith.contract.unit import UnitSpec
from macsmith.jobs.result_store import Address, find, keep
from macsmith.jobs.task import Task

HARDWARE = (contract, rtl, arith, mac, array, fp, compact, functions, codec, sparse)
"""The rooms that RTLIL is made of."""

_RECENT = 32
"""Designs in memory: neighbouring jobs share one, and a sweep has hundreds."""

_AMARANTH = Lock()
"""Amaranth knows no threads; workers of others' making have some."""


@lru_cache(_RECENT)
def design(name: str, spec: UnitSpec, boundary: str) -> str:
    """Return the RTLIL of a unit, from the cache while the hardware's sources are the same.

    Writing it takes Amaranth longer than everything else that a cached measurement needs.
    """
    address = design_address(name, spec, boundary)
    with _AMARANTH:
        text: str | None = find(address)
        if text is None:
            text = rtlil(name, spec, boundary)
            keep(address, text)
    return text


def design_address(name: str, spec: UnitSpec, boundary: str) -> Address:
    """Return where the RTLIL of a unit is kept."""
    keys = [name, spec.parameters(), boundary, version("amaranth"), sources(name)]
    return "designs", hashlib.sha256(json.dumps(keys).encode()).hexdigest()


@cache
def sources(name: str) -> str:
    """Return a hash of the sources that a unit is built from."""
    digest = hashlib.sha256()
    for path in source_files(name):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def source_files(name: str) -> list[Path]:
    """Return the sources that a unit is built from: our rooms of hardware, and its own modules."""
    builders = (getattr(cut.build, "func", cut.build) for cut in lookup(name).cuts.values())
    modules = set(map(inspect.getmodule, builders))  # of a partial that of its function
    modules |= {inspect.getmodule(lookup(name).spec)}
    files = {Path(module.__file__) for module in modules if module and module.__file__}
    for room in HARDWARE:
        files |= set(Path(room.__path__[0]).rglob("*.py"))
    return sorted(files)


@dataclass(frozen=True)
class Design(Task):
    """The RTLIL of a unit, cut at a boundary."""

    name: str
    spec: UnitSpec
    boundary: str

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.name} {self.boundary} design"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (design_address(self.name, self.spec, self.boundary),)

    def run(self) -> None:
        """See `Task.run`."""
        design(self.name, self.spec, self.boundary)
