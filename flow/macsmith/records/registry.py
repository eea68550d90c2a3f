"""The keys of records, each once: what it means, and the unit of what is a figure.

`KEYS` is what the record of every family has, in order; the other groups are what arrays, mixes,
networks and voltage scaling add. The tables of docs/records.md say the same, which a test checks.
"""

from collections.abc import Mapping
from typing import cast

from macsmith.records.metric import Key, Metric


def _key(key: str, meaning: str) -> Key:
    return Key(key=key, meaning=meaning)


def _per_operation(key: str, name: str, unit: str, meaning: str) -> Metric:
    head = f"{unit}/{{operation}}"
    return Metric(key=key, name=name, unit=unit, head=head, meaning=meaning)


KEYS: tuple[Key, ...] = (
    _key(
        "unit",
        "name in the catalogue; `verilog:` and the module's name of "
        "[RTL of your own](measurement.md#rtl-of-your-own)",
    ),
    _key(
        "parameters",
        "every field of the specification; of RTL of your own its `files` with their SHA-256, the "
        "module's `settings` and the `map` of its ports",
    ),
    _key("boundary", "`core` or `unit`; `pe` of an array, `logic` of an engine"),
    _key("tech", "name of the technology"),
    _key(
        "recipe",
        "`speed`, `balanced` or `area`; with `--curve` "
        "[others too](measurement.md#area-against-period), such as `lean 1.3x`",
    ),
    _key(
        "adders",
        "`gates`, or `cells` if full and half adders are cells of the library; of RTL of your own "
        "what Yosys made of its operators: `gates`, `booth`, `arith tree`",
    ),
    _key("mode", "precision of MACs, such as `8x4`; null of a unit without precisions"),
    _key("point", "what the unit was asked to do: of MACs the mode; `always` if it does one thing"),
    _key("operation", "what is counted: `MAC` of units that multiply and add"),
    Metric(
        key="area_um2", name="area", unit="um2",
        meaning="cell area; null on the generic library",
    ),
    Metric(
        key="area_ge", name="area", unit="GE",
        meaning="cell area over that of the smallest two-input NAND",
    ),
    Metric(key="cells", name="cells", unit="cells", head="cells", meaning="cells of the netlist"),
    Metric(
        key="flip_flops", name="flip-flops", unit="cells", head="FF",
        meaning="flip-flops among them, clock gates excluded",
    ),
    _key(
        "memories",
        "of an engine's logic: each memory that is left out, by its place, as bits x words. Else "
        "empty",
    ),
    Metric(key="memory_bits", name="memories", unit="bits", meaning="of all of them"),
    Metric(
        key="period_ns", name="clock period", unit="ns", head="period ns",
        meaning="smallest clock period; null on the generic library",
    ),
    Metric(
        key="period_tau", name="clock period", unit="tau", head="period tau",
        meaning="the same on the generic library; null on others",
    ),
    Metric(
        key="mode_period_ns", name="period in mode", unit="ns", head="in mode ns",
        meaning="the period while the unit stays in this mode: static control bits, idle operand "
        "bits and stopped registers are constants; null at the unit boundary, where the mode is a "
        "register",
    ),
    Metric(
        key="mode_period_tau", name="period in mode", unit="tau", head="in mode tau",
        meaning="the same on the generic library; null on others",
    ),
    _key("timing_engine", "`macsmith`, or `opensta` where that was asked for"),
    _key(
        "wires",
        "model of wires, in the period and in energies: `none`, `library` for its wire-load model, "
        "or `fanout` with a capacitance per length",
    ),
    _key("library_left_out", "cells of the library that cannot be used, such as malformed ones"),
    Metric(
        key="operations_per_cycle", name="throughput a cycle", unit="{operation}/cycle", more=True,
        meaning="in steady state", origin="computed", head="{operation}/cycle",
    ),
    Metric(
        key="macs_per_cycle", name="throughput a cycle", unit="MAC/cycle", more=True,
        meaning="the same of MACs; null of other units, as all keys per MAC", origin="computed",
    ),
    Metric(
        key="cycles_per_result", name="cycles", unit="cycles",
        meaning="cycles of one input beat", origin="computed",
    ),
    Metric(
        key="gops_per_s_per_mm2", name="throughput per area", unit="G{operation}/s/mm2", more=True,
        meaning="`operations_per_cycle / period / area`; null on the generic library",
        origin="computed", head="G{operation}/s/mm2",
    ),
    Metric(
        key="gmacs_per_s_per_mm2", name="throughput per area", unit="GMAC/s/mm2", more=True,
        meaning="the same of MACs", origin="computed",
    ),
    _per_operation(
        "energy_pj_per_operation", "energy per {operation}", "pJ",
        "with glitches and leakage ([Energy](measurement.md#energy)); null where it was not "
        "measured, and on the generic library",
    ),
    _per_operation(
        "energy_c0v2_per_operation", "energy per {operation}", "C0V2",
        "the same on the generic library, C0 being the input capacitance of its unit inverter and "
        "V the supply; null on others",
    ),
    Metric(
        key="energy_pj_per_mac", name="energy per MAC", unit="pJ", head="pJ/MAC",
        meaning="`energy_pj_per_operation` of MACs, useful ones: what fills up beats is none",
    ),
    Metric(
        key="energy_c0v2_per_mac", name="energy per MAC", unit="C0V2", head="C0V2/MAC",
        meaning="`energy_c0v2_per_operation` of MACs",
    ),
    Metric(
        key="energy_pj_per_issued_mac", name="energy per issued MAC", unit="pJ", head="pJ/issued",
        meaning="the same for each product that the unit makes, zeros and repetitions that fill up "
        "beats of a network's layers included",
    ),
    Metric(
        key="energy_c0v2_per_issued_mac", name="energy per issued MAC", unit="C0V2",
        head="C0V2/issued",
        meaning="the same on the generic library",
    ),
    Metric(
        key="energy_zero_delay_pj_per_mac", name="energy without glitches", unit="pJ",
        head="pJ/MAC",
        meaning="`energy_pj_per_mac` without glitches",
    ),
    Metric(
        key="energy_zero_delay_c0v2_per_mac", name="energy without glitches", unit="C0V2",
        head="C0V2/MAC",
        meaning="`energy_c0v2_per_mac` without glitches",
    ),
    _key("energy_method", "how the energy was found; null without energy"),
    _key("stimulus", "operands and their seed; null without energy"),
    _key(
        "energy_parts",
        "pJ an operation: `clock`, `registers`, `logic`, `inputs`, `glitches`, `leakage`, and "
        "`clock tree` where one was modelled; they add up to `energy_pj_per_operation`. Empty "
        "without energy",
    ),
    _key(
        "energy_places",
        "pJ an operation: `core`, `wrapper`, `sequencer` "
        "([Energy of a unit](measurement.md#energy-of-a-unit)); they add up to "
        "`energy_pj_per_operation`. Empty at the core boundary and without energy",
    ),
    _key("energy_parts_c0v2", "as `energy_parts`, of `energy_c0v2_per_operation`; no leakage"),
    _key("energy_places_c0v2", "as `energy_places`, of `energy_c0v2_per_operation`"),
    _key(
        "cross_check",
        "[toggles against Icarus Verilog](measurement.md#checked-against-icarus-verilog): `nets`; "
        "`settled`, transitions without glitches in Icarus; `wrong`, nets whose number of these "
        "differs; `ours` and `icarus`, all transitions; `percentile_95`, of the nets' differences, "
        "relative to Icarus; `stimulus`, `simulator`. Empty if it was not made",
    ),
    _key(
        "spread",
        "[with `--spread`](measurement.md#noise) the least and the greatest `area`, `period`, "
        "`product` of both and `energy` of a netlist and of others of the same design, how many as "
        "`netlists`. Empty of netlists that were made once",
    ),
    Metric(
        key="input_bits_per_mac", name="input bits", unit="bits/MAC",
        meaning="operand bits of a beat over its products", origin="computed",
    ),
    Metric(
        key="output_bits_per_mac", name="output bits", unit="bits/MAC",
        meaning="result bits of the alive slots over the products of a beat", origin="computed",
    ),
    _key(
        "versions",
        "`macsmith`, `yosys` (the pyosys package), `amaranth`, `timing_engine`, `library_sha256`",
    ),
    _key(
        "measured",
        "true: from a netlist; false in [modelled records](scaling.md#records)",
    ),
)  # fmt: skip
"""What the record of every family has."""

