"""The units of floating point, as the catalogue has them."""

from macsmith.contract.stream import notes_of
from macsmith.contract.unit import Cut, Unit
from macsmith.fp.convert.convert import FpConvert
from macsmith.fp.convert.spec import FpConvertSpec
from macsmith.fp.dot.dot import FpDot
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.fp_int.processing_element import merged, separate
from macsmith.fp.fp_int.spec import FpIntMergedSpec, FpIntSeparateSpec, FpIntSpec


def dot_notes(spec: FpDotSpec) -> list[str]:
    """Return what the payloads of a dot-product unit hold."""
    lines = [
        *notes_of("i__payload", spec.input_struct),
        *notes_of("o__payload", spec.output_struct),
    ]
    for index, point in enumerate(spec.points):
        lines.append(
            f"point {index}: {point}, a beat holds {spec.products_at(point)} products of "
            f"{point.a} and {point.b}"
        )
    if spec.result_format is None:
        lines.append(f"sum counts units of 2^{spec.grid_lsb}, {spec.raw_bits} bits")
    return lines


def pe_notes(spec: FpIntSpec) -> list[str]:
    """Return what the payloads of a processing element hold."""
    lines = [
        *notes_of("i__payload", spec.input_struct),
        *notes_of("o__payload", spec.output_struct),
    ]
    for index, point in enumerate(spec.points):
        lines.append(
            f"point {index}: {point}, each of {spec.lanes} lanes has {spec.per_lane(point)} "
            f"products of {point.a} and {point.b}"
        )
    return lines


def convert_notes(spec: FpConvertSpec) -> list[str]:
    """Return what the payloads of a converter hold."""
    payloads = {"i": spec.input_struct, "o": spec.output_struct}
    return [
        line for port, struct in payloads.items() for line in notes_of(f"{port}__payload", struct)
    ]


FP_UNITS = {
    "fp-dot": Unit(
        name="fp-dot",
        spec=FpDotSpec,
        cuts={"unit": Cut(FpDot, notes=dot_notes)},
        golden="macsmith.golden.fp_dot:FpDotModel",
        source="macsmith.operands.fp_vectors:FpVectors",
        errors="macsmith.approximation.number_errors:of_products",
    ),
    "fp-int-merged": Unit(
        name="fp-int-merged",
        spec=FpIntMergedSpec,
        cuts={"unit": Cut(merged, notes=pe_notes)},
        golden="macsmith.golden.fp_int:FpIntModel",
        source="macsmith.operands.fp_vectors:FpVectors",
    ),
    "fp-int-separate": Unit(
        name="fp-int-separate",
        spec=FpIntSeparateSpec,
        cuts={"unit": Cut(separate, notes=pe_notes)},
        golden="macsmith.golden.fp_int:FpIntModel",
        source="macsmith.operands.fp_vectors:FpVectors",
    ),
    "fp-convert": Unit(
        name="fp-convert",
        spec=FpConvertSpec,
        cuts={"unit": Cut(FpConvert, notes=convert_notes)},
        golden="macsmith.golden.fp_convert:FpConvertModel",
        source="macsmith.operands.fp_elements:FpElements",
    ),
}
"""Entries by name."""
