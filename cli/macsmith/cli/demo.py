"""The main job, end to end: generate, verify on a real network, compare."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from macsmith.analysis.published.camus_2019_mixes import WIDE, WIDE_SERIAL
from macsmith.analysis.throughput.equal_throughput import Range, with_targets
from macsmith.catalog.catalog import make_spec, with_precisions
from macsmith.catalog.verilog import generate
from macsmith.cli.measurement import run_measurement
from macsmith.cli.outputs import Outputs, write_json
from macsmith.cli.verification import run_verification
from macsmith.contract.errors import UserError
from macsmith.jobs.request import Request, energy_possible
from macsmith.library.resolve import resolve
from macsmith.networks import digits
from macsmith.output.terminal import out
from macsmith.output.whole_file import check_folder, write_whole
from macsmith.records.record import Record
from macsmith.report.terminal.units import LOOK
from macsmith.rtlsim.cocotb_runner import available_simulators
from macsmith.verify.plan import Plan
from macsmith.verify.verify import Case

STYLES = with_precisions()
"""All styles that multiply any operands, and EBSP, whose weights are of a code."""

IMAGES = 1
"""Images whose layers go through every unit."""


def run_demo(tech: str | None, folder: Path) -> bool:
    """Run the main job, leave its files in ``folder`` and return whether all vectors agreed."""
    simulators = available_simulators()
    if not simulators:
        raise UserError(
            "the demo needs a simulator: Verilator runs where there are perl, make and a C++ "
            "compiler, Icarus Verilog where iverilog is on the PATH"
        )
    technology = resolve(tech)
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    units = {name: make_spec(name) for name in STYLES}

    out.rule(f"1  Verilog of {len(units)} MAC styles")
    for name, spec in units.items():
        path = folder / f"{name}.v"
        write_whole(path, generate(name, spec, "unit"))
        out.print(f"{path}: {spec.summary}", highlight=False)

    out.rule("2  A quantised network, its layers through each unit")
    out.print(_accuracies())
    # Guard bits for the longest dot product, so that no accumulator of the network wraps.
    longest = max(layer.weights.shape[1] for layer in digits.load("8x8").layers)
    wide = {
        name: replace(spec, headroom=(longest - 1).bit_length()) for name, spec in units.items()
    }
    # `macsmith verify` takes every simulator; here one of them, for the sake of time.
    plan = Plan(simulators[:1], accumulations=10_000, simulated=200, images=IMAGES)
    runs = folder / "verification.json"
    cases = [Case(name, spec, plan) for name, spec in wide.items()]
    right = run_verification(cases, folder / "simulations", runs)

    out.rule("3  What each unit costs")
    records = folder / "comparison.json"
    report = folder / "comparison.html"
    # The unit is what a designer pays for, the core what was published.
    both = Request(boundaries=("unit", "core"), netlists="front")
    request = both if energy_possible(technology) else Request(energy=False)
    found = run_measurement(units, [tech], None, Outputs(), request, throughput=Range())
    unit, parameters = WIDE
    further = run_measurement({unit: make_spec(unit, parameters)}, [tech], ("core",), Outputs())
    write_json(records, [*with_targets(found), *further])
    Outputs(csv=folder / "comparison.csv").write([*found, *further], [])
    Outputs(html=report).write(on_page(found, further), [technology])

    out.rule("files")
    out.print(
        f"Verilog     {folder}/*.v",
        f"runs        {runs}",
        f"records     {records}",
        f"report      {report}",
        sep="\n",
    )
    return right


def on_page(records: Sequence[Record], wide: Sequence[Record]) -> list[Record]:
    """Return records for the page, where a unit is a name: that with wide digits gets its own."""
    return [*records, *(record | {"unit": WIDE_SERIAL} for record in wide)]


def _accuracies() -> Table:
    """Return the network's accuracy at each precision."""
    table = Table(title="digits network, images not seen in training", **LOOK)
    for heading in ("activations x weights", "five folds, mean", "deviation", "held-out images"):
        table.add_column(heading, justify="right")
    folds = digits.fold_accuracies()
    for precision in digits.PRECISIONS:
        mean, deviation = folds[precision]
        now = digits.load(precision).accuracy()
        table.add_row(precision, f"{mean:.2%}", f"{deviation:.2%}", f"{now:.2%}")
    return table
