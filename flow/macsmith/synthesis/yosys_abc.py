"""Synthesis with Yosys and ABC: RTL in, a netlist of library cells out."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.host.plain_folder import is_plain, plain_folder
from macsmith.host.yosys import YosysError, run_yosys
from macsmith.library.canonical_liberty import lend
from macsmith.library.stand_ins import verilog_of
from macsmith.library.technology import AdderCell, Technology
from macsmith.library.verilog_models import black_box
from macsmith.rtl.external_memory import MemorySize, sizes_in
from macsmith.rtl.leaf_cells import CLOCK_GATE
from macsmith.synthesis.mapped_netlist import MappedNetlist, read_module

# An enable that clocks fewer flip-flops than this is cheaper as multiplexers.
FILES = ("netlist.json", "netlist.v")
"""What a synthesis leaves in its folder: the netlist twice, by the same names."""

_MIN_GATED = 2
_UPSIZING = "topo; buffer -c; topo; stime -c; upsize -c"
_SIZING = f"{_UPSIZING}; dnsize -c"
_NO_FLIP_FLOP = re.compile(r"cannot be legalized: (.*?) \(log: ")
_DELAY = re.compile(r"Delay =\s*([\d.]+) ps")
_RESTRUCTURE = "strash; &get -n; &fraig -x; &put; scorr; dc2; strash; dch -f"


class Recipe(StrEnum):
    """How ABC maps logic, from the fastest netlist to the smallest.

    One run of ABC is within some 5 % of where a slightly different input would have led, so a
    comparison runs all of them and keeps the Pareto front.
    """

    SPEED = "speed"
    BALANCED = "balanced"
    AREA = "area"

    @property
    def mapping(self) -> str:
        """The script for ABC up to sizing."""
        return {
            Recipe.SPEED: "strash; dch; map -B 0.9",
            Recipe.BALANCED: f"{_RESTRUCTURE}; map -B 0.9",
            Recipe.AREA: f"{_RESTRUCTURE}; amap -m",
        }[self]

    @property
    def script(self) -> str:
        """The script for ABC; sizing with buffers comes last in each."""
        return f"{self.mapping}; {_SIZING}"


@dataclass(frozen=True)
class CurveRecipe:
    """A mapping whose sizing takes area back, as far as a target of delay lets it.

    Parameters
    ----------
    label
        What records call it.
    mapping
        The script for ABC up to sizing.
    target_ps
        Delay that ABC may let the logic have, in its own account, which knows no setup and no
        clock-to-Q; None is the delay that upsizing reaches.
    sized
        Whether there are buffers, and gates larger than the mapping asks for.
    """

    label: str
    mapping: str
    target_ps: int | None = None
    sized: bool = True

    def __str__(self) -> str:
        return self.label

    @property
    def script(self) -> str:
        """The script for ABC; it ends in the delay that is read back."""
        if not self.sized:
            return f"{self.mapping}; topo; stime"
        if self.target_ps is None:
            return f"{self.mapping}; {_SIZING}; stime"
        return f"{self.mapping}; {_UPSIZING}; dnsize -D {self.target_ps}; stime"


class UnmappedError(UserError, RuntimeError):
    """A netlist holds cells that the library has not: its area and timing would be wrong."""


def synthesise(
    rtlil_text: str,
    top: str,
    tech: Technology,
    recipe: Recipe | CurveRecipe,
    folder: Path,
    *,
    leaf_cells: bool = False,
    clock_gates: bool = False,
    options: str = "",
) -> MappedNetlist:
    """Map a design to the cells of ``tech`` and return the netlist.

    Parameters
    ----------
    rtlil_text
        RTLIL of all modules, as `amaranth.back.rtlil.convert` writes it. Initial values of
        registers are dropped: cells have none.
    top
        Name of the module to map; its hierarchy is flattened.
    folder
        Where scripts, log and netlist go.
    leaf_cells
        Whether instances of macsmith_fa, macsmith_ha and macsmith_c42, which is two full adders,
        become the library's adder cells where it has them; else their gates are mapped as logic.
    clock_gates
        Whether registers with an enable get an integrated clock gate, one an enable, in place of
        a multiplexer a flip-flop. The library must have one (``tech.clock_gate``).
    options
        Further options of Yosys's ``synth``, such as ``-booth``.

    Raises
    ------
    UserError
        If the design instantiates clock gates and the library has none.
    UnmappedError
        If a cell of the netlist is not in the library.
    YosysError
        If synthesis fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if is_plain(folder):
            _run(rtlil_text, top, tech, recipe, folder, leaf_cells, clock_gates, options)
        else:
            with plain_folder() as work:
                _run(rtlil_text, top, tech, recipe, work, leaf_cells, clock_gates, options)
                shutil.copytree(work, folder, symlinks=True, dirs_exist_ok=True)
    except YosysError as error:
        if lacking := _NO_FLIP_FLOP.search(str(error)):
            raise UnmappedError(
                f"technology {tech.name} must have the flip-flops of the design, but has not: "
                f"{lacking[1]}"
            ) from None
        raise
    return read_netlist(top, tech, folder)


