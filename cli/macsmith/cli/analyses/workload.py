"""The command ``macsmith workload``: measure cores and a network's layers on them, and tell it."""

from macsmith.analysis.network_cost import (
    ChooseStimulus,
    check_layers,
    network_records,
    network_tasks,
)
from macsmith.cli.measurement import Measurement, measure_shown
from macsmith.cli.outputs import Outputs
from macsmith.cli.progress import show_progress
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import complete
from macsmith.jobs.netlist_job import jobs_for
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.request import energy_possible
from macsmith.library.resolve import resolve
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Workload
from macsmith.output.terminal import err, out
from macsmith.report.terminal.networks import layer_table, network_table
from macsmith.synthesis.yosys_abc import Recipe


def run_workload(
    units: dict[str, MacSpec],
    tech: str | None,
    workload: Workload,
    outputs: Outputs,
    stimulus: ChooseStimulus,
) -> None:
    """Measure the cores of units and a network's layers on them, write records, print tables."""
    check_layers(units, workload)
    outputs.check()
    technology = resolve(tech)
    jobs = jobs_for(units, ["core"], list(Recipe), technology)
    operands = stimulus if energy_possible(technology) else None
    (records,) = measure_shown([Measurement(jobs, technology, EnergyPlan(boundaries=()))])
    tasks = network_tasks(jobs, technology, workload, operands)
    with show_progress("simulating", len(tasks)) as step, Pool() as pool:
        complete(tasks, pool, lambda task, found: step(task.label))
    found = network_records(jobs, records, technology, workload, operands)
    outputs.write(found, [technology])
    for note in workload.notes:
        err.print(f"note: {note}", soft_wrap=True, markup=False, highlight=False)
    out.print(layer_table(found))
    out.print(network_table(found, workload))
