"""What a network costs on each unit: energy, time and area, layer by layer.

Each layer runs in the cheapest mode that holds its operands. Its energy is that of operands of its
own bits and zeros through the mapped netlist in that mode. Its dot products are laid out in the
lanes of the unit; what fills no lane takes energy and time, and is no useful product. A frame is a
mix of its layers, rates and energies being those of useful products:

    energy = sum of macs * energy per MAC      time = sum of macs * period / macs_per_cycle

What moves operands and results to and from the unit is not part of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple

from macsmith.analysis.precision_mix import blend, cheapest, check_holds, with_times
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.golden.catalog import golden
from macsmith.jobs.energy_job import Energy, EnergyPlan, energies_of, with_energies
from macsmith.jobs.measure import complete, measure
from macsmith.jobs.netlist_job import Job, jobs_for, measured
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.request import energy_possible
from macsmith.jobs.source import Source
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Layer, Workload, least_modes
from macsmith.operands.layer_batches import LaneOrder
from macsmith.operands.layer_statistics import LayerOperands
from macsmith.operands.stimulus import Stimulus, Uniform
from macsmith.records.energies import of_useful
from macsmith.records.record import LayerRecord, NetworkRecord, Record
from macsmith.records.selection import unit_of
from macsmith.synthesis.yosys_abc import Recipe

ChooseStimulus = Callable[[Layer], Stimulus]

MeasureJobs = Callable[[Sequence[Job], Technology], list[Record]]
"""Returns the records of jobs without energies."""

RunTasks = Callable[[Sequence[Energy]], None]
"""Has simulations done whose results are kept."""


def measure_alone(jobs: Sequence[Job], tech: Technology) -> list[Record]:
    """Measure jobs without a word."""
    return measure(jobs, tech, energy=EnergyPlan(boundaries=()))


def run_alone(tasks: Sequence[Energy]) -> None:
    """Have simulations done without a word."""
    with Pool() as pool:
        complete(tasks, pool, lambda task, found: None)


STIMULI: dict[str, ChooseStimulus] = {
    "layers": LayerOperands.of,
    "uniform": lambda layer: Uniform(),
}
"""What users name: operands of each layer's bits and zeros, or random ones of the mode's bits."""


def layer_stimulus(name: str) -> ChooseStimulus:
    """Return the operands of that name.

    Raises
    ------
    UserError
        If there are none.
    """
    if name not in STIMULI:
        raise UserError(f"stimulus must be {' or '.join(STIMULI)}, not {name!r}")
    return STIMULI[name]


def check_layers(units: Mapping[str, MacSpec], workload: Workload) -> None:
    """Refuse a network with a layer that some unit has no mode for."""
    for layer in workload.layers:
        check_holds(units, f"layer {layer.name}", layer.act_bits, layer.weight_bits)


def measure_network(
    units: Mapping[str, MacSpec],
    tech: Technology,
    workload: Workload,
    stimulus: ChooseStimulus = LayerOperands.of,
    boundary: str = "unit",
    measure_jobs: MeasureJobs = measure_alone,
    run: RunTasks = run_alone,
) -> list[NetworkRecord]:
    """Measure units, run a network's layers on them, and return what it costs.

    Parameters
    ----------
    stimulus:
        Operands of a layer; energies are left out where the library states none.
    boundary:
        Where the units are cut.
    measure_jobs, run:
        What measures and what has tasks done, perhaps telling how far it is.

    Raises
    ------
    UserError
        If a unit has no mode for a layer.
    """
    check_layers(units, workload)
    jobs = jobs_for(units, [boundary], list(Recipe), tech)
    operands = stimulus if energy_possible(tech) else None
    records = measure_jobs(jobs, tech)
    run(network_tasks(jobs, tech, workload, operands))
    return network_records(jobs, records, tech, workload, operands)


def network_tasks(
    jobs: Sequence[Job],
    tech: Technology,
    workload: Workload,
    stimulus: ChooseStimulus | None = LayerOperands.of,
) -> list[Energy]:
    """Return the simulations that the records of a network wait for, each once."""
    if stimulus is None:
        return []
    source = Source.of(tech)
    operands = [stimulus(layer) for layer in workload.layers]
    return [
        Energy(job, source, one) for job in _best(jobs, tech) for one in dict.fromkeys(operands)
    ]


def network_records(
    jobs: Sequence[Job],
    records: Sequence[Record],
    tech: Technology,
    workload: Workload,
    stimulus: ChooseStimulus | None = LayerOperands.of,
) -> list[NetworkRecord]:
    """Return the records of each layer and of the whole network, unit by unit.

    Parameters
    ----------
    jobs, records:
        What was measured: the units at one boundary, each mode in a record of its own.
    stimulus:
        Operands of a layer; None leaves out energies.
    """
    return [
        record
        for job in _best(jobs, tech)
        for record in _frame(job, [r for r in records if _is_of(r, job)], tech, workload, stimulus)
    ]


def _best(jobs: Sequence[Job], tech: Technology) -> list[Job]:
    """Return the netlist of each unit that its layers run on."""
    chosen = EnergyPlan().choose(jobs, [measured(job, tech) for job in jobs])
    return [jobs[k] for k in chosen]


def _is_of(record: Record, job: Job) -> bool:
    return (
        unit_of(record) == (job.name, str(job.spec.parameters()))
        and (record["boundary"], record["adders"]) == (job.boundary, job.adders)
        and record["recipe"] == str(job.recipe)
    )


def _frame(
    job: Job,
    modes: Sequence[Record],
    tech: Technology,
    workload: Workload,
    stimulus: ChooseStimulus | None,
) -> list[NetworkRecord]:
    """Return the records of the layers on one netlist, and of all of them together."""
    found = []
    for layer in workload.layers:
        operands = stimulus(layer) if stimulus else None
        found.append(_layer(job, layer, _candidates(layer, modes, job, tech, operands)))
    shares = [layer.macs / workload.macs for layer in workload.layers]
    whole: LayerRecord = {
        **blend(list(zip(shares, found, strict=True)), ""),
        "layer": None,
        "macs": workload.macs,
        "useful_share": workload.macs / sum(one["macs"] / one["useful_share"] for one in found),
        "m": None,
        "n": None,
        "k": None,
        "act_bits": None,
        "weight_bits": None,
        "act_sparsity": None,
        "weight_sparsity": None,
        "published": {},
    }
    whole |= {"mode": None, "point": None}
    whole["stimulus"] = "operands of each layer" if stimulus else None
    return [_per_frame(record, workload.name) for record in (*found, whole)]


def _candidates(
    layer: Layer, modes: Sequence[Record], job: Job, tech: Technology, stimulus: Stimulus | None
) -> list[Record]:
    """Return the records of the modes that a layer may run in, with the energies of operands."""
    held = map(str, least_modes(job.spec.modes, layer.act_bits, layer.weight_bits))
    records = {record["mode"]: record for record in modes}
    found = [records[mode] for mode in held if mode in records]
    if stimulus is not None:
        energies = energies_of(job, tech, stimulus)
        found = [with_energies(one, energies[str(one["mode"])], stimulus) for one in found]
    return [of_useful(record, _lane_share(job, record, layer)) for record in found]


def _lane_share(job: Job, record: Record, layer: Layer) -> float:
    """Return the share of a unit's products that a layer asks for; 1 if its shape is unknown."""
    if layer.product is None:
        return 1.0
    mode = Mode.parse(str(record["mode"]))
    return LaneOrder.of(golden(job.name, job.spec), mode).useful(layer.product)