def abc_delay_ps(folder: Path) -> float | None:
    """Return the last delay that ABC told of a synthesis in ``folder``, in ps."""
    found = _DELAY.findall((folder / "synth.log").read_text())
    return float(found[-1]) if found else None


def _run(
    rtlil_text: str,
    top: str,
    tech: Technology,
    recipe: Recipe | CurveRecipe,
    folder: Path,
    leaf_cells: bool,
    clock_gates: bool,
    options: str,
) -> None:
    """Write scripts and netlists to ``folder``."""
    (folder / "design.il").write_text(rtlil_text)
    (folder / "abc.script").write_text(recipe.script + "\n")
    constraints = f"set_driving_cell {tech.driver}\nset_load {tech.load_ff}\n"
    (folder / "abc.constr").write_text(constraints)
    liberty = "".join(f" -liberty {name}" for name in lend(tech, folder))
    unwanted = "".join(f" -dont_use {pattern}" for pattern in tech.dont_use)
    run_yosys(
        [
            "read_rtlil design.il",
            "setattr -unset init w:*",
            *(_map_adders(tech, folder) if leaf_cells else []),
            *(_map_clock_gates(tech, folder) if CLOCK_GATE in rtlil_text else []),
            *_cut_memories(top, folder, sizes_in(rtlil_text)),
            f"synth -flatten {options} -top {top} -run :fine",
            "synth -run fine:check -noabc",
            "opt -purge",
            *(_gate_clocks(tech, folder) if clock_gates else []),
            f"dfflibmap{liberty}{unwanted}",
            "opt",
            "setundef -zero",
            f"abc{liberty}{unwanted} -constr abc.constr -script abc.script",
            *_replace_stand_ins(tech, folder),
            "splitnets",
            # No -purge: registers keep their names where a net has several.
            "opt_clean",
            # Both files then have the same names.
            "rename -enumerate -pattern _%_",
            f"write_json {FILES[0]}",
            f"write_verilog -noattr -noexpr -nohex {FILES[1]}",
        ],
        folder,
        "synth",
    )
    # OpenSTA before 2.3 takes no signed ports.
    verilog = folder / FILES[1]
    verilog.write_text(re.sub(r"^(  \w+) signed ", r"\1 ", verilog.read_text(), flags=re.M))


def _map_adders(tech: Technology, folder: Path) -> list[str]:
    """Return the commands that put adder cells in the place of leaf modules.

    ABC sees them as black boxes, so it neither sizes them nor restructures across them.
    """
    adders = [("macsmith_fa", "abc", tech.full_adder), ("macsmith_ha", "ab", tech.half_adder)]
    bodies, boxes = [], []
    for leaf, inputs, adder in adders:
        if adder:
            bodies.append(_leaf_body(leaf, inputs, adder))
            boxes.append(black_box(adder.cell, adder.inputs, (adder.total, adder.carry)))
    if tech.full_adder:
        bodies.append(_C42_BODY)
    return _techmap(folder, "adders", bodies, boxes)


def _replace_stand_ins(tech: Technology, folder: Path) -> list[str]:
    """Return the commands that put cells of the library in the place of those that it lacks."""
    bodies, boxes = [], []
    for one in tech.stand_ins:
        cell = tech.library.cells[one.cell]
        bodies.append(verilog_of(one, cell))
        boxes.append(black_box(cell.name, cell.inputs, cell.outputs))
    return _techmap(folder, "stand_ins", bodies, boxes)


def _map_clock_gates(tech: Technology, folder: Path) -> list[str]:
    """Return the commands that put the library's clock gate in the place of the leaf module."""
    gate = tech.clock_gate
    if gate is None:
        raise UserError(
            f"clock_gating=cell needs a library with a clock gate, which {tech.name} has not; "
            "take clock_gating=enable"
        )
    tied = "".join(f", .{pin}(1'b0)" for pin in gate.test)
    body = (
        f"module {CLOCK_GATE} (input clk, en, output gclk);\n"
        f"  {gate.cell} _TECHMAP_REPLACE_ (.{gate.clock}(clk), .{gate.enable}(en), "
        f".{gate.out}(gclk){tied});\nendmodule\n"
    )
    box = black_box(gate.cell, (gate.clock, gate.enable, *gate.test), (gate.out,))
    return _techmap(folder, "clock_gates", [body], [box])


