"""The command ``macsmith mix``: measure units, write what mixes cost on them, print a table."""

from collections.abc import Sequence

from macsmith.analysis.precision_mix import Mix, check_holds, mix_records
from macsmith.cli.measurement import Measurement, measure_shown
from macsmith.cli.outputs import Outputs
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import jobs_for
from macsmith.jobs.request import energy_possible
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions
from macsmith.mac.spec import MacSpec
from macsmith.operands.stimulus import Stimulus
from macsmith.output.terminal import out
from macsmith.report.terminal.networks import mix_table
from macsmith.synthesis.yosys_abc import Recipe


def run_mixes(
    units: dict[str, MacSpec],
    tech: str | None,
    mixes: Sequence[Mix],
    outputs: Outputs,
    stimulus: Stimulus,
    boundary: str,
    conditions: Conditions | None = None,
) -> None:
    """Measure units, write what mixes of precisions cost on them, print a table."""
    for mix in mixes:
        for mode in mix.shares:
            check_holds(units, f"mix {mix.name}", mode.act_bits, mode.weight_bits)
    outputs.check()
    technology = resolve(tech, conditions)
    jobs = jobs_for(units, [boundary], list(Recipe), technology)
    plan = EnergyPlan(stimulus, (boundary,) if energy_possible(technology) else ())
    (records,) = measure_shown([Measurement(jobs, technology, plan)])
    found = mix_records(records, mixes, boundary)
    outputs.write(found, [technology])
    for mix in mixes:
        out.print(mix_table([record for record in found if record["mode"] == mix.name]))