def _layer(job: Job, layer: Layer, candidates: Sequence[Record]) -> LayerRecord:
    """Return the record of a layer in its cheapest mode."""
    chosen = cheapest(candidates, layer.act_bits, layer.weight_bits)
    assert chosen is not None  # check_layers has seen to it
    m, n, k = astuple(layer.product) if layer.product else (None, None, None)
    return {
        **with_times(chosen),
        "layer": layer.name,
        "macs": layer.macs,
        "useful_share": _lane_share(job, chosen, layer),
        "m": m,
        "n": n,
        "k": k,
        "act_bits": layer.act_bits,
        "weight_bits": layer.weight_bits,
        "act_sparsity": layer.act_sparsity,
        "weight_sparsity": layer.weight_sparsity,
        "published": dict(layer.published),
    }


def _per_frame(record: LayerRecord, workload: str) -> NetworkRecord:
    """Return a record with what all its products take.

    Energies are in uJ and uJ mm2, or on the generic library in C0V2 and C0V2 GE; times in ms.
    """
    macs, area = record["macs"], record["area_um2"]
    energy_uj = _times(macs, record["energy_pj_per_mac"], 1e-6)
    energy_c0v2 = _times(macs, record["energy_c0v2_per_mac"])
    return {
        "workload": workload,
        **record,
        "energy_uj": energy_uj,
        "energy_c0v2": energy_c0v2,
        "ms": _times(macs, record["ns_per_mac"], 1e-6),
        "ms_one_clock": _times(macs, record["ns_per_mac_one_clock"], 1e-6),
        "cycles": macs / record["operations_per_cycle"],
        "energy_area_uj_mm2": _times(area, energy_uj, 1e-6),
        "energy_area_c0v2_ge": _times(record["area_ge"], energy_c0v2),
    }


def _times(count: float | None, each: float | None, scale: float = 1) -> float | None:
    """Return the product of two figures, or None if one is not known."""
    return None if count is None or each is None else count * each * scale
