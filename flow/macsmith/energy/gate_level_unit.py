"""A unit whose core is a mapped netlist, for the bench: what was measured is what is simulated."""

from amaranth import Instance, Module

from macsmith.library.technology import Technology
from macsmith.library.verilog_models import cell_models
from macsmith.mac.core import MacCore
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES
from macsmith.mac.unit import MacUnit
from macsmith.rtl.emit import to_verilog
from macsmith.rtl.shared_module import connections
from macsmith.rtlsim.cocotb_runner import TOP
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.synthesis.netlist_verilog import WAIVED


def unit_verilog(name: str, spec: MacSpec, netlist: MappedNetlist, tech: Technology) -> str:
    """Return the Verilog of a unit around a netlist of its core, with models of its cells."""
    waived = "".join(f"/* verilator lint_off {rule} */\n" for rule in WAIVED)
    unit = to_verilog(MacUnit(_stub(STYLES[name].core, netlist.top)(spec)), TOP)
    models = cell_models(tech.library.cells[cell] for cell in netlist.histogram)
    return "\n".join([waived, unit, netlist.verilog.read_text(), models])


def _stub(core: type[MacCore], module: str) -> type[MacCore]:
    """Return a core with the ports and the feeder of another, and an instance of ``module``."""

    def elaborate(self: MacCore, platform: object) -> Module:
        m = Module()
        ports = {name: getattr(self, name) for name in self.signature.members}
        m.submodules.netlist = Instance(module, **connections(self, ports))
        return m

    return type("NetlistCore", (core,), {"elaborate": elaborate})
