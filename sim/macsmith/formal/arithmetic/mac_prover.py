"""What is claimed of MACs: their arithmetic in each mode, and the rules of their streams."""

from collections.abc import Iterable, Iterator
from typing import Any

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT
from macsmith.formal.arithmetic.mac_arithmetic import MacArithmetic
from macsmith.formal.claim import Claim, Subject
from macsmith.formal.streams.stream_claims import StreamProver

KINDS = (
    DEFAULT, "both signed", "one stage", "no clock gating", "enables", "clock gate cells",
)  # fmt: skip
"""The variants of `macsmith.contract.unit.UnitSpec.variants` that are proved."""


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

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the arithmetic of each mode, then the rules of the streams."""
        yield from MacArithmetic(self.name, spec).claims()
        yield from super().claims(spec)