ARRAY_KEYS: tuple[Key, ...] = (
    Metric(
        key="energy_pj_per_executed_mac", name="energy per executed MAC", unit="pJ",
        head="pJ/MAC",
        meaning="energy for each pair that a multiplier takes: of density-bound weights the kept "
        "ones, of gated operands pairs without a zero; null without energy",
    ),
    Metric(
        key="energy_c0v2_per_executed_mac", name="energy per executed MAC", unit="C0V2",
        head="C0V2/MAC",
        meaning="the same on the generic library",
    ),
)  # fmt: skip
"""What records of arrays have besides."""

PE_KEYS: tuple[Key, ...] = (
    _key("pe", "size A x B x C"),
    _key("density", "`dense`, `zero-gated`, or non-zeros of a block"),
    Metric(
        key="drain_um2", name="area of sum registers", unit="um2", origin="computed",
        meaning="area of the flip-flops that hold sums on their way out, all taken to be like the "
        "netlist's smallest; null on the generic library",
    ),
    Metric(
        key="drain_ge", name="area of sum registers", unit="GE", origin="computed",
        meaning="the same in NAND2 equivalents",
    ),
    Metric(
        key="area_gain", name="gain in area", unit="x", more=True, origin="computed",
        meaning="products per area over those of the record of 1x1x1, dense",
    ),
    Metric(
        key="area_gain_without_drain", name="gain in area without sum registers", unit="x",
        more=True, origin="computed", meaning="the same without these flip-flops on both sides",
    ),
    Metric(
        key="energy_gain", name="gain in energy", unit="x", more=True, origin="computed",
        meaning="the classic PE's energy of a product over this one's, same stimulus; null without "
        "energy",
    ),
)  # fmt: skip
"""What `array` adds to them."""

