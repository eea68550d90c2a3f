"""A design in RTLIL as Verilog that a designer would have liked to write.

RTLIL ──▶ modules ──▶ names for bits ──▶ registers ──▶ expressions ──▶ lines of text
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from macsmith.rtl_text.lines.dialect import DIALECTS
from macsmith.rtl_text.lines.module_text import ModuleText
from macsmith.rtl_text.parsed.bit_uses import directions_of
from macsmith.rtl_text.parsed.modules import CLOCKED, RtlModule
from macsmith.rtl_text.parsed.rtlil_reader import read_rtlil
from macsmith.rtl_text.tidying.bit_families import gather_bits
from macsmith.rtl_text.tidying.named_bits import name_bits
from macsmith.rtl_text.tidying.narrowing import narrow
from macsmith.rtl_text.tidying.plain_cells import make_plain
from macsmith.rtl_text.tidying.port_bundles import bundle_ports
from macsmith.rtl_text.tidying.product_rows import word_rows
from macsmith.rtl_text.tidying.registers import take_registers
from macsmith.rtl_text.tidying.sharing import share
from macsmith.rtl_text.words.identifiers import Identifiers
from macsmith.rtl_text.words.net_names import NetNames
from macsmith.rtl_text.words.nets import Nets
from macsmith.rtl_text.words.writable import check_writable


@dataclass(frozen=True)
class Written:
    """A design as Verilog.

    Members
    -------
    text
        The modules.
    names
        What the nets and instances of each module are called, by what RTLIL calls them.
    """

    text: str
    names: Mapping[str, Mapping[str, str]]


def verilog_of(
    rtlil: str,
    top: str,
    language: str = "verilog",
    notes: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
) -> Written:
    """Return a design in RTLIL as Verilog.

    Parameters
    ----------
    top
        Its top module, whose name and ports stay as they are.
    language
        A name of `macsmith.rtl_text.lines.dialect.DIALECTS`.
    notes
        What is said of modules in a comment above them.
    called
        What modules are called that have names of their own, also such as have no body here.

    Raises
    ------
    UserError
        If the design has a cell that is not written as Verilog, or a port of no legal name.
    """
    modules = read_rtlil(rtlil)
    check_writable(modules, top)
    directions = directions_of(modules)
    nets = _prepared(modules, directions, top)
    names = _names(nets, top)
    given = Identifiers([top, *(called or {}).values()])
    module_names = {top: top, **(called or {})}
    for name in directions:
        if name not in module_names:
            module_names[name] = given.give(name) if name in modules else name
    port_names = {
        name: {
            port: names[name].names[port] if name in modules else port for port in directions[name]
        }
        for name in directions
    }
    blocks = [
        "\n".join(
            ModuleText(nets[name], names[name], DIALECTS[language], module_names, port_names).lines(
                (notes or {}).get(name, "")
            )
        )
        for name in modules
    ]
    called_so = {
        name: {**one.instances, **one.memories, **one.names} for name, one in names.items()
    }
    return Written("\n\n".join(blocks) + "\n", called_so)


def _prepared(
    modules: dict[str, RtlModule], directions: dict[str, dict[str, str]], top: str
) -> dict[str, Nets]:
    """Return the nets of all modules, whose ports and words are put together."""
    instances = Counter(cell.kind for module in modules.values() for cell in module.instances())
    memoryless = _memoryless(modules)
    order = list(_from_top(modules, top))
    for name in order:
        make_plain(modules[name])
        share(modules[name], directions)
        narrow(modules[name], directions)
        name_bits(modules[name], directions, memoryless)
        word_rows(modules[name], directions)
        for cell in modules[name].instances():
            if instances[cell.kind] == 1 and cell.kind in modules:
                bundle_ports(cell, modules[cell.kind], directions)
    prepared: dict[str, Nets] = {}
    for name, module in modules.items():
        gather_bits(module, directions, memoryless)
        blocks = take_registers(module, directions)
        prepared[name] = Nets(module, directions, blocks)
    return prepared


def _memoryless(modules: Mapping[str, RtlModule]) -> set[str]:
    """Return the modules without registers, memories and instances: adder cells and the like."""
    return {
        name
        for name, module in modules.items()
        if all(cell.kind not in CLOCKED and not cell.is_instance for cell in module.cells)
    }


def _names(nets: Mapping[str, Nets], top: str) -> dict[str, NetNames]:
    """Return the names in all modules, from the top down: ports are named by who connects them."""
    names: dict[str, NetNames] = {}
    wishes: dict[str, dict[str, str]] = {}
    for name in _from_top({name: one.module for name, one in nets.items()}, top):
        names[name] = NetNames(nets[name], wishes.get(name, {}), name == top)
        for cell in nets[name].module.instances():
            if cell.kind not in nets:
                continue
            child = nets[cell.kind].module
            asked = wishes.setdefault(cell.kind, {})
            for port in child.ports:
                if not port.is_well_named and not port.wish and port.name in cell.ports:
                    outer = names[name].of_bits(cell.ports[port.name])
                    if outer:
                        asked.setdefault(port.name, outer)
    return names


def _from_top(modules: Mapping[str, RtlModule], top: str) -> Iterator[str]:
    """Yield modules after all that instantiate them."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for cell in modules[name].instances():
                if cell.kind in modules:
                    visit(cell.kind)
            order.append(name)

    visit(top)
    return reversed(order)