def _cut_memories(top: str, folder: Path, sizes: Sequence[MemorySize]) -> list[str]:
    """Return the commands that make ports of the ports of memories, and leave these out.

    Their clock is left out too: a clock that leaves the design is no path.
    """
    if not sizes:
        return []
    bodies, boxes = [], []
    for size in sizes:
        ports = [
            f"{'output' if name == 'read_data' else 'input'} [{bits - 1}:0] {name}"
            for name, bits in size.ports.items()
        ]
        pins = ", ".join(f".{name}({name})" for name in size.ports)
        boxes.append(f"(* blackbox *) module cut_{size} ({', '.join(ports)}); endmodule\n")
        bodies.append(
            f"module {size.module} (input clk, {', '.join(ports)});\n"
            f"  cut_{size} _TECHMAP_REPLACE_ ({pins});\nendmodule\n"
        )
    commands = _techmap(folder, "memories", bodies, boxes)
    # All instances must be in one module before their ports can become its own.
    return [*commands, f"hierarchy -top {top}", "flatten", "expose -evert t:cut_*"]


def _techmap(folder: Path, name: str, bodies: list[str], boxes: list[str]) -> list[str]:
    """Return the commands that replace modules by ``bodies`` made of library cells."""
    if not bodies:
        return []
    (folder / f"{name}.v").write_text("".join(bodies))
    (folder / f"{name}_boxes.v").write_text("".join(boxes))
    return [f"read_verilog {name}_boxes.v", f"techmap -map {name}.v"]


_C42_BODY = """\
module macsmith_c42 (input a, b, c, d, e, output s, co, cx);
  wire odd;
  macsmith_fa first (.a(a), .b(b), .c(c), .s(odd), .co(cx));
  macsmith_fa second (.a(d), .b(odd), .c(e), .s(s), .co(co));
endmodule
"""


def _leaf_body(leaf: str, inputs: str, adder: AdderCell) -> str:
    pins = [f".{pin}({port})" for pin, port in zip(adder.inputs, inputs, strict=True)]
    pins += [f".{adder.total}(total)", f".{adder.carry}(carry)"]
    return (
        f"module {leaf} (input {', '.join(inputs)}, output s, output co);\n"
        f"  wire total, carry;\n"
        f"  {adder.cell} _TECHMAP_REPLACE_ ({', '.join(pins)});\n"
        f"  assign s = {'~' * adder.total_inverted}total;\n"
        f"  assign co = {'~' * adder.carry_inverted}carry;\n"
        f"endmodule\n"
    )


def _gate_clocks(tech: Technology, folder: Path) -> list[str]:
    """Return the commands that put clock gates in the place of enables."""
    gate = tech.clock_gate
    if gate is None:
        raise ValueError(f"clock_gates must be False on {tech.name}: it has no clock gate")
    (folder / "resets.v").write_text("".join(_reset_as_logic(*ends) for ends in _RESETS))
    pins = f"{gate.enable}:{gate.clock}:{gate.out}"
    test = "".join(f" -tie_lo {pin}" for pin in gate.test)
    return [
        "techmap -map resets.v",
        "simplemap",
        "opt",
        f"clockgate -pos {gate.cell} {pins}{test} -min_net_size {_MIN_GATED}",
        "opt -purge",
    ]


# Polarity of a synchronous reset, its value, polarity of the enable.
_RESETS = tuple(product("PN", "01", "PN"))


def _reset_as_logic(reset: str, value: str, enable: str) -> str:
    """Return the flip-flop whose reset beats its enable as one that is enabled for a reset too.

    Yosys by itself would make multiplexers of both.
    """
    resets = "R" if reset == "P" else "~R"
    enables = "E" if enable == "P" else "~E"
    return (
        f"module \\$_SDFFE_P{reset}{value}{enable}_ (input D, C, R, E, output Q);\n"
        f"  \\$_DFFE_PP_ _TECHMAP_REPLACE_ (.C(C), .Q(Q), .E({enables} | {resets}),\n"
        f"    .D({resets} ? 1'b{value} : D));\n"
        f"endmodule\n"
    )


def read_netlist(top: str, tech: Technology, folder: Path) -> MappedNetlist:
    """Return a netlist whose files, `FILES`, are in ``folder``.

    Raises
    ------
    UnmappedError
        If a cell is not of the library.
    """
    path, verilog = (folder / name for name in FILES)
    histogram = Counter(instance.cell for instance in read_module(path, top).instances)
    cells = tech.library.cells
    if unknown := sorted(set(histogram) - set(cells)):
        raise UnmappedError(f"netlist of {top} must hold cells of {tech.name} only, not {unknown}")
    return MappedNetlist(
        top=top,
        area_um2=sum(cells[cell].area * count for cell, count in histogram.items()),
        cells=histogram.total(),
        flip_flops=sum(
            count
            for cell, count in histogram.items()
            if cells[cell].sequential and not cells[cell].clock_gate
        ),
        histogram=dict(sorted(histogram.items())),
        json=path,
        verilog=verilog,
    )
