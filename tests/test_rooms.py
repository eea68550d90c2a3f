"""The house: who imports whom, how full a folder is, and what a file's name means."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.support.imports import ROOTS, cycle, imports, longest_chain, rooms, within
from tests.support.schedule import GROUPS

MOST_MODULES = 15
"""Modules side by side in a folder."""

LONGEST_CHAIN = 12
"""Files on a journey of imports within flow."""

RECURRING = {
    "array": "what a room has for a systolic array",
    "arrays": "what a room has for all arrays and their PEs",
    "catalog": "the list of what can be chosen in a room",
    "core": "the datapath of a unit, without its registers and streams",
    "dap": "the unit that prunes activations, its model, its bench",
    "design_variants": "what `verify --all` varies of a family",
    "dnc": "divide and conquer: cores, models",
    "energies": "energies of records: their entries, their table",
    "halving": "modes by halving of operands: cores, models",
    "header_notes": "what the header of a family's Verilog explains",
    "measurement": "areas, periods and energies of units: command, figures",
    "networks": "costs of whole networks: table, figures",
    "operand_registers": "the registers before a multiplier",
    "requantiser": "the requantiser and its model",
    "scaling": "figures over supply voltages: section, table, command",
    "spec": "the specification of a unit",
    "stimulus": "operands that drive a unit: batches, a generator on a board",
    "stream": "a stream of a unit: its layout, its drivers",
    "sweep": "points over ranges of parameters: jobs, command",
    "tensor_pe": "the PE that multiplies small matrices, and its published figures",
    "unit": "what a designer instantiates: the entry of a family, a MAC with its streams",
    "verification": "units against their models: command, figures",
    "voltage_scaling": "energies at lowered supplies: the model, the page's figures",
}
"""Names that stand in several rooms, each for one thing."""


def modules() -> dict[str, list[Path]]:
    """Return the modules of macsmith by folder, but for packages themselves."""
    found = defaultdict(list)
    for root in ROOTS:
        for path in sorted((ROOT / root / "macsmith").rglob("*.py")):
            if path.name != "__init__.py":
                found[str(path.parent.relative_to(ROOT))].append(path)
    return found


def test_rooms_import_downwards() -> None:
    """The contract is in pyproject.toml; a broken one names each import."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_contract_has_every_room() -> None:
    found = {
        f"macsmith.{path.name}"
        for root in ROOTS
        for path in (ROOT / root / "macsmith").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert set(rooms()) == found


def test_every_room_is_a_typed_package_of_one_root() -> None:
    owners = defaultdict(list)
    for root in ROOTS:
        for path in (ROOT / root / "macsmith").iterdir():
            assert path.is_dir(), f"{path} lies directly in the namespace"
            if path.name != "__pycache__":
                owners[path.name].append(root)
                assert (path / "__init__.py").is_file() and (path / "py.typed").is_file(), path
    assert {room: roots for room, roots in owners.items() if len(roots) > 1} == {}


def test_no_module_imports_itself_through_others() -> None:
    assert cycle(imports()) == []


def test_a_journey_through_flow_is_short() -> None:
    flow = {path.name for path in (ROOT / "flow" / "macsmith").iterdir()}
    names = {name for name in imports() if name.split(".")[1] in flow}
    chain = longest_chain(within(imports(), names))
    assert len(chain) <= LONGEST_CHAIN, "\n".join(chain)


def test_no_folder_is_crowded() -> None:
    crowded = {room: len(paths) for room, paths in modules().items() if len(paths) > MOST_MODULES}
    assert crowded == {}


def test_a_name_has_one_meaning() -> None:
    folders = defaultdict(list)
    for folder, paths in modules().items():
        for path in paths:
            folders[path.stem].append(folder)
    again = {name: where for name, where in folders.items() if len(where) > 1}
    undeclared = {name: where for name, where in again.items() if name not in RECURRING}
    assert undeclared == {}
    assert again.keys() >= RECURRING.keys()


def test_what_tests_share_is_in_support() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        shared = path.is_relative_to(ROOT / "tests" / "support")
        assert shared or path.stem == "conftest" or path.stem.startswith("test_"), path
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] == ["from"]:
                assert not words[1].rpartition(".")[2].startswith(("test_", "conftest")), path


def test_files_that_are_scheduled_exist() -> None:
    assert [path for path in GROUPS if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}}, ["a", "b", "c"]),
    ],
)
def test_a_cycle_is_found(edges: dict[str, set[str]], found: list[str]) -> None:
    assert sorted(set(cycle(edges))) == found


def test_a_chain_is_found() -> None:
    edges = {"a": {"b", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert longest_chain(edges) == ["a", "b", "c", "d"]
    assert longest_chain(within(edges, {"a", "c", "d"})) in (["a", "d"], ["c", "d"])
