"""The imports between modules of macsmith, as a graph."""

import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp

from tests.support.checkout import ROOT

ROOTS = ("hw", "sim", "flow", "boards", "cli")
"""Source roots, from the bottom up."""


def rooms() -> list[str]:
    """Return the packages whose order the contract of import-linter states."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["importlinter"]["root_packages"])


@cache
def imports() -> dict[str, set[str]]:
    """Return what each module imports, of macsmith's own modules."""
    graph = grimp.build_graph(*rooms(), cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def cycle(edges: dict[str, set[str]]) -> list[str]:
    """Return the modules of a cycle, or nothing."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def longest_chain(edges: dict[str, set[str]]) -> list[str]:
    """Return the longest chain of modules that each import the next."""
    chains: dict[str, list[str]] = {}
    for name in TopologicalSorter(edges).static_order():
        below = [chains[other] for other in edges.get(name, ())]
        chains[name] = [name, *max(below, key=len, default=[])]
    return max(chains.values(), key=len, default=[])


def within(edges: dict[str, set[str]], names: set[str]) -> dict[str, set[str]]:
    """Return the part of a graph between some modules."""
    return {name: edges[name] & names for name in names & edges.keys()}
