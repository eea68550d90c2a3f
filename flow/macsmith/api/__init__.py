"""What scripts and other packages import: units, their components, models, checks and figures.

    from macsmith import api

    mac = api.spec("data-gated", act_width=4, weight_width=4)
    text = api.verilog("data-gated", mac)
    records = api.measure({"data-gated": mac}, api.technology("nangate45"))
    api.report(records, "mac.html")

Everything here stays as it is from one release to the next, or is renamed with a notice; the rest
of `macsmith` may move. Functions that simulate, synthesise or draw load what they need when they
are called, so that importing this costs what Amaranth costs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amaranth.lib import wiring

from macsmith.catalog import catalog
from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.host_registers import HostRegister, RegisterField
from macsmith.contract.modes import Mode
from macsmith.contract.stream import LAST, POINT, Field, Layout, layout_of, notes_of
from macsmith.contract.unit import Cut, NamedPoint, Point, Unit, UnitSpec, Variants

if TYPE_CHECKING:
    from macsmith.host.verification_run import Run
    from macsmith.library.technology import Technology
    from macsmith.records.record import NetworkRecord, Record, ThroughputRecord

__all__ = [
    "LAST", "POINT", "Cut", "Field", "HostRegister", "Layout", "Mode", "NamedPoint", "Point",
    "Record", "RegisterField", "Run", "Technology", "Unit", "UnitSpec", "UserError", "Variants",
    "check_choice", "check_flag", "check_int", "compare", "component", "equal_throughput", "golden",
    "layout_of", "measure", "network_cost", "notes_of", "own_rtl", "report", "spec", "technology",
    "unit", "units", "verify", "verilog",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return the types whose modules are loaded only where they are used."""
    homes = {
        "Run": "macsmith.host.verification_run",
        "Technology": "macsmith.library.technology",
        "Record": "macsmith.records.record",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(homes[name]), name)


# What can be built.


def units() -> tuple[str, ...]:
    """Return the names of all units: our own, and those of installed packages."""
    return tuple(catalog.units())


def unit(name: str) -> Unit:
    """Return the catalogue's entry of a unit.

    Raises
    ------
    UserError
        If there is none of that name.
    """
    return catalog.lookup(name)


def spec(name: str, **parameters: Any) -> Any:
    """Return the specification of a unit, which validates itself.

    Raises
    ------
    UserError
        If a parameter is unknown or breaks its rule.
    """
    return catalog.make_spec(name, parameters)


def component(
    name: str, specification: UnitSpec | None = None, boundary: str = "unit"
) -> wiring.Component:
    """Return a unit as an Amaranth component, to be a submodule of a design or to be simulated.

    Parameters
    ----------
    specification:
        What to build; None is the default of the unit.
    boundary:
        Where to cut it, a name of ``unit(name).cuts``.
    """
    return catalog.build(name, _given(name, specification), boundary)


def verilog(name: str, specification: UnitSpec | None = None, boundary: str = "unit") -> str:
    """Return a unit as Verilog, one self-contained file; the same specification, the same bytes."""
    from macsmith.catalog.verilog import generate

    return generate(name, _given(name, specification), boundary)


def own_rtl(
    files: Sequence[str | Path], top: str, port_map: str | Path | None = None, **settings: int
) -> tuple[str, UnitSpec]:
    """Return RTL of your own as a unit: its name and specification, to be verified and measured.

    Parameters
    ----------
    files:
        Verilog, or SystemVerilog where one ends in ``.sv``.
    top:
        The module.
    port_map:
        TOML file that says what its ports mean; without it there are area and period alone.
    settings:
        Values of the module's parameters.

    Raises
    ------
    UserError
        If it cannot be read or measured, or the map does not fit its ports.
    """
    from macsmith.user_rtl.entry import Given, specification

    given = Given(
        files=[Path(file) for file in files], top=top,
        map=None if port_map is None else Path(port_map),
        settings={name: str(value) for name, value in settings.items()},
    )  # fmt: skip
    return given.name, specification(given)


# Whether it is right.


def golden(name: str, specification: UnitSpec | None = None) -> Any:
    """Return the bit-exact numpy model of a unit; see `macsmith.golden.catalog.GoldenModel`."""
    from macsmith.golden.catalog import golden as model

    return model(name, _given(name, specification))