THROUGHPUT_KEYS: tuple[Key, ...] = (
    _key(
        "equal_throughput",
        "targets at which this netlist is the best of its unit, if any "
        "([equal throughput](measurement.md#equal-throughput)). Of each: `view`, what there is "
        "least of and at equal what (`energy-rate`, `area-rate`, `energy-density`); `target`, in "
        "10^9 operations a second, or those a mm2; on the generic library in operations a ktau, "
        "or those a kGE; `copies`; `period` of the clock; `energy` an operation; `area` of "
        "all copies; `best`, whether no unit takes less. Units are those of the library",
    ),
)
"""What `compare` adds to them."""

TIME_KEYS: tuple[Key, ...] = tuple(
    Metric(key=f"{unit}_per_mac{clock}", name=f"time per MAC{named}", unit=f"{unit}/MAC",
           head=f"{unit}/MAC{', one clock' * bool(clock)}", origin="computed", meaning=meaning)
    for unit, null in (("ns", "the generic library"), ("tau", "others"))
    for clock, named, meaning in (
        ("", "", f"time per product at the clock of each mode; null on {null}"),
        ("_one_clock", ", one clock", f"the same at `period_{unit}`"),
    )
)  # fmt: skip
"""What records of mixes and networks have besides."""

MIX_KEYS: tuple[Key, ...] = (
    _key("mix", "shares by precision"),
    _key("runs_in", "the mode that each precision runs in"),
)
"""What `mix` adds to them."""

