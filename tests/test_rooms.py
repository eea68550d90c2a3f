"""The house: who imports whom, how full a folder is, and what a file's name means."""

import ast
import importlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from macsmith.catalog.catalog import units
from tests.support.checkout import ROOT
from tests.support.families_in_code import classes_of_hardware, named_units, type_switches
from tests.support.imports import ROOTS, cycle, imports, longest_chain, rooms, within
from tests.support.schedule import GROUPS

MOST_MODULES = 15
"""Modules side by side in a folder."""

IF_THERE = {"macsmith", "onnxruntime"}
"""What is asked for only where it is installed, and ourselves."""

LONGEST_CHAIN = 12
"""Files on a journey of imports within flow."""

RECURRING = {
    "adacomp": "AdaComp: its hardware, its model",
    "batch_norm": "batch normalisation: its hardware, its model",
    "bitmask": "a codec: its units, its numpy",
    "block": "a codec: its units, its numpy",
    "codecs": "all codecs: their entries, their models",
    "huffman": "a codec: its units, its numpy, its models",
    "packets": "units that make a packet of each packet: operands, bench",
    "run_level": "a codec: its units, its numpy",
    "zero_run": "a codec: its units, its numpy",
    "array": "what a room has for a systolic array",
    "arrays": "what a room has for all arrays and their PEs",
    "catalog": "the list of what can be chosen in a room",
    "core": "the datapath of a unit, without its registers and streams",
    "dap": "the unit that prunes activations, its model, its bench",
    "design_variants": "what `verify --all` varies of a family",
    "dnc": "divide and conquer: cores, models",
    "cnvlutin": "lanes that skip zero activations: their hardware, the chip's cycles",
    "eie": "the engine for compressed columns: its hardware, its model",
    "energies": "energies of records: their entries, their table",
    "equal_throughput": "units at equal throughput: analysis, table, section, figures",
    "halving": "modes by halving of operands: cores, models",
    "header_notes": "what the header of a family's Verilog explains",
    "measurement": "areas, periods and energies of units: command, figures",
    "networks": "costs of whole networks: table, figures",
    "operand_registers": "the registers before a multiplier",
    "requantiser": "the requantiser and its model",
    "scaling": "figures over supply voltages: section, table, command",
    "scnn": "the grid for compressed convolutions: its hardware, the published cycles",
    "softmax": "softmax: its hardware, its model",
    "spec": "the specification of a unit",
    "stimulus": "operands that drive a unit: batches, a generator on a board",
    "stream": "a stream of a unit: its layout, its drivers",
    "sweep": "points over ranges of parameters: jobs, command",
    "tile_memory": "buffets and double buffers: what they share, their models, their bench",
    "tensor_pe": "the PE that multiplies small matrices, and its published figures",
    "unit": "what a designer instantiates: the entry of a family, a MAC with its streams",
    "verification": "units against their models: command, figures",
    "voltage_scaling": "energies at lowered supplies: the model, the page's figures",
}
"""Names that stand in several rooms, each for one thing."""

_FIGURES = "flow/macsmith/figures/"

NAMING = {
    "flow/macsmith/analysis/zeros/contenders.py": "docs/sparse-engines.md, what is compared there",
    "flow/macsmith/analysis/pe_gains.py": "the array whose PEs gain by their sizes, once",
    "flow/macsmith/analysis/published/camus_2019.py": "claims of a publication about its units",
    "flow/macsmith/analysis/published/camus_2019_mixes.py": "the same publication's mixes",
    "flow/macsmith/analysis/published/envision.py": "the units beside a published chip's",
    f"{_FIGURES}arrays/joint_density.py": "docs/systolic-array.md, about arrays and pruning",
    f"{_FIGURES}compact_formats/beside_published.py": "docs/number-formats.md",
    f"{_FIGURES}compact_formats/compensation.py": "docs/number-formats.md",
    f"{_FIGURES}compact_formats/error_over_energy.py": "docs/number-formats.md",
    f"{_FIGURES}compact_formats/format_costs.py": "docs/number-formats.md",
    f"{_FIGURES}ebsp/accuracy_over_energy.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/cores.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/designs.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/ebsp_page.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/multipliers.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/pes_by_mac.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/pes_in_area.py": "docs/ebsp.md",
    f"{_FIGURES}ebsp/weights.py": "docs/ebsp.md",
    f"{_FIGURES}floating_point/dot_products.py": "docs/floating-point.md",
    f"{_FIGURES}floating_point/processing_elements.py": "docs/floating-point.md",
    f"{_FIGURES}floating_point/swamping.py": "docs/floating-point.md",
    f"{_FIGURES}floating_point/special_functions.py": "docs/special-functions.md",
    f"{_FIGURES}macs/measurement.py": "docs/measurement.md, whose examples are MACs",
    f"{_FIGURES}pages.py": "names of pages, one of which is a unit's",
    f"{_FIGURES}tile_buffers.py": "docs/sparse-engines.md, two memories beside each other",
    "sim/macsmith/formats/field_values.py": "names of number formats, one of which is a unit's",
    "sim/macsmith/golden/functions/faithful.py": "functions of float64, by the names of units",
    "sim/macsmith/networks/ebsp_networks.py": "the networks of one family",
    "sim/macsmith/networks/training/train_ebsp.py": "how they are trained",
}
"""Files of flow, sim and cli that name a unit, and why; the catalogue names all others' units."""

