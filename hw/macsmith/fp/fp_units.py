"""The units of floating point, as the catalogue has them."""

from macsmith.contract.stream import payload_notes
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
        *payload_notes(spec.input_struct, spec.output_struct),
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
        *payload_notes(spec.input_struct, spec.output_struct),
    ]
    for index, point in enumerate(spec.points):
        lines.append(
            f"point {index}: {point}, each of {spec.lanes} lanes has {spec.per_lane(point)} "
            f"products of {point.a} and {point.b}"
        )
    return lines


def convert_notes(spec: FpConvertSpec) -> list[str]:
    """Return what the payloads of a converter hold."""
    return payload_notes(spec.input_struct, spec.output_struct)


FP_UNITS = {
    "fp-dot": Unit(
        name="fp-dot",
        spec=FpDotSpec,
        cuts={"unit": Cut(FpDot, notes=dot_notes)},
        golden="macsmith.golden.fp.fp_dot:FpDotModel",
        source="macsmith.operands.fp_vectors:FpVectors",
        errors="macsmith.approximation.number_errors:of_products",
    ),
    "fp-int-merged": Unit(
        name="fp-int-merged",
        spec=FpIntMergedSpec,
        cuts={"unit": Cut(merged, notes=pe_notes)},
        golden="macsmith.golden.fp.fp_int:FpIntModel",
        source="macsmith.operands.fp_vectors:FpVectors",
    ),
    "fp-int-separate": Unit(
        name="fp-int-separate",
        spec=FpIntSeparateSpec,
        cuts={"unit": Cut(separate, notes=pe_notes)},
        golden="macsmith.golden.fp.fp_int:FpIntModel",
        source="macsmith.operands.fp_vectors:FpVectors",
    ),
    "fp-convert": Unit(
        name="fp-convert",
        spec=FpConvertSpec,
        cuts={"unit": Cut(FpConvert, notes=convert_notes)},
        golden="macsmith.golden.fp.fp_convert:FpConvertModel",
        source="macsmith.operands.fp_elements:FpElements",
    ),
}
"""Entries by name."""
