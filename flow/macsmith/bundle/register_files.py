"""The registers of a unit as SystemRDL, and as a C header that PeakRDL makes of it."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.bundle.shipped_design import Design
from macsmith.bundle.template_files import render
from macsmith.contract.host_registers import HostRegister
from macsmith.contract.unit import resolve

SOFTWARE = {"read": "r", "write": "w", "both": "rw"}
"""What SystemRDL calls the access of a host."""


def registers_of(design: Design) -> tuple[HostRegister, ...]:
    """Return the registers by which a host runs the unit, none where no host does."""
    if not design.unit.registers:
        return ()
    found: tuple[HostRegister, ...] = resolve(design.unit.registers)(design.spec)
    return found


def register_files(design: Design) -> Mapping[str, str]:
    """Return the register map and its header; nothing for a unit that no host runs."""
    registers = registers_of(design)
    if not registers:
        return {}
    text = render("registers.rdl.jinja", design=design, software=SOFTWARE, registers=registers)
    return {
        f"{design.module}.rdl": text,
        f"{design.module}_registers.h": c_header(text, f"{design.module}_registers"),
    }


def c_header(systemrdl: str, stem: str) -> str:
    """Return the header that PeakRDL makes: structures of registers, masks and shifts of fields."""
    from peakrdl_cheader.exporter import CHeaderExporter
    from systemrdl import RDLCompiler

    with TemporaryDirectory() as temporary:
        source, header = Path(temporary) / f"{stem}.rdl", Path(temporary) / f"{stem}.h"
        source.write_text(systemrdl, encoding="utf-8")
        compiler = RDLCompiler()
        compiler.compile_file(str(source))
        CHeaderExporter().export(compiler.elaborate(), str(header))
        return header.read_text(encoding="utf-8")
