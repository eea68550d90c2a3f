"""The units of compact number formats, as the catalogue has them."""

from collections.abc import Callable, Mapping
from typing import Any

from macsmith.compact.adacomp.adacomp import AdaComp, AdaCompLogic
from macsmith.compact.adacomp.spec import AdaCompSpec
from macsmith.compact.biscaled.core import Biscaled, BiscaledCore
from macsmith.compact.biscaled.spec import BiscaledSpec
from macsmith.compact.crossbar.core import Crossbar, CrossbarCore
from macsmith.compact.crossbar.spec import CrossbarSpec
from macsmith.compact.fpec.core import Fpec, FpecCore
from macsmith.compact.fpec.spec import FpecSpec
from macsmith.compact.log_shift.core import LogShift, LogShiftCore
from macsmith.compact.log_shift.spec import LogShiftSpec
from macsmith.compact.shared_weight.core import SharedWeight, core_of
from macsmith.compact.shared_weight.spec import SharedWeightSpec
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.compact.ternary.core import Ternary, TernaryCore
from macsmith.compact.ternary.spec import TernarySpec
from macsmith.compact.xnor.core import Xnor, XnorCore
from macsmith.compact.xnor.spec import XnorSpec
from macsmith.contract.packet_unit import packet_unit
from macsmith.contract.stream import payload_notes
from macsmith.contract.unit import Cut, Unit


def _notes(spec: StreamDotSpec) -> list[str]:
    """Return what the payloads hold."""
    return payload_notes(spec.input_struct, spec.output_struct)


def _fpec_notes(spec: FpecSpec) -> list[str]:
    """Return the same, and the units of sums."""
    return [*_notes(spec), f"sum counts units of 2^-{spec.sum_fraction_bits}"]


def _entry(
    name: str,
    spec: type[StreamDotSpec],
    unit: Callable[[Any], Any],
    core: Callable[[Any], Any],
    model: str,
    source: str,
    errors: str = "",
    notes: Callable[[Any], list[str]] = _notes,
) -> Unit:
    """Return the entry of a unit; its model, source and errors by the names of their objects."""
    return Unit(
        name=name,
        spec=spec,
        cuts={"unit": Cut(unit, notes=notes), "core": Cut(core, inside="unit")},
        golden=f"macsmith.golden.compact.{model}",
        source=f"macsmith.operands.compact.{source}",
        errors=errors and f"macsmith.approximation.compact_errors:{errors}",
    )


def _adacomp_notes(spec: AdaCompSpec) -> list[str]:
    """Return what the payloads hold, and what an index means."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        f"index {spec.bin}: none of the bin is sent; residue of the last beat is the scale",
    ]  # fmt: skip


_ADACOMP = packet_unit(
    "adacomp", AdaCompSpec,
    {
        "unit": Cut(AdaComp, notes=_adacomp_notes, replay=None, memories=True, measured=False),
        "logic": Cut(AdaCompLogic, notes=_adacomp_notes, replay=None),
    },
    golden="macsmith.golden.compact.adacomp:AdaCompModel",
    source="macsmith.operands.packet_sources.gradient_packets:GradientSource",
)  # fmt: skip


_ALL = (
    _entry("fpec", FpecSpec, Fpec, FpecCore, "fpec:FpecModel", "fpec_beats:FpecBeats",
           "with_compensation", _fpec_notes),
    _entry("biscaled", BiscaledSpec, Biscaled, BiscaledCore, "biscaled:BiscaledModel",
           "biscaled_beats:BiscaledBeats", "with_two_scales"),
    _entry("xnor", XnorSpec, Xnor, XnorCore, "xnor:XnorModel", "few_valued_beats:XnorBeats",
           "of_signs"),
    _entry("ternary", TernarySpec, Ternary, TernaryCore, "ternary:TernaryModel",
           "few_valued_beats:TernaryBeats", "of_trits"),
    _entry("log-shift", LogShiftSpec, LogShift, LogShiftCore, "log_shift:LogShiftModel",
           "few_valued_beats:LogBeats", "of_powers"),
    _entry("shared-weight", SharedWeightSpec, SharedWeight, core_of,
           "shared_weight:SharedWeightModel", "codebook_beats:CodebookBeats", "of_shared_weights"),
    _entry("crossbar", CrossbarSpec, Crossbar, CrossbarCore, "crossbar:CrossbarModel",
           "crossbar_beats:CrossbarBeats", "of_crossbar"),
    _ADACOMP,
)  # fmt: skip

COMPACT: Mapping[str, Unit] = {unit.name: unit for unit in _ALL}
"""Entries by name."""