def verify(
    name: str,
    specification: UnitSpec | None = None,
    *,
    simulators: Sequence[str] | None = None,
    packets: int = 10_000,
    seed: int = 1,
    boundary: str = "unit",
    folder: str | Path = "build/verify",
) -> "list[Run]":
    """Compare a unit with its golden model, in bulk and in simulators; `Run.right` is the verdict.

    Parameters
    ----------
    simulators:
        Of ``verilator`` and ``icarus``; None is all that are installed, () the bulk layer alone.
    packets:
        Random packets at each point in bulk, such as accumulations of a MAC.
    boundary:
        ``unit``, or ``axi-stream`` for the unit in its wrapper.
    folder:
        Where logs go.
    """
    from macsmith.rtlsim.cocotb_runner import available_simulators, check_simulator
    from macsmith.verify.plan import Plan
    from macsmith.verify.verify import Case, verification
    from macsmith.verify.verify import verify as run

    chosen = available_simulators() if simulators is None else list(simulators)
    for simulator in chosen:
        check_simulator(simulator)
    catalog.check_driven(name, boundary)
    verification(name).check_tools(boundary)
    plan = Plan(chosen, seed, packets, simulated=max(1, packets // 50), boundary=boundary)
    return run([Case(name, _given(name, specification), plan)], Path(folder))


# What it costs.


def technology(
    text: str | None = None,
    *,
    wires: str = "library",
    timing_engine: str = "macsmith",
    clock_tree: bool = False,
) -> "Technology":
    """Return a cell library: a name, a Liberty file or a folder; None is the embedded one.

    Parameters
    ----------
    wires:
        In periods and energies: ``none``, ``library`` for its wire-load model, ``fanout`` for
        lengths by fanout, which also stand in where it has none, or ``fanout=C``, C in fF per um.
    timing_engine:
        ``macsmith``, or ``opensta`` where it is installed.
    clock_tree:
        Whether energies include a modelled clock tree.

    Raises
    ------
    UserError
        If it names nothing, or nothing that synthesis can use; or if conditions are unknown.
    """
    from macsmith.library.resolve import resolve
    from macsmith.library.technology import Conditions

    return resolve(text, Conditions(wires, timing_engine, clock_tree))


def measure(
    specifications: Mapping[str, UnitSpec],
    tech: "Technology | None" = None,
    *,
    boundaries: Sequence[str] | None = None,
    energy: bool | None = None,
    netlists: str = "best",
    stimulus: str = "uniform",
) -> "list[Record]":
    """Return area, clock period and energy of units: a record a netlist and point, all cached.

    Worker processes measure, so a script that calls this has the guard ``if __name__ ==
    "__main__":`` around what it does.

    Parameters
    ----------
    specifications:
        What to measure, by the names of units.
    tech:
        The cell library; None is the embedded one.
    boundaries:
        Where to cut units; None is where each is measured by default.
    energy:
        Whether to measure energies; None measures them where that is possible.
    netlists:
        Of which netlists of a unit: ``best``, that of least area x period; ``front``, those that no
        other of it beats in area and period, which `equal_throughput` takes; or ``all``.
    stimulus:
        Operands for them: ``uniform``, ``stationary`` or ``network``.
    """
    from macsmith.jobs.energy_job import NETLISTS
    from macsmith.jobs.measure import measure as run
    from macsmith.jobs.netlist_job import jobs_for
    from macsmith.jobs.request import Request
    from macsmith.operands.stimulus import STIMULI
    from macsmith.synthesis.yosys_abc import Recipe

    check_choice("stimulus", stimulus, STIMULI)
    check_choice("netlists", netlists, NETLISTS)
    request = Request(energy=energy, stimuli=(STIMULI[stimulus],), netlists=netlists)
    for name in specifications:
        for boundary in boundaries or ():
            catalog.check_measured(name, boundary)
    request.check(specifications, boundaries)
    library = technology() if tech is None else tech
    (plan,) = request.plans(library)
    return run(jobs_for(specifications, boundaries, list(Recipe), library), library, energy=plan)


def compare(records: "Sequence[Record]") -> "list[Record]":
    """Return of each unit, boundary and point the record of least area x period."""
    from macsmith.records.selection import smallest_product

    return smallest_product(records)


def equal_throughput(
    records: "Sequence[Record]", low: float | None = None, high: float | None = None
) -> "list[ThroughputRecord]":
    """Return records with the targets at which each netlist is the best of its unit.

    The key ``equal_throughput`` of a record lists them: throughputs, and throughputs per area, at
    which its netlist, or copies of it, take least energy or area of all netlists of the unit.

    Parameters
    ----------
    low, high:
        Throughputs between which to compare, in 10^9 operations a second, or on the embedded
        library in operations a ktau; None is the power of ten that all netlists or none reach.
    """
    from macsmith.analysis.throughput.contest import decades
    from macsmith.analysis.throughput.equal_throughput import Range, with_targets
    from macsmith.analysis.throughput.netlist_choice import VIEWS

    if not records:
        return []
    auto = decades(records, VIEWS[0])
    wanted = Range((auto[0] if low is None else low, auto[1] if high is None else high))
    return with_targets(records, wanted.bounds if (low, high) != (None, None) else None)


def network_cost(
    specifications: Mapping[str, Any],
    workload: str,
    tech: "Technology | None" = None,
    boundary: str = "unit",
) -> "list[NetworkRecord]":
    """Return what the layers of a network cost on units with precisions: energy, time and area.

    Parameters
    ----------
    workload:
        A built-in table such as ``alexnet-1%``, a CSV file or an ONNX model.
    boundary:
        Where the units are cut: ``unit``, or ``core`` without the registers around it.
    """
    from macsmith.analysis.network_cost import measure_network
    from macsmith.networks.layer_tables.read import read_workload

    for name in specifications:
        catalog.check_precisions(name)
        catalog.check_measured(name, boundary)
    library = technology() if tech is None else tech
    return measure_network(specifications, library, read_workload(workload), boundary=boundary)


def report(
    records: "Sequence[Record]", path: str | Path, technologies: "Sequence[Technology]" = ()
) -> Path:
    """Write a page with tables and charts of records, one HTML file without links to elsewhere."""
    from macsmith.output.whole_file import check_output, write_whole
    from macsmith.report.page.all_sections import sections_of
    from macsmith.report.page.page import page

    file = Path(path)
    check_output(file)
    write_whole(file, page(records, sections_of(records, technologies)))
    return file


def _given(name: str, specification: UnitSpec | None) -> Any:
    return catalog.make_spec(name) if specification is None else specification
