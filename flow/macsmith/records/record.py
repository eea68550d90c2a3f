"""What one measurement is: a dictionary that is JSON as it stands, with typed keys.

Keys stand in the order in which files have them. `macsmith.records.registry` says what each means.
"""

from typing import Any, TypedDict, TypeGuard


class ToggleCheck(TypedDict, total=False):
    """Toggles of a netlist beside those of Icarus Verilog; empty if they were not compared."""

    nets: int
    settled: int
    wrong: int
    ours: int
    icarus: int
    percentile_95: float
    stimulus: str
    simulator: str


class Record(TypedDict):
    """One measurement: a unit cut at a boundary, by one recipe, asked to do one thing."""

    unit: str
    parameters: dict[str, Any]
    boundary: str
    tech: str
    recipe: str
    adders: str
    mode: str | None
    point: str | None
    operation: str
    area_um2: float | None
    area_ge: float
    cells: int
    flip_flops: int
    memories: dict[str, str]
    memory_bits: int
    period_ns: float | None
    period_tau: float | None
    mode_period_ns: float | None
    mode_period_tau: float | None
    timing_engine: str
    wires: str
    library_left_out: list[str]
    operations_per_cycle: float
    macs_per_cycle: float | None
    cycles_per_result: float | None
    gops_per_s_per_mm2: float | None
    gmacs_per_s_per_mm2: float | None
    energy_pj_per_operation: float | None
    energy_c0v2_per_operation: float | None
    energy_pj_per_mac: float | None
    energy_c0v2_per_mac: float | None
    energy_pj_per_issued_mac: float | None
    energy_c0v2_per_issued_mac: float | None
    energy_zero_delay_pj_per_mac: float | None
    energy_zero_delay_c0v2_per_mac: float | None
    energy_method: str | None
    stimulus: str | None
    energy_parts: dict[str, float]
    energy_places: dict[str, float]
    energy_parts_c0v2: dict[str, float]
    energy_places_c0v2: dict[str, float]
    cross_check: ToggleCheck
    spread: dict[str, list[float]]
    input_bits_per_mac: float | None
    output_bits_per_mac: float | None
    versions: dict[str, str]
    measured: bool


class ArrayRecord(Record):
    """A measurement of an array, or of a part of one."""

    energy_pj_per_executed_mac: float | None
    energy_c0v2_per_executed_mac: float | None


def is_of_array(record: Record) -> TypeGuard[ArrayRecord]:
    """Say whether a record is one of an array, and has its keys."""
    return "energy_pj_per_executed_mac" in record


class Target(TypedDict):
    """A netlist, or copies of it, at a throughput or a throughput per area that it reaches."""

    view: str
    target: float
    copies: int
    period: float
    energy: float | None
    area: float
    best: bool


class ThroughputRecord(Record):
    """A measurement with the targets at which its netlist is the best of its unit."""

    equal_throughput: list[Target]


class PlacedRecord(ArrayRecord):
    """A measurement of a tensor PE, with its size and density."""

    pe: str
    density: str
    drain_um2: float | None
    drain_ge: float


class PeRecord(PlacedRecord):
    """A tensor PE with what it gains over the classic one."""

    area_gain: float
    area_gain_without_drain: float
    energy_gain: float | None


class TimedRecord(Record):
    """A record with its times per MAC, at the clock of each mode and at one clock for all."""

    ns_per_mac: float | None
    ns_per_mac_one_clock: float | None
    tau_per_mac: float | None
    tau_per_mac_one_clock: float | None


class MixRecord(TimedRecord):
    """What a mix of precisions costs on one netlist, computed from the records of its modes."""

    mix: dict[str, float]
    runs_in: dict[str, str]


class LayerRecord(TimedRecord):
    """A layer in the mode that it runs in, or all layers of a network together."""

    layer: str | None
    macs: int
    useful_share: float
    m: int | None
    n: int | None
    k: int | None
    act_bits: int | None
    weight_bits: int | None
    act_sparsity: float | None
    weight_sparsity: float | None
    published: dict[str, str]


class NetworkRecord(LayerRecord):
    """A layer's record, or a whole network's, with what a frame takes."""

    workload: str
    energy_uj: float | None
    energy_c0v2: float | None
    ms: float | None
    ms_one_clock: float | None
    cycles: float
    energy_area_uj_mm2: float | None
    energy_area_c0v2_ge: float | None


class ScaledRecord(TypedDict):
    """A mode at the supply and the clock of a method of voltage scaling: modelled."""

    unit: str
    parameters: dict[str, Any]
    boundary: str
    tech: str
    recipe: str
    adders: str
    mode: str
    point: str | None
    operation: str
    method: str
    voltage_v: float
    limit: str
    clock_period_ns: float
    clock_mhz: float
    mode_period_ns: float
    delay_growth: float
    operations_per_cycle: float
    macs_per_cycle: float
    products: float
    gmacs_per_s: float
    energy_pj_per_operation: float
    energy_pj_per_mac: float
    energy_relative: float | None
    energy_parts: dict[str, float]
    energy_fixed: list[str]
    stimulus: str | None
    model: dict[str, Any]
    versions: dict[str, str]
    measured: bool
