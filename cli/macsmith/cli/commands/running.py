"""Commands that run units: a network in simulation, a board, the demo."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from macsmith.catalog import catalog
from macsmith.catalog.settings import spec_of
from macsmith.cli.options import (
    ClockTree,
    JsonFile,
    Settings,
    Tech,
    TimingEngine,
    WireModel,
    conditions_of,
)
from macsmith.contract.errors import UserError
from macsmith.output.terminal import out
from macsmith.output.whole_file import check_output


def run(
    unit: Annotated[
        str | None,
        typer.Argument(
            help="An array, or an engine for whole layers over AXI; else the first array."
        ),
    ] = None,
    network: Annotated[
        str,
        typer.Option(
            help="dense, pruned to 2:4, 4/8, 3/8 or 2/8, or ebsp-6-3, ebsp-5-3; or a quantised "
            "ONNX or QONNX model.",
            metavar="NAME|MODEL.onnx",
        ),
    ] = "dense",
    data: Annotated[
        Path | None,
        typer.Option(
            help="Of a model: arrays by the names of its inputs, and labels if there are any; else "
            "random numbers.",
            metavar="FILE.npz",
        ),
    ] = None,
    images: Annotated[int, typer.Option(help="Held-out images to run.")] = 100,
    stalls: Annotated[float, typer.Option(help="Share of cycles in which a stream pauses.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the stalls.", min=0)] = 1,
    keep: Annotated[
        str | None,
        typer.Option(
            help="Of sparsity=joint-dbb: activations that each layer keeps of a block, as 8,4,4,4.",
            metavar="COUNTS",
        ),
    ] = None,
    tech: Annotated[
        str | None,
        typer.Option(
            help="Energies by layer, of the PEs on this technology: generic, a name, a Liberty "
            "file or a folder; none if not given."
        ),
    ] = None,
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """A whole quantised network on the simulated systolic array or engine, layer by layer."""
    from macsmith.cli.network_runs.run import check_unit, run_network
    from macsmith.jobs.request import energy_possible
    from macsmith.library.resolve import resolve

    technology = None
    if tech is not None:
        technology = resolve(tech, conditions_of(wires, timing_engine, clock_tree))
        energy_possible(technology, asked=True)

    if network.endswith(".onnx"):
        from macsmith.cli.network_runs.run_model import run_model

        chosen = check_unit(unit)
        found = settings or []
        if not run_model(Path(network), data, chosen, found, stalls, seed, json_file, technology):
            raise typer.Exit(1)
        return
    if data is not None:
        raise UserError(f"--data must go with a model, a file of .onnx, not with {network}")
    if not run_network(
        network, images, settings or [], stalls, seed, json_file, unit, keep, technology
    ):
        raise typer.Exit(1)


def board(
    name: Annotated[str, typer.Argument(help="A board, such as icebreaker.")],
    unit: Annotated[str, typer.Option(help="The unit to put on it.")] = catalog.REFERENCE,
    settings: Settings = None,
    json_file: JsonFile = None,
) -> None:
    """FPGA bitstream of a unit that checks itself on the board; sums are operators unless set."""
    from macsmith.boards.catalog import lookup
    from macsmith.catalog.fingerprint import fingerprint
    from macsmith.cli.outputs import write_json
    from macsmith.cli.progress import show_progress

    check_output(json_file)
    folder = Path("build/boards") / name / unit
    with show_progress(f"building {unit} for {name}", 1) as step:
        chosen = settings or []
        # Carry chains add faster than adder cells made of LUTs.
        if not any(setting.startswith("arith=") for setting in chosen):
            chosen = [*chosen, "arith=operators"]
        spec = spec_of(catalog.check_selftest(unit), chosen)
        result = lookup(name).build(unit, spec, folder).record()
        step("bitstream")
    result |= {"fingerprint": fingerprint(unit, spec)}
    write_json(json_file, result)
    table = Table(title=f"{unit} on {name}", title_justify="left", show_header=False)
    for key, value in result.items():
        table.add_row(key, json.dumps(value) if isinstance(value, dict) else str(value))
    out.print(table)


def demo(
    tech: Tech = None,
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path("build/demo"),
) -> None:
    """The main job: generate ten units, verify them on a real network, compare them."""
    from macsmith.cli.demo import run_demo

    if not run_demo(tech, folder):
        raise typer.Exit(1)
