"""Mapped netlists of whole units in their own benches: every library, and what is wrong is seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.jobs.netlist_check import netlist_job, verify_netlists
from macsmith.jobs.netlist_job import memories_of, netlist_of
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.rtlsim.cocotb_runner import BenchError, run_bench
from macsmith.synthesis.netlist_verilog import runnable_verilog
from macsmith.verify.plan import Plan
from macsmith.verify.verify import Case
from tests.support.cells import NANGATE
from tests.support.command import run

SMALL = {"act_width": 4, "weight_width": 4}
PLAN = Plan(("icarus",), accumulations=500, simulated=50)
GRID = SMALL | {"rows": 2, "cols": 2, "acc_width": 12, "depth": 4}
BLOCKS = {"b": 4, "block": 4, "nonzeros": 2}

UNITS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in (
        "data-gated", "subword-sa", "subword-st", "dnc-1d-sa", "dnc-1d-st", "dnc-2d-sa",
        "dnc-2d-st", "serial-1d", "serial-2d", "ebsp", "dap",
    )},
    **{
        f"{dataflow}, {sparsity}": ("systolic", GRID | {"dataflow": dataflow, "sparsity": sparsity}
                                    | (BLOCKS if "dbb" in sparsity else {}))
        for dataflow in ("output", "weight", "input")
        for sparsity in ("dense", "zero-gated", "dbb")
    },
    "output, joint-dbb": ("systolic", GRID | BLOCKS | {"sparsity": "joint-dbb", "act_nonzeros": 3}),
    "engine": ("systolic-engine", {
        "rows": 2, "cols": 1, "out_lanes": 1, "act_width": 2, "weight_width": 2, "acc_width": 12,
        "act_depth": 7, "weight_depth": 20, "channel_depth": 8, "out_width": 4,
        "arith": "operators",
    }),
}  # fmt: skip
"""Units whose netlists are tried on every library."""


def verified(name: str, parameters: dict[str, Any], tech: Technology, folder: Path) -> set[str]:
    """Verify a netlist, and return what it ran on."""
    spec = make_spec(name, parameters)
    runs = verify_netlists([Case(name, spec, PLAN)], [tech], folder)
    assert [run.failure or run.examples for run in runs if not run.right] == []
    assert {(run.layer, run.library, run.library_sha256) for run in runs} == {
        ("netlist", tech.name, tech.sha256)
    }
    assert sum(run.random for run in runs) > 100
    proofs = [run for run in runs if run.simulator == "abc"]
    assert [run.proof.split(":")[0] for run in proofs] in (["proved"], [])
    return {run.simulator for run in runs}


@pytest.mark.needs("icarus")
@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_on_every_library(unit: str, technology: Technology, tmp_path: Path) -> None:
    verified(*UNITS[unit], technology, tmp_path)


@pytest.mark.needs("icarus")
@pytest.mark.parametrize(
    "library",
    [NANGATE, pytest.param("generic", marks=pytest.mark.slow)],
    ids=["nangate45", "generic"],
)
def test_a_mac_on_a_library(library: str, tmp_path: Path) -> None:
    parameters = SMALL | {"levels": 1, "modes": ()}
    found = verified("subword-st", parameters, resolve(library), tmp_path)
    assert found == {"abc", "compiled", "icarus"}


@pytest.mark.needs("icarus")
@pytest.mark.slow
def test_an_array_has_a_bench_alone(tmp_path: Path) -> None:
    tiny = {"rows": 1, "cols": 1, "act_width": 2, "weight_width": 2, "acc_width": 8, "depth": 2}
    found = verified("systolic", tiny | {"dataflow": "weight"}, resolve(NANGATE), tmp_path)
    assert found == {"abc", "icarus"}


@pytest.mark.needs("icarus")
@pytest.mark.slow
def test_an_unknown_memory_word_is_seen(tmp_path: Path) -> None:
    """Results that are read from a memory before they are written are unknown."""
    spec, tech = make_spec(*UNITS["engine"]), resolve(NANGATE)
    job = netlist_job("systolic-engine", spec, tech)
    verilog = runnable_verilog(netlist_of(job, tech, tmp_path), tech, memories_of(job))
    line = "if (write) words[write_at] <= write_data;"
    assert line in verilog
    wrong = verilog.replace(line, "if (write & |write_at) words[write_at] <= write_data;")
    with pytest.raises(BenchError, match="bits of it are unknown"):
        run_bench(
            "systolic-engine", spec, "icarus", tmp_path, verilog=wrong, most=3, count=1,
            tests=["products_without_stalls"],
        )  # fmt: skip


@pytest.mark.needs("icarus")
def test_the_command_verifies_netlists(tmp_path: Path) -> None:
    words = ("verify", "serial-1d", "--tech", NANGATE, "--accumulations", "100")
    settings = ("--set", "act_width=2", "--set", "weight_width=2", "--json", "n.json")
    done = run(*words, *settings, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nangate45" in done.stdout and "mapped netlists" in done.stdout
    runs = json.loads((tmp_path / "n.json").read_text())
    assert {one["layer"] for one in runs} == {"netlist"}
    assert {one["simulator"] for one in runs} == {"abc", "compiled", "icarus"}
    assert all(len(one["library_sha256"]) == 64 and one["fingerprint"] for one in runs)
