"""The command ``macsmith workload``: measure units and a network's layers on them, and tell it."""

from collections.abc import Sequence

from macsmith.analysis.network_cost import ChooseStimulus, check_layers, measure_network
from macsmith.cli.measurement import Measurement, measure_shown
from macsmith.cli.outputs import Outputs
from macsmith.cli.progress import show_progress
from macsmith.jobs.energy_job import Energy, EnergyPlan
from macsmith.jobs.measure import complete
from macsmith.jobs.netlist_job import Job
from macsmith.jobs.process_pool import Pool
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions, Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Workload
from macsmith.output.terminal import err, out
from macsmith.records.record import Record
from macsmith.report.terminal.networks import layer_table, network_table


def run_workload(
    units: dict[str, MacSpec],
    tech: str | None,
    workload: Workload,
    outputs: Outputs,
    stimulus: ChooseStimulus,
    boundary: str,
    conditions: Conditions | None = None,
) -> None:
    """Measure units and a network's layers on them, write records, print tables."""
    check_layers(units, workload)
    outputs.check()
    technology = resolve(tech, conditions)
    found = measure_network(units, technology, workload, stimulus, boundary, _measured, _simulated)
    outputs.write(found, [technology])
    shapeless = [layer.name for layer in workload.layers if layer.product is None]
    unknown = f"layers without m, n and k are taken to fill all lanes: {', '.join(shapeless)}"
    for note in (*workload.notes, *([unknown] if shapeless else ())):
        err.print(f"note: {note}", soft_wrap=True, markup=False, highlight=False)
    out.print(layer_table(found))
    out.print(network_table(found, workload))


def _measured(jobs: Sequence[Job], tech: Technology) -> list[Record]:
    """Measure netlists with a progress bar."""
    (records,) = measure_shown([Measurement(jobs, tech, EnergyPlan(boundaries=()))])
    return records


def _simulated(tasks: Sequence[Energy]) -> None:
    """Have simulations done with a progress bar."""
    with show_progress("simulating", len(tasks)) as step, Pool() as pool:
        complete(tasks, pool, lambda task, found: step(task.label))
