"""The MAC styles: name, specification, core."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from macsmith.mac.core import MacCore, MatrixCore
from macsmith.mac.ebsp.core import Ebsp
from macsmith.mac.ebsp.spec import EbspSpec
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
from macsmith.mac.unit import MacUnit


@dataclass(frozen=True)
class Style:
    """A MAC style: what users call it, its specification class, and what that builds."""

    name: str
    spec: type[MacSpec]
    core: type[MacCore]

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
    def measured(self) -> tuple[str, ...]:
        """Where it is cut if nothing is said."""
        return ("core", "unit")

    @property
    def boundaries(self) -> Mapping[str, Callable[[MacSpec], MacCore | MacUnit]]:
        """What is built when the unit is cut there."""
        found: dict[str, Callable[[MacSpec], MacCore | MacUnit]] = {
            "core": self.build,
            "unit": lambda spec: MacUnit(self.build(spec)),
        }
        if issubclass(self.spec, DataGatedSpec):
            # A product of the other styles is in several parts.
            found["multiplier"] = self.multiplier
        return found


STYLES: Mapping[str, Style] = {
    style.name: style
    for style in (
        Style("data-gated", DataGatedSpec, DataGated),
        Style("subword-sa", SubwordSaSpec, SubwordSa),
        Style("subword-st", SubwordStSpec, SubwordSt),
        Style("dnc-1d-sa", Dnc1dSaSpec, Dnc1dSa),
        Style("dnc-1d-st", Dnc1dStSpec, Dnc1dSt),
        Style("dnc-2d-sa", Dnc2dSaSpec, Dnc2dSa),
        Style("dnc-2d-st", Dnc2dStSpec, Dnc2dSt),
        Style("serial-1d", Serial1dSpec, Serial1d),
        Style("serial-2d", Serial2dSpec, Serial2d),
        Style("ebsp", EbspSpec, Ebsp),
    )
}