NETWORK_KEYS: tuple[Key, ...] = (
    _key("workload", "name of the table, or of its file"),
    _key("layer", "name of the layer; null for the whole network"),
    Metric(key="macs", name="products", unit="MAC", more=None, origin="computed",
           meaning="products a frame"),
    Metric(key="useful_share", name="useful products", unit="share", head="useful", more=True,
           origin="computed",
           meaning="`macs` of the products that the unit makes: the others fill its lanes. Rates, "
           "times and energies are those of useful ones. 1 where the layer's shape is not known"),
    _key("m", "rows of activations that each group of the layer multiplies, such as pixels of the "
         "output; null where not known and for the whole network"),
    _key("n", "columns of weights, such as output channels of a group; null likewise"),
    _key("k", "terms of a dot product; null likewise"),
    Metric(key="act_bits", name="activation bits", unit="bits", more=None, origin="computed",
           meaning="of the layer's operands; null for the whole network"),
    Metric(key="weight_bits", name="weight bits", unit="bits", more=None, origin="computed",
           meaning="the same of weights"),
    Metric(key="act_sparsity", name="zero activations", unit="share", more=None,
           origin="computed", meaning="share of zeros; null where not known"),
    Metric(key="weight_sparsity", name="zero weights", unit="share", more=None,
           origin="computed", meaning="the same of weights"),
    _key("published", "what Envision was measured to take: `mw`, `tops_per_w`"),
    Metric(key="energy_uj", name="energy a frame", unit="uJ", head="uJ", origin="computed",
           meaning="`macs` times `energy_pj_per_mac`"),
    Metric(key="energy_c0v2", name="energy a frame", unit="C0V2", origin="computed",
           meaning="`macs` times `energy_c0v2_per_mac`"),
    Metric(key="ms", name="time a frame", unit="ms", head="ms", origin="computed",
           meaning="`macs` times the time per product"),
    Metric(key="ms_one_clock", name="time a frame, one clock", unit="ms",
           head="ms, one clock", origin="computed",
           meaning="the same at one clock"),
    Metric(key="cycles", name="cycles a frame", unit="cycles", origin="computed",
           meaning="`macs / macs_per_cycle`"),
    Metric(key="energy_area_uj_mm2", name="energy x area", unit="uJ mm2", head="uJ mm2",
           origin="computed", meaning="`energy_uj` times the area"),
    Metric(key="energy_area_c0v2_ge", name="energy x area", unit="C0V2 GE", origin="computed",
           meaning="`energy_c0v2` times the area"),
)  # fmt: skip
"""What `workload` adds to them."""

SCALING_KEYS: tuple[Key, ...] = (
    _key("method", "`DAS`, `DVAS` or `DVAFS`"),
    Metric(key="voltage_v", name="supply", unit="V", origin="modelled", meaning="the supply"),
    _key("limit", "what kept the supply up: `nominal`, `delay` or `vmin`"),
    Metric(key="clock_period_ns", name="clock period", unit="ns", origin="modelled",
           meaning="period of the clock"),
    Metric(key="clock_mhz", name="clock", unit="MHz", more=True, origin="modelled",
           meaning="the clock"),
    Metric(key="delay_growth", name="delay", unit="x", origin="modelled",
           meaning="delays over those at the nominal voltage"),
    Metric(key="products", name="products a cycle", unit="x", more=True, origin="computed",
           meaning="products a cycle over that of the widest mode, `N`"),
    Metric(key="gmacs_per_s", name="throughput", unit="GMAC/s", more=True, origin="modelled",
           meaning="products at that clock"),
    Metric(key="energy_relative", name="relative energy", unit="x", origin="modelled",
           meaning="energy over that of the reference unit in its widest mode at the nominal "
           "voltage; null without it"),
    _key("energy_fixed", "the parts of the energy outside the scaled supply"),
    _key("model", "law, nominal voltage, parameters and their source"),
)  # fmt: skip
"""What records of voltage scaling have besides some of the keys of every family."""

REGISTRY: Mapping[str, Key] = {
    one.key: one
    for group in (
        KEYS, ARRAY_KEYS, PE_KEYS, THROUGHPUT_KEYS, TIME_KEYS, MIX_KEYS, NETWORK_KEYS, SCALING_KEYS,
    )
    for one in group
}  # fmt: skip
"""Every key by its name."""


def metric(key: str, operation: str = "MAC") -> Metric:
    """Return the metric of a key, with an operation in its name and unit.

    Raises
    ------
    KeyError
        If there is no such key, or it is no figure.
    """
    found = REGISTRY[key]
    if not isinstance(found, Metric):
        raise KeyError(f"{key} is no figure")
    return found.of(operation)


def figure(record: Mapping[str, object], key: str) -> float | None:
    """Return a figure of a record by its key, which may be known at run time only.

    Raises
    ------
    KeyError
        If there is no such figure, or the record has none.
    """
    metric(key)
    value = record[key]
    return None if value is None else float(cast(float, value))
