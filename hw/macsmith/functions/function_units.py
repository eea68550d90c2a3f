"""Function units as entries of the catalogue."""

from collections.abc import Callable, Mapping

from macsmith.contract.stream import payload_notes
from macsmith.contract.unit import Cut, Unit
from macsmith.functions.activations.spec import GeluSpec, SigmoidSpec, TanhSpec
from macsmith.functions.activations.tails import TailUnit
from macsmith.functions.activations.tanh import TanhUnit
from macsmith.functions.exponentials import Exp2Spec, ExponentialUnit, ExpSpec
from macsmith.functions.logarithms import LnSpec, Log2Spec, LogarithmUnit
from macsmith.functions.made_of.batch_norm import BatchNorm
from macsmith.functions.made_of.batch_norm_spec import BatchNormSpec
from macsmith.functions.made_of.softmax import Softmax
from macsmith.functions.made_of.softmax_spec import SoftmaxSpec
from macsmith.functions.roots import ReciprocalSpec, RootUnit, RsqrtSpec, SqrtSpec
from macsmith.functions.spec import FunctionSpec
from macsmith.functions.unit import FunctionUnit


def function_notes(spec: FunctionSpec) -> list[str]:
    """Return what the payloads hold, and what the table is."""
    table = spec.table
    return [
        *payload_notes(spec.input_struct, spec.output_struct),
        f"{spec.function} of {spec.format}: polynomials of degree {spec.degree} in "
        f"{1 << table.index_bits} segments, {table.rom_bits} bits of coefficients",
    ]  # fmt: skip


def _made_of_notes(spec: SoftmaxSpec | BatchNormSpec) -> list[str]:
    """Return what the payloads hold."""
    return payload_notes(spec.input_struct, spec.output_struct)


_SOURCE = "macsmith.operands.number_sources.function_arguments:FunctionArguments"


def _entry(
    spec: type[FunctionSpec], build: Callable[[FunctionSpec], FunctionUnit], model: str
) -> Unit:
    return Unit(
        name=spec.function,
        spec=spec,
        cuts={"unit": Cut(build, notes=function_notes)},
        golden=f"macsmith.golden.functions.{model}",
        source=_SOURCE,
        errors="macsmith.approximation.number_errors:of_function",
    )


_ALL = (
    _entry(ReciprocalSpec, RootUnit, "elementary:ReciprocalModel"),
    _entry(SqrtSpec, RootUnit, "elementary:SqrtModel"),
    _entry(RsqrtSpec, RootUnit, "elementary:RsqrtModel"),
    _entry(ExpSpec, ExponentialUnit, "elementary:ExpModel"),
    _entry(Exp2Spec, ExponentialUnit, "elementary:ExpModel"),
    _entry(LnSpec, LogarithmUnit, "elementary:LnModel"),
    _entry(Log2Spec, LogarithmUnit, "elementary:LnModel"),
    _entry(SigmoidSpec, TailUnit, "activations:TailModel"),
    _entry(TanhSpec, TanhUnit, "activations:TanhModel"),
    _entry(GeluSpec, TailUnit, "activations:TailModel"),
    Unit(
        name="softmax",
        spec=SoftmaxSpec,
        cuts={"unit": Cut(Softmax, notes=_made_of_notes)},
        golden="macsmith.golden.functions.softmax:SoftmaxModel",
        proof="macsmith.formal.streams.stream_claims:PatientProver",
        source=_SOURCE,
        errors="macsmith.approximation.number_errors:of_softmax",
    ),
    Unit(
        name="batch-norm",
        spec=BatchNormSpec,
        cuts={"unit": Cut(BatchNorm, notes=_made_of_notes)},
        golden="macsmith.golden.functions.batch_norm:BatchNormModel",
        proof="macsmith.formal.streams.stream_claims:PatientProver",
        source="macsmith.operands.number_sources.channels:Channels",
        errors="macsmith.approximation.number_errors:of_batch_norm",
    ),
)

FUNCTIONS: Mapping[str, Unit] = {unit.name: unit for unit in _ALL}
"""Entries by name."""
