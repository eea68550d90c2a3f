"""What a network costs on each unit: energy, time and area, layer by layer.

Each layer runs in the cheapest mode that holds its operands. Its energy is that of operands of its
own bits and zeros through the mapped netlist in that mode. A frame is a mix of its layers:

    energy = sum of macs * energy per MAC      time = sum of macs * period / macs_per_cycle

What moves operands and results to and from the unit is not part of it.
"""

from collections.abc import Callable, Mapping, Sequence

from macsmith.analysis.precision_mix import blend, cheapest, check_holds, with_times
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.jobs.energy_job import EnergyPlan, energies_of, record_keys
from macsmith.jobs.measure import Record
from macsmith.jobs.netlist_job import Job, measured
from macsmith.jobs.tasks import Energy, Source
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Layer, Workload, least_modes
from macsmith.operands.layer_statistics import LayerOperands
from macsmith.operands.stimulus import Stimulus, Uniform

OF_LAYERS = (
    "mode", "layer", "act_bits", "weight_bits", "act_sparsity", "weight_sparsity",
)  # fmt: skip
"""Keys of a layer's record that are null in that of the whole network."""

ChooseStimulus = Callable[[Layer], Stimulus]


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
) -> list[Record]:
    """Return the records of each layer and of the whole network, unit by unit.

    Parameters
    ----------
    jobs, records:
        What was measured: the cores of the units, each mode in a record of its own.
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
    netlist = (job.name, job.spec.parameters(), job.boundary, str(job.recipe))
    keys = ("unit", "parameters", "boundary", "recipe")
    return tuple(record[key] for key in keys) == netlist and record["adders"] == job.adders


def _frame(
    job: Job,
    modes: Sequence[Record],
    tech: Technology,
    workload: Workload,
    stimulus: ChooseStimulus | None,
) -> list[Record]:
    """Return the records of the layers on one netlist, and of all of them together."""
    found = []
    for layer in workload.layers:
        operands = stimulus(layer) if stimulus else None
        found.append(_layer(layer, _candidates(layer, modes, job, tech, operands)))
    shares = [layer.macs / workload.macs for layer in workload.layers]
    whole = blend(list(zip(shares, found, strict=True)), "")
    total: Record = dict.fromkeys(OF_LAYERS) | {"published": {}, "macs": workload.macs}
    total["stimulus"] = "operands of each layer" if stimulus else None
    frame = [*found, whole | total]
    return [{"workload": workload.name, **record, **_per_frame(record)} for record in frame]


def _candidates(
    layer: Layer, modes: Sequence[Record], job: Job, tech: Technology, stimulus: Stimulus | None
) -> list[Record]:
    """Return the records of the modes that a layer may run in, with the energies of operands."""
    held = least_modes(job.spec.modes, layer.act_bits, layer.weight_bits)
    records = [record for record in modes if Mode.parse(record["mode"]) in held]
    if stimulus is None:
        return records
    energies = energies_of(job, tech, stimulus)
    return [record | record_keys(energies[record["mode"]], stimulus, tech) for record in records]


def _layer(layer: Layer, candidates: Sequence[Record]) -> Record:
    """Return the record of a layer in its cheapest mode."""
    chosen = cheapest(candidates, layer.act_bits, layer.weight_bits)
    assert chosen is not None  # check_layers has seen to it
    return with_times(chosen) | {
        "layer": layer.name,
        "macs": layer.macs,
        "act_bits": layer.act_bits,
        "weight_bits": layer.weight_bits,
        "act_sparsity": layer.act_sparsity,
        "weight_sparsity": layer.weight_sparsity,
        "published": dict(layer.published),
    }


def _per_frame(record: Record) -> Record:
    """Return energy, time in ms and energy x area of all products.

    Energies are in uJ and uJ mm2, or on the embedded library in C0 V^2 and C0 V^2 GE.
    """
    macs, area = record["macs"], record["area_um2"]
    pj, c0v2 = record["energy_pj_per_mac"], record["energy_c0v2_per_mac"]
    energy_uj = None if pj is None else macs * pj * 1e-6
    energy_c0v2 = None if c0v2 is None else macs * c0v2
    own, one = (record[f"ns_per_mac{clock}"] for clock in ("", "_one_clock"))
    return {
        "energy_uj": energy_uj,
        "energy_c0v2": energy_c0v2,
        "ms": None if own is None else macs * own * 1e-6,
        "ms_one_clock": None if one is None else macs * one * 1e-6,
        "cycles": macs / record["macs_per_cycle"],
        "energy_area_uj_mm2": None if energy_uj is None else energy_uj * area * 1e-6,
        "energy_area_c0v2_ge": None if energy_c0v2 is None else energy_c0v2 * record["area_ge"],
    }
