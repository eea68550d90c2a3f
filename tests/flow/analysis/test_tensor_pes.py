"""Energies of tensor PEs on real cells, and the command that sets them beside the classic PE."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from macsmith.analysis.pe_gains import CLASSIC, Point, points_of, with_gains
from macsmith.analysis.published.tensor_pe import CLAIMS, beside, statements
from macsmith.catalog.catalog import make_spec
from macsmith.cli.analyses.array import USUAL, fitting
from macsmith.energy.replays.pe_replay import PeReplay
from macsmith.jobs.energy_job import EnergyPlan, write_saif
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.records.record import PeRecord, Record
from macsmith.report.page.arrays import array_section
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.command import run
from tests.support.invented_records import of_macs

FEW = Uniform(beats=800, length=25)

BOUND = {"a": 2, "b": 8, "c": 2, "sparsity": "dbb"}
MEASURED: dict[str, dict[str, Any]] = {
    "classic": {},
    "2x4x2": {"a": 2, "b": 4, "c": 2},
    "4/8": BOUND | {"nonzeros": 4},
    "2/8": BOUND | {"nonzeros": 2},
}
"""The PEs of test_array_area.py, whose netlists are kept."""


def job_of(parameters: dict[str, Any]) -> Job:
    """Return the netlist of a PE with rippling adders as cells."""
    spec = make_spec("systolic", {"adder": "ripple", **parameters})
    return Job("systolic", spec, "pe", Recipe.AREA, True)


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


@pytest.fixture(scope="module")
def records(library: Technology) -> Iterator[dict[str, Record]]:
    """Records with energies of random operands, by name of the PE."""
    plan = EnergyPlan(FEW, ("pe",), netlists="all")
    found = measure([job_of(parameters) for parameters in MEASURED.values()], library, energy=plan)
    yield dict(zip(MEASURED, found, strict=True))


def test_energy_of_a_product_falls_with_sharing_and_with_density(
    records: dict[str, Any],
) -> None:
    pj = {name: record["energy_pj_per_mac"] for name, record in records.items()}
    print(pj)
    assert pj["2/8"] < pj["4/8"] < pj["2x4x2"] < pj["classic"]
    # Published at 16 nm are 1.36 and 1.97.
    assert pj["classic"] / pj["2x4x2"] > 1.36
    assert pj["classic"] / pj["4/8"] > 1.97


def test_energy_of_an_executed_multiplication(records: dict[str, Any]) -> None:
    for name, share in (("classic", 1), ("2x4x2", 1), ("4/8", 1 / 2), ("2/8", 1 / 4)):
        record = records[name]
        executed = record["energy_pj_per_executed_mac"]
        assert executed == pytest.approx(record["energy_pj_per_mac"] / share)
        assert sum(record["energy_parts"].values()) == pytest.approx(record["energy_pj_per_mac"])
        assert not record["energy_places"]
    # A sparse product is cheaper, a multiplication is not: each has its multiplexer.
    assert records["2/8"]["energy_pj_per_executed_mac"] > records["2x4x2"]["energy_pj_per_mac"]


def test_a_netlist_with_a_wrong_cell_has_no_energy(
    library: Technology, monkeypatch: pytest.MonkeyPatch
) -> None:
    from macsmith.jobs import energy_job

    replay = energy_job.replay_of(job_of({}), library)
    assert isinstance(replay, PeReplay)
    low = replay.gates.ports["sum_out"].rows[:2]
    monkeypatch.setattr(replay.gates, "next_state", replay.gates.next_state.copy())
    places = [range(replay.gates.rows)[replay.gates.state].index(row) for row in low]
    replay.gates.next_state[places] = replay.gates.next_state[places[::-1]]
    with pytest.raises(RuntimeError, match="sums of column 0 in 8x8 are not those of the golden"):
        replay.divided(FEW, 0)


def test_saif_of_a_pe(library: Technology, tmp_path: Path) -> None:
    saif, verilog = write_saif(job_of({}), library, FEW, 0, tmp_path / "pe.saif")
    assert "sum_in" in verilog.read_text() and "(INSTANCE unit" in saif.read_text()


def test_points() -> None:
    points = points_of()
    assert points[0] == CLASSIC and len(points) == len(set(points)) == 17
    assert Point("2x4x2", "2:4") in points and Point("2x4x2", "4/8") not in points
    assert Point("2x8x2", "3/8").settings == [
        "a=2", "b=8", "c=2", "sparsity=dbb", "nonzeros=3", "block=8",
    ]  # fmt: skip
    assert points_of(["1x4x1"])[1:] == [
        Point("1x4x1", one) for one in ("dense", "zero-gated", "2:4")
    ]
    assert points_of(["2x2x2"], ["dense"]) == [CLASSIC, Point("2x2x2", "dense")]


def invented(area: float, energy: float) -> list[PeRecord]:
    """Return records of two PEs, the second with so much less area and energy a product."""
    first = of_macs({
        "unit": "systolic", "tech": "none", "mode": "8x8", "stimulus": "uniform", "recipe": "area",
        "adders": "cells", "pe": "1x1x1", "density": "dense", "macs_per_cycle": 1.0,
        "area_ge": 1000.0, "area_um2": 800.0, "drain_ge": 200.0, "flip_flops": 80,
        "parameters": {"a": 1, "c": 1, "acc_width": 32, "dataflow": "output", "sparsity": "dense"},
        "energy_pj_per_mac": 2.0,
        "energy_parts": {"clock": 0.8, "registers": 0.2, "logic": 0.75, "glitches": 0.25},
    })  # fmt: skip
    second = of_macs(first | {
        "pe": "2x2x2", "density": "4/8", "macs_per_cycle": 8.0, "area_ge": 8000 / area,
        "drain_ge": 0.0, "energy_pj_per_mac": 2 / energy,
    })  # fmt: skip
    return with_gains([first, second])


def test_gains_and_published_factors() -> None:
    classic, other = invented(3.2, 1.9)
    assert (classic["area_gain"], classic["energy_gain"]) == (1, 1)
    assert (other["area_gain"], other["energy_gain"]) == pytest.approx((3.2, 1.9))
    assert other["area_gain_without_drain"] == pytest.approx(0.8 * 3.2)
    found = {(one.claim.density, one.gain): one for one in beside([classic, other])}
    assert [one.short for one in found.values()] == [False, True, True]
    assert found["4/8", "area_gain"].claim.factor == 3.14
    told = list(statements([classic, other]))
    assert (
        "Area, with density-bound blocks: 3.20x (2x2x2, 4/8) reaches the published 3.14x"
        in (told[0])
    )
    assert "Energy, with density-bound blocks: 1.90x (2x2x2, 4/8) falls short of" in told[2]
    assert {claim.factor for claim in CLAIMS} == {2.08, 1.36, 3.14, 1.97}


def test_the_classic_pe_is_not_judged_against_itself() -> None:
    classic, other = invented(3.2, 1.9)
    bound: PeRecord = {**other, "density": "2:4"}
    assert beside([classic, bound]) == [] and list(statements([classic, bound])) == []
    dense: PeRecord = {**other, "density": "dense"}
    assert {one.record["pe"] for one in beside([classic, dense])} == {"2x2x2"}


def test_the_section_has_all_points_and_published_rules() -> None:
    section = array_section(invented(3.2, 1.9))
    assert section is not None
    kinds = [row["kind"] for row in section.data["rows"]]
    assert kinds == ["ours"] * 2 + ["published"] * 4
    assert list(section.data["charts"]) == ["area_gain", "area_gain_without_drain", "energy_gain"]
    plain: list[Any] = [{k: v for k, v in one.items() if "gain" not in k} for one in invented(2, 2)]
    assert array_section(plain) is None


def test_the_command_writes_records_and_a_page(tmp_path: Path) -> None:
    """On the embedded library, with energies in its own unit."""
    done = run(
        "array", "--pe", "1x2x1", "--density", "dense", "--stimulus", "uniform", "--set",
        "adder=ripple",
        "--set", "act_width=4", "--set", "weight_width=4", "--json", "a.json", "--csv", "a.csv",
        "--html", "a.html", "--plots", "charts", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "a.json").read_text())
    assert [(one["pe"], one["density"]) for one in records] == [
        ("1x1x1", "dense"), ("1x2x1", "dense"),
    ]  # fmt: skip
    gain = 2 * records[0]["area_ge"] / records[1]["area_ge"]
    assert records[1]["area_gain"] == pytest.approx(gain) and gain > 1
    assert records[1]["drain_um2"] is None and records[1]["energy_pj_per_mac"] is None
    saved = records[0]["energy_c0v2_per_mac"] / records[1]["energy_c0v2_per_mac"]
    assert records[1]["energy_gain"] == pytest.approx(saved) and saved > 1
    assert "C0V2/executed 1" in done.stdout
    assert "1x2x1" in done.stdout and f"{gain:.2f}" in done.stdout
    assert "Systolic tensor array" in (tmp_path / "a.html").read_text()
    assert (tmp_path / "charts" / "pe-area-gain-4x4.svg").exists()


def test_what_a_pe_is_simulated_within_and_which_stimuli_fit_it() -> None:
    assert job_of({}).within == "pe"
    assert replace(job_of({}), boundary="core").within == "unit"
    assert fitting(job_of({})) == list(USUAL)
    assert fitting(job_of({"act_width": 5})) == [Uniform()]
