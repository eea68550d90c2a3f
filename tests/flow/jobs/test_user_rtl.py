"""A user's RTL through the same recipes, timing and stimulus as ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amaranth.back import verilog

from benchmarks.qor.operators import OperatorMac
from macsmith.catalog.catalog import FOREIGN, build, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Network, Uniform
from macsmith.records.record import Record
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing.timing import minimum_period
from macsmith.user_rtl.entry import OPTIONS, Given, specification
from macsmith.user_rtl.spec import UserRtlSpec
from tests.support.cells import NANGATE
from tests.support.hand_written import FILES, spec_of

NOISE = 0.05
"""Differences below this share may be the mapper's noise (docs/measurement.md)."""

FEW = Uniform(beats=1000, length=50)

Figures = dict[tuple[str, str], tuple[Any, Any]]
"""Area in um2 and period in ns by recipe and form of adders."""


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


@pytest.fixture(scope="module")
def operators(library: Technology, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """The benchmark's ``acc + a * b``, from Amaranth's RTLIL by the flow's single steps."""
    text = to_rtlil(OperatorMac(make_spec("data-gated")), "core")
    found = {}
    for recipe in Recipe:
        for option in OPTIONS:
            netlist = synthesise(
                text, "core", library, recipe, tmp_path_factory.mktemp("operators"),
                clock_gates=library.clock_gate is not None, options=option,
            )  # fmt: skip
            form = option.strip("-").replace("_", " ") or "gates"
            period = minimum_period(netlist, library).period_ns
            found[recipe.value, form] = (netlist.area_um2, period)
    return found


def figures_of(records: list[Record]) -> Figures:
    return {(one["recipe"], one["adders"]): (one["area_um2"], one["period_ns"]) for one in records}


def of(top: str, spec: UserRtlSpec, tech: Technology) -> list[Record]:
    """Return the records of a module by all recipes, without energies."""
    return measure(jobs_for({f"{FOREIGN}{top}": spec}, None, list(Recipe), tech), tech)


def test_the_same_verilog_gives_the_figures_of_the_benchmark(
    operators: Figures, library: Technology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Verilog, read back, is what its RTLIL is, in each of nine netlists."""
    file = tmp_path / "core.v"
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "builtin")
    # As Yosys writes it, which keeps the order and the names that ABC's choices hang on.
    file.write_text(verilog.convert(OperatorMac(make_spec("data-gated")), "core", emit_src=False))
    spec = specification(Given(files=[file], top="core"))
    found = figures_of(of("core", spec, library))
    assert found.keys() == operators.keys()
    for netlist, figures in found.items():
        assert figures == pytest.approx(operators[netlist])


def test_a_hand_written_mac_gives_the_figures_of_the_benchmark(
    operators: Figures, library: Technology
) -> None:
    """Recipe ``speed`` leaves the logic as it is; the others begin from another order of it."""
    found = figures_of(of("acc_mul", spec_of("acc_mul"), library))
    assert found.keys() == operators.keys()
    for form in ("gates", "arith tree"):
        assert found["speed", form] == pytest.approx(operators["speed", form])
    best, theirs = (min(area * ns for area, ns in one.values()) for one in (found, operators))
    assert best == pytest.approx(theirs, rel=NOISE)


@pytest.fixture(scope="module")
def records(library: Technology) -> Iterator[dict[str, list[Record]]]:
    """Records of each hand-written module with energies, by one recipe."""
    units = {f"{FOREIGN}{top}": spec_of(top) for top in FILES}
    jobs = jobs_for(units, None, [Recipe.SPEED], library)
    found = measure(jobs, library, energy=EnergyPlan(FEW))
    yield {top: [one for one in found if one["unit"] == f"{FOREIGN}{top}"] for top in FILES}


def test_records_say_whose(records: dict[str, list[Record]]) -> None:
    for top, mine in records.items():
        parameters = mine[0]["parameters"]
        assert parameters["top"] == top and parameters["map"]["signed"] == ["w"]
        ((name, digest),) = parameters["files"].items()
        assert name == FILES[top].name and len(digest) == 64
        assert {one["boundary"] for one in mine} == {"core"}
        assert {one["operation"] for one in mine} == {"MAC"}
        assert {one["adders"] for one in mine} == {"gates", "booth", "arith tree"}


def test_rates_and_precisions_are_those_of_the_map(records: dict[str, list[Record]]) -> None:
    rates = {
        top: {one["mode"]: one["macs_per_cycle"] for one in mine} for top, mine in records.items()
    }
    assert rates["acc_mul"] == {"8x8": 1}
    assert rates["bit_serial"] == {"8x8": 1 / 8}
    assert rates["two_precisions"] == {"8x8": 1, "4x4": 2}
    full, half = records["two_precisions"][:2]
    assert half["mode_period_ns"] < full["mode_period_ns"] <= full["period_ns"]
    assert half["input_bits_per_mac"] == 8


def test_energies_are_of_the_same_kind_as_ours(
    records: dict[str, list[Record]], library: Technology
) -> None:
    ours = measure(
        jobs_for({"data-gated": make_spec("data-gated")}, ["core"], [Recipe.SPEED], library),
        library, energy=EnergyPlan(FEW),
    )  # fmt: skip
    (own,) = [one for one in ours if one["mode"] == "8x8" and one["stimulus"]]
    pj = {}
    for top, mine in records.items():
        known = [one for one in mine if one["energy_pj_per_mac"] is not None]
        assert known and {one["energy_method"] for one in known} == {own["energy_method"]}
        assert {one["stimulus"] for one in known} == {FEW.label}
        for one in known:
            assert sum(one["energy_parts"].values()) == pytest.approx(one["energy_pj_per_mac"])
            pj[top, one["mode"]] = one["energy_pj_per_mac"]
    # A bare MAC takes about what our conventional core does, bit by bit three times as much.
    assert 0.7 < pj["acc_mul", "8x8"] / own["energy_pj_per_mac"] < 1.5
    assert 2 < pj["bit_serial", "8x8"] / own["energy_pj_per_mac"] < 6
    assert pj["two_precisions", "4x4"] < 0.7 * pj["two_precisions", "8x8"]


def test_our_own_core_brought_along_costs_what_it_costs(
    library: Technology, tmp_path: Path
) -> None:
    """Two ways to the same figures: our component with its feeder, our Verilog with a map."""
    ours = make_spec("data-gated", {"modes": (Mode.parse("8x8"),)})
    file, roles = tmp_path / "core.v", tmp_path / "core.toml"
    file.write_text(to_verilog(build("data-gated", ours, "core"), "core"))
    roles.write_text(FILES["acc_mul"].with_suffix(".toml").read_text())
    own = specification(Given(files=[file], top="core", map=roles))
    (direct,), (brought, *_) = (
        [
            one
            for one in measure(jobs_for(unit, ["core"], [Recipe.SPEED], library), library,
                               energy=EnergyPlan(FEW))
            if one["stimulus"]
        ]
        for unit in ({"data-gated": ours}, {f"{FOREIGN}core": own})
    )  # fmt: skip
    for key in ("area_um2", "period_ns", "energy_pj_per_mac"):
        assert brought[key] == pytest.approx(direct[key], rel=NOISE), key
    assert brought["flip_flops"] == direct["flip_flops"]


def test_layers_of_a_network_are_a_stimulus(library: Technology) -> None:
    jobs = jobs_for({f"{FOREIGN}acc_mul": spec_of("acc_mul")}, None, [Recipe.SPEED], library)
    few, layers = (
        measure(jobs[:1], library, energy=EnergyPlan(stimulus))[0]["energy_pj_per_mac"]
        for stimulus in (FEW, Network(beats=200, images=1))
    )
    assert layers < few


def test_rtl_without_a_map_has_area_and_period_alone(library: Technology) -> None:
    spec = spec_of("bit_serial", mapped=False)
    (record, *_) = of("bit_serial", spec, library)
    assert (record["point"], record["mode"], record["operation"]) == ("always", None, "op")
    assert record["parameters"]["map"] is None and record["energy_pj_per_operation"] is None
    assert record["area_um2"] > 0 and record["period_ns"] > 0


def test_a_reset_that_the_library_has_not_is_one_sentence() -> None:
    generic = resolve.resolve()
    jobs = jobs_for({f"{FOREIGN}bit_serial": spec_of("bit_serial")}, None, [Recipe.AREA], generic)
    with pytest.raises(UserError) as raised:
        measure(jobs[:1], generic)
    assert str(raised.value) == (
        "technology generic must have the flip-flops of the design, but has not: dffs with async "
        "set or reset are not supported"
    )