ASKING = {
    "sim/macsmith/bench/array.py": "whether the simulated array has an error output",
}
"""Files that ask a unit what it is, and why; what a unit is, its entry in the catalogue says."""


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


def sources(*roots: str) -> dict[str, str]:
    """Return the text of each module by its path."""
    paths = [path for root in roots for path in sorted((ROOT / root / "macsmith").rglob("*.py"))]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def test_units_are_named_in_the_catalogue_and_in_files_of_their_own() -> None:
    found = {
        path: list(named_units(text, units()))
        for path, text in sources("sim", "flow", "cli", "boards").items()
    }
    named = {path: lines for path, lines in found.items() if lines}
    assert named.keys() == NAMING.keys(), {p: x for p, x in named.items() if p not in NAMING}


def test_no_unit_is_asked_for_its_class() -> None:
    classes = classes_of_hardware()
    found = {
        path: list(type_switches(text, classes))
        for path, text in sources("sim", "flow", "cli", "boards").items()
    }
    asking = {path: lines for path, lines in found.items() if lines}
    assert asking.keys() == ASKING.keys(), {p: x for p, x in asking.items() if p not in ASKING}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('if name == "dap": pass', True),
        ('title = f"{count} of dap"', True),
        ('"""Return the blocks of dap."""', False),
        ('help = "adapted to dap-2"', False),
    ],
)
def test_a_named_unit_is_found(line: str, found: bool) -> None:
    assert bool(list(named_units(line, ("dap", "ebsp")))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("isinstance(job.spec, tuple)", True),
        ("isinstance(one, str | spec.MacSpec)", True),
        ("issubclass(kind, MacSpec)", True),
        ("match one:\n    case MacSpec(): pass", True),
        ('hasattr(self.spec, "modes")', True),
        ('getattr(spec, "modes", ())', True),
        ("TABLE[type(spec)]", True),
        ('hasattr(dut, "fault")', True),
        ('getattr(dut, f"{name}__valid")', False),
        ("isinstance(stimulus, Uniform)", False),
        ("match one:\n    case Uniform(): pass", False),
    ],
)
def test_a_switch_on_a_type_is_found(line: str, found: bool) -> None:
    assert bool(list(type_switches(line, {"MacSpec"}))) == found


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


def test_what_is_imported_is_there() -> None:
    """mypy does not see it: `attr-defined` is off for Amaranth's sake."""
    missing = []
    for root in (*ROOTS, "tests", "benchmarks"):
        for path in sorted((ROOT / root).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.ImportFrom) or node.module is None:
                    continue
                if node.level or node.module.split(".")[0] not in (
                    "macsmith",
                    "tests",
                    "benchmarks",
                ):
                    continue
                module = importlib.import_module(node.module)
                missing += [
                    f"{path.relative_to(ROOT)}:{node.lineno} {node.module}.{alias.name}"
                    for alias in node.names
                    if not hasattr(module, alias.name)
                    and importlib.util.find_spec(f"{node.module}.{alias.name}") is None
                ]
    assert not missing, "\n".join(missing)


def test_what_the_product_imports_it_depends_on() -> None:
    """Not on what comes with the tools of developers alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    waiting = [Requirement(one) for one in project["dependencies"]]
    waiting += [Requirement(one) for name in extras if name != "dev" for one in extras[name]]
    brought = set()
    while waiting:
        bringing = canonicalize_name(waiting.pop().name)
        if bringing not in brought:
            brought.add(bringing)
            needed = map(Requirement, importlib.metadata.requires(bringing) or ())
            waiting += [it for it in needed if not it.marker or it.marker.evaluate({"extra": ""})]
    whose = importlib.metadata.packages_distributions()
    strangers = set()
    for root in ROOTS:
        for path in (ROOT / root).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                for name in {one.split(".")[0] for one in names} - IF_THERE:
                    owners = {canonicalize_name(one) for one in whose.get(name, ())}
                    if name not in sys.stdlib_module_names and not owners & brought:
                        strangers.add(f"{path.relative_to(ROOT)} imports {name}")
    assert not strangers, sorted(strangers)
