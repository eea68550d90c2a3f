"""The MAC styles: name, specification, core."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from macsmith.contract.unit import Cut, Unit
from macsmith.mac.core import MacCore, MatrixCore
from macsmith.mac.ebsp.core import Ebsp
from macsmith.mac.ebsp.spec import EbspSpec
from macsmith.mac.header_notes import core_notes, product_notes, unit_notes
from macsmith.mac.mode_constants import static_ports
from macsmith.mac.multiplier import Multiplier, ProductPorts
from macsmith.mac.parallel.data_gated import DataGated, DataGatedSpec
from macsmith.mac.parallel.dnc_1d_sa import Dnc1dSa, Dnc1dSaSpec
from macsmith.mac.parallel.dnc_1d_st import Dnc1dSt, Dnc1dStSpec
from macsmith.mac.parallel.dnc_2d_sa import Dnc2dSa, Dnc2dSaSpec
from macsmith.mac.parallel.dnc_2d_st import Dnc2dSt, Dnc2dStSpec
from macsmith.mac.parallel.subword_sa import SubwordSa, SubwordSaSpec
from macsmith.mac.parallel.subword_st import SubwordSt, SubwordStSpec
from macsmith.mac.psum_chained_core import Chained
from macsmith.mac.serial.serial_1d import Serial1d, Serial1dSpec
from macsmith.mac.serial.serial_2d import Serial2d, Serial2dSpec
from macsmith.mac.spec import MacSpec
from macsmith.mac.unit import MacUnit, operand_bits


@dataclass(frozen=True)
class Style:
    """A MAC style: what users call it, its specification class, what that builds, its model."""

    name: str
    spec: type[MacSpec]
    core: type[MacCore]
    golden: str
    whole_product: bool = False
    """Whether a product is one number in all modes, so that it can be had without registers."""

    def build(self, spec: MacSpec) -> MacCore:
        """Return the core of a specification."""
        return self.core(spec) if spec.rows == 1 else MatrixCore(spec, self.core)

    def dot(self, spec: MacSpec, shared: bool) -> MacCore:
        """Return a core of one row, that may share what is made of its activations."""
        return (self.core.sharing(spec) if shared else self.core)(spec)

    def multiplier(self, spec: MacSpec) -> MacCore:
        """Return the multiplier of a core, without registers."""
        spec = replace(spec, stages=1)
        core = type(f"{self.core.__name__}Multiplier", (Multiplier, self.core), {})
        if spec.rows == 1:
            return core(spec)
        return type("MultiplierMatrix", (ProductPorts, MatrixCore), {})(spec, core)

    def chained(self, spec: MacSpec, shared: bool) -> MacCore:
        """Return a core that adds its products to a sum that comes in."""
        core = self.core.sharing(spec) if shared else self.core
        return type(f"Chained{core.__name__}", (Chained, core), {})(spec)

    @property
    def unit(self) -> Unit:
        """The catalogue's entry of the style."""
        cuts = {
            "unit": Cut(lambda spec: MacUnit(self.build(spec)), notes=unit_notes,
                        operands=operand_bits),
            "core": Cut(
                self.build, inside="unit", published=True, notes=core_notes, constants=static_ports
            ),
        }  # fmt: skip
        if self.whole_product:
            cuts["multiplier"] = Cut(
                self.multiplier, inside="unit", measured=False, notes=product_notes
            )
        return Unit(
            name=self.name,
            spec=self.spec,
            cuts=cuts,
            golden=f"macsmith.golden.{self.golden}",
            source="macsmith.operands.mac_source:MacSource",
            verification="macsmith.verify.macs:MacVerification",
            proof="macsmith.formal.arithmetic.mac_prover:MacProver",
            bench=("macsmith.bench.stream", "macsmith.bench.mac"),
            compared=self.spec.any_weights,
            precisions=True,
            selftest=True,
        )


_SCALAR = "one_product:ScalarModel"

STYLES: Mapping[str, Style] = {
    style.name: style
    for style in (
        Style("data-gated", DataGatedSpec, DataGated, _SCALAR, whole_product=True),
        Style("subword-sa", SubwordSaSpec, SubwordSa, "subword:SubwordSaModel"),
        Style("subword-st", SubwordStSpec, SubwordSt, "subword:SubwordStModel"),
        Style("dnc-1d-sa", Dnc1dSaSpec, Dnc1dSa, "dnc:Dnc1dSaModel"),
        Style("dnc-1d-st", Dnc1dStSpec, Dnc1dSt, "dnc:Dnc1dStModel"),
        Style("dnc-2d-sa", Dnc2dSaSpec, Dnc2dSa, "dnc:Dnc2dSaModel"),
        Style("dnc-2d-st", Dnc2dStSpec, Dnc2dSt, "dnc:Dnc2dStModel"),
        Style("serial-1d", Serial1dSpec, Serial1d, _SCALAR),
        Style("serial-2d", Serial2dSpec, Serial2d, _SCALAR),
        Style("ebsp", EbspSpec, Ebsp, "ebsp:EbspModel", whole_product=True),
    )
}
