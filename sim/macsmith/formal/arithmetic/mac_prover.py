"""What is claimed of MACs: their arithmetic in each mode, and the rules of their streams."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from macsmith.catalog.catalog import REFERENCE, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT
from macsmith.formal.arithmetic.mac_arithmetic import MacArithmetic
from macsmith.formal.claim import Claim, Subject
from macsmith.formal.streams.stream_claims import StreamProver

KINDS = (
    DEFAULT, "both signed", "one stage", "no clock gating", "enables", "clock gate cells",
)  # fmt: skip
"""The variants of `macsmith.contract.unit.UnitSpec.variants` that are proved."""

MOST_CYCLES = 16
"""Cycles of a beat up to which stream rules are proved; of longer ones invariants take hours."""

NARROW: Mapping[str, Any] = {"act_width": 4, "weight_width": 4}
"""Operands of which no beat is longer."""


class MacProver(StreamProver):
    """See `macsmith.formal.claim.Prover`."""

    def subjects(self) -> Iterable[Subject]:
        """Yield the published designs, each in some variants that its rules allow."""
        designs = set[str]()
        for (design, kind), parameters in lookup(self.name).spec.variants().items():
            if kind not in KINDS:
                continue
            try:
                spec = make_spec(self.name, parameters)
            except UserError:
                continue
            variant = ", ".join(filter(None, (design, "" if kind == DEFAULT else kind)))
            yield Subject(unit=self.name, spec=spec, variant=variant, quick=not designs)
            designs.add(design)
            if kind == DEFAULT and longest(spec) > MOST_CYCLES:
                narrow = make_spec(self.name, {**parameters, **NARROW})
                name = ", ".join(filter(None, (design, "4 bits")))
                yield Subject(unit=self.name, spec=narrow, variant=name, quick=True)

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the arithmetic of each mode, then the rules of the streams."""
        yield from MacArithmetic(self.name, spec, self.rtlil(spec)).claims()
        if self.proves_streams(spec):
            yield from super().claims(spec)

    def proves_streams(self, spec: Any) -> bool:
        """Return whether no beat is long."""
        return longest(spec) <= MOST_CYCLES

    def quick_claims(self, spec: Any) -> Iterator[Claim]:
        """Yield all of the reference and of serial units; parallel ones have its control."""
        if self.name == REFERENCE or spec.step_names:
            yield from self.claims(spec)
        else:
            yield from MacArithmetic(self.name, spec, self.rtlil(spec)).claims()


def longest(spec: Any) -> int:
    """Return the cycles of the longest beat."""
    return max(spec.cycles(point) for point in spec.points)
