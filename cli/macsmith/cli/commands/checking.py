"""Commands that compare units with their models."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from macsmith.catalog import catalog
from macsmith.cli.options import JsonFile, Settings, units_of
from macsmith.cli.own_rtl import Maps, Tops, Verilog, own_units
from macsmith.contract.errors import UserError
from macsmith.output.terminal import err
from macsmith.output.whole_file import check_output

if TYPE_CHECKING:
    from macsmith.user_rtl.spec import UserRtlSpec


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Units; all MAC styles if none.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All designs and variants of the units; takes minutes.")
    ] = False,
    simulator: Annotated[
        list[str] | None,
        typer.Option(help="verilator or icarus, repeatable; else all that are installed."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of operands and stalls.", min=0)] = 1,
    accumulations: Annotated[
        int, typer.Option(help="Random accumulations in each mode of the bulk layer.", min=1)
    ] = 100_000,
    waves: Annotated[
        bool, typer.Option("--waves", help="Write waveforms under build/verify.")
    ] = False,
    boundary: Annotated[
        str, typer.Option(help="unit, or axi-stream for units in their AXI4-Stream wrapper.")
    ] = "unit",
    tech: Annotated[
        list[str] | None,
        typer.Option(
            help="A technology, as of compare, repeatable: the units' mapped netlists are verified "
            "in place of their RTL, on Icarus Verilog unless --simulator says another.",
            show_default=False,
        ),
    ] = None,
    json_file: JsonFile = None,
    settings: Settings = None,
    verilog: Verilog = None,
    top: Tops = None,
    port_map: Maps = None,
) -> None:
    """Compare units with their golden models, in simulators and in bulk."""
    from macsmith.cli.verification import run_netlist_verification, run_verification
    from macsmith.rtlsim.cocotb_runner import available_simulators, check_simulator
    from macsmith.rtlsim.compiled_rtl import CompiledUnit
    from macsmith.verify.plan import QUICK, Plan
    from macsmith.verify.verify import Case, every_case, verification

    for choice in simulator or []:
        check_simulator(choice)
    check_output(json_file)
    if every and settings:
        raise UserError(
            f"--set must not be given with --all, which sets every parameter, not {settings[0]!r}"
        )
    own = own_units(verilog, top, port_map)
    _check_own_verify(own, every=every, tech=bool(tech))
    known = units_of(names, settings, catalog.with_precisions()) if names or not own else {}
    units = known | own
    for name in units:
        catalog.check_driven(name, boundary)
        verification(name).check_tools(boundary)
    if not CompiledUnit.available():
        err.print("no C++ compiler found: the bulk layer runs on vectorised gates, more slowly")
    if tech and not simulator:
        check_simulator(QUICK)
    simulators = simulator or ([QUICK] if tech else available_simulators())
    if not simulators:
        err.print("no simulator can run here: the protocol layer is left out")
    plan = Plan(simulators, seed, accumulations, waves=waves, boundary=boundary)
    in_bulk = replace(plan, simulators=())
    one_each = [Case(name, spec, in_bulk if name in own else plan) for name, spec in units.items()]
    cases = every_case(units, plan) if every else one_each
    folder = Path("build/verify")
    if tech:
        right = run_netlist_verification(cases, tech, folder, json_file)
    else:
        right = run_verification(cases, folder, json_file)
    if not right:
        raise typer.Exit(1)


def _check_own_verify(own: "dict[str, UserRtlSpec]", *, every: bool, tech: bool) -> None:
    """Refuse what cannot be asked of RTL of a user."""
    for option, given in (("all", every), ("tech", tech)):
        if own and given:
            raise UserError(f"--{option} must be left out with --verilog")
    for name, spec in own.items():
        if spec.no_energy is not None:
            raise UserError(f"--map must say what the ports of {name} are, to verify it")


def mutate(
    names: Annotated[list[str] | None, typer.Argument(help="Units; with --all any number.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Specifications with all hardware of the units; hours.")
    ] = False,
    count: Annotated[
        int, typer.Option(help="Faults to plant in each, half of them in control.", min=1)
    ] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the faults.", min=0)] = 1,
    at_least: Annotated[
        float | None,
        typer.Option(help="Least share of faults to be caught, 0 to 1; status 1 below it."),
    ] = None,
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """Plant faults in the RTL of units and count those that their own checks catch."""
    from macsmith.cli.mutate import check_mutation, run_mutations
    from macsmith.mutation.campaign import Case, every_case

    if not names and not every:
        raise UserError("mutate must have the name of a unit, or --all, not neither")
    if every and settings:
        raise UserError(f"--set must not be given with --all, not {settings[0]!r}")
    specs = units_of(names, settings, catalog.units())
    check_mutation(specs, at_least)
    check_output(json_file)
    one_each = [Case(name, spec) for name, spec in specs.items()]
    cases = every_case(specs) if every else one_each
    scores = run_mutations(cases, count, seed, Path("build/mutate"), json_file)
    if at_least is not None and not all(score.reaches(at_least) for score in scores):
        raise typer.Exit(1)


def errors(
    names: Annotated[
        list[str] | None, typer.Argument(help="Units that approximate; all of them if none.")
    ] = None,
    operands: Annotated[
        str,
        typer.Option(help="How operands of dot products are distributed.", metavar="KIND"),
    ] = "laplace",
    terms: Annotated[int, typer.Option(help="Products of a dot product.")] = 64,
    count: Annotated[int, typer.Option(help="Dot products.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the operands.", min=0)] = 1,
    json_file: JsonFile = None,
    plots: Annotated[
        Path | None,
        typer.Option(help="Write the distributions as SVG and PNG to this folder."),
    ] = None,
    settings: Settings = None,
) -> None:
    """How far the results of approximate units are from exact ones."""
    from macsmith.cli.error_table import check_errors, run_errors, with_errors

    specs = units_of(names, settings, with_errors(), check_errors)
    chosen = {"kind": operands, "terms": terms, "count": count, "seed": seed}
    run_errors(specs, chosen, json_file, plots)
