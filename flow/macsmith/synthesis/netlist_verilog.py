"""A mapped netlist as Verilog that simulators run: models of its cells, memories in their places.

Registers and memories start undefined, as in silicon, or at random.
"""

import re
from collections.abc import Mapping, Sequence

from macsmith.library.technology import Technology
from macsmith.library.verilog_models import cell_models
from macsmith.rtl.external_memory import MemorySize
from macsmith.synthesis.mapped_netlist import Bit, MappedNetlist

WAIVED = ("DECLFILENAME", "LATCH", "PINCONNECTEMPTY", "PINMISSING", "UNDRIVEN", "UNUSEDSIGNAL")
"""Rules of Verilator that netlists and cells break: open pins, latches, many modules a file."""

_INNER = "macsmith_netlist"
"""The netlist's module, where memories stand beside it."""


def runnable_verilog(
    netlist: MappedNetlist, tech: Technology, memories: Mapping[str, MemorySize],
    *, random_start: bool = False,
) -> str:  # fmt: skip
    """Return a netlist with the module of its name on top, and models of all that is in it.

    Parameters
    ----------
    memories
        What the netlist leaves out, by their places: their ports are the netlist's own, and are
        connected to behavioural models here.
    random_start
        Whether registers and memories start at random values instead of undefined ones.
    """
    text = netlist.verilog.read_text()
    if memories:
        text = re.sub(rf"^module {netlist.top}\b", f"module {_INNER}", text, flags=re.MULTILINE)
        text += _with_memories(netlist, memories)
        sizes = sorted(set(memories.values()))
        text += "".join(memory_model(size, random_start=random_start) for size in sizes)
    waived = "".join(f"/* verilator lint_off {rule} */\n" for rule in WAIVED)
    cells = (tech.library.cells[cell] for cell in netlist.histogram)
    models = cell_models(cells, random_start=random_start)
    return "\n".join([waived, text, models])


def memory_model(size: MemorySize, *, random_start: bool = False) -> str:
    """Return the module of a memory, as `macsmith.rtl.external_memory` describes it."""
    ports = ", ".join(
        f"{'output reg' if name == 'read_data' else 'input'} [{bits - 1}:0] {name}"
        for name, bits in size.ports.items()
    )
    any_word = f"{{{', '.join(['$random'] * -(-size.width // 32))}}}"
    start = [
        "  integer word;",
        "  initial begin",
        f"    for (word = 0; word < {size.depth}; word = word + 1) words[word] = {any_word};",
        f"    read_data = {any_word};",
        "  end",
    ]
    begun = "".join(f"\n{line}" for line in start) if random_start else ""
    return f"""
module {size.module}(input clk, {ports});
  reg [{size.width - 1}:0] words [0:{size.depth - 1}];{begun}
  always @(posedge clk) begin
    if (read) read_data <= words[read_at];
    if (write) words[write_at] <= write_data;
  end
endmodule
"""


def _with_memories(netlist: MappedNetlist, memories: Mapping[str, MemorySize]) -> str:
    """Return the module on top: the netlist, and a memory at each place."""
    module = netlist.module()
    ports = [("input", *port) for port in module.inputs.items()]
    ports += [("output", *port) for port in module.outputs.items()]
    places = {_place(name): name.rpartition(".")[0] for _, name, _ in ports}
    inner = {f"{places[place]}.{port}" for place, size in memories.items() for port in size.ports}
    outside = [
        f"{direction} {_range(bits)}{name}" for direction, name, bits in ports if name not in inner
    ]
    wires = [f"  wire {_range(bits)}\\{name} ;" for _, name, bits in ports if name in inner]
    every = ", ".join(f".\\{name} (\\{name} )" for _, name, _ in ports)
    cells = [f"  {_INNER} netlist ({every});"]
    for number, (place, size) in enumerate(memories.items()):
        pins = "".join(f", .{port}(\\{places[place]}.{port} )" for port in size.ports)
        cells.append(f"  {size.module} memory_{number} (.clk(clk){pins});")
    lines = [f"module {netlist.top}({', '.join(outside)});", *wires, *cells, "endmodule", ""]
    return "\n".join(lines)


def _place(port: str) -> str:
    """Return the memory that a port leads to; Amaranth numbers names that were taken."""
    return re.sub(r"\$\d+", "", port).rpartition(".")[0]


def _range(bits: Sequence[Bit]) -> str:
    return f"[{len(bits) - 1}:0] " if len(bits) > 1 else ""
