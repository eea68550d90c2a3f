"""The units of compact number formats, as the catalogue has them."""

from collections.abc import Mapping

from macsmith.compact.fpec.core import Fpec, FpecCore
from macsmith.compact.fpec.spec import FpecSpec
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.stream import notes_of
from macsmith.contract.unit import Cut, Unit


def _notes(spec: StreamDotSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *notes_of("i__payload", spec.input_struct),
        *notes_of("o__payload", spec.output_struct),
    ]


def _fpec_notes(spec: FpecSpec) -> list[str]:
    """Return the same, and the units of sums."""
    return [*_notes(spec), f"sum counts units of 2^-{spec.sum_fraction_bits}"]


_ALL = (
    Unit(
        name="fpec",
        spec=FpecSpec,
        cuts={
            "unit": Cut(Fpec, notes=_fpec_notes),
            "core": Cut(FpecCore, inside="unit"),
        },
        golden="macsmith.golden.compact.fpec:FpecModel",
        source="macsmith.operands.compact.fpec_beats:FpecBeats",
    ),
)

COMPACT: Mapping[str, Unit] = {unit.name: unit for unit in _ALL}
"""Entries by name."""
