"""Mutants of a unit: faults that Yosys draws, all in one design, an input to choose one of them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from macsmith.catalog.catalog import build
from macsmith.host.yosys import run_yosys
from macsmith.mutation.regions import CONTROL, DATAPATH, Regions, operand_bits, result_bits
from macsmith.mutation.source_lines import Lines, shortened
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.subject import INNER, MUTANT, Subject

TOP = "unit"

_SPARE = 3
"""More mutants are listed than wanted: clocks and ports of the other region are left out."""


_FAULTS = {
    "inv": "inverted", "const0": "stuck at 0", "const1": "stuck at 1",
    "cnot0": "inverted by a 0", "cnot1": "inverted by a 1",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Members
    -------
    number:
        The value of the input that chooses it, from 1.
    region:
        ``control`` or ``datapath``.
    fault:
        What Yosys does: ``inv``, ``const0``, ``const1``, or ``cnot0``, ``cnot1``, which invert
        where another bit of the same port is 0, or 1.
    module, cell, port, bit:
        Where.
    by:
        The other bit, or None.
    net:
        The named net there, if there is one.
    sources:
        The lines of Python that made the cell and the net.
    """

    number: int
    region: str
    fault: str
    module: str
    cell: str
    port: str
    bit: int
    by: int | None
    net: str
    sources: tuple[str, ...]

    @property
    def description(self) -> str:
        """The fault as a clause, with the lines that made what is faulty."""
        where = f"{self.module}, {self.net or f'{self.cell}.{self.port}[{self.bit}]'}"
        lines = f" ({', '.join(self.sources)})" if self.sources else ""
        by = "" if self.by is None else f" in bit {self.by}"
        return f"{where} {_FAULTS[self.fault]}{by}{lines}"

    @property
    def command(self) -> str:
        """The fault as Yosys writes it."""
        by = "" if self.by is None else f" -ctrlbit {self.by}"
        return (
            f"-mode {self.fault} -module {self.module} -cell {self.cell} "
            f"-port {self.port} -portbit {self.bit}{by}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the mutant as plain JSON values."""
        return asdict(self) | {"description": self.description, "command": self.command}


@dataclass(frozen=True)
class Mutants:
    """Mutants of a unit, and the RTL that has all of them."""

    mutants: tuple[Mutant, ...]
    subject: Subject


def draw(name: str, spec: Any, count: int, seed: int, folder: Path) -> Mutants:
    """Return mutants of a unit, half of control and half of the datapath, where there are so many.

    The same seed gives the same mutants in the same order. Registers lose their initial values, so
    that nothing but reset brings them to those: a fault at a register's output would take its own
    away, and no chip has any.

    Parameters
    ----------
    folder:
        Where Yosys works; its files stay there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "unit.il").write_text(to_rtlil(build(name, spec), TOP, sources=True))
    run_yosys(
        ["read_rtlil unit.il", f"hierarchy -check -top {TOP}", "proc", "memory_collect",
         "opt_clean", "check -assert", "setattr -unset init w:*",
         "write_rtlil whole.il", "write_json whole.json"],
        folder, "prepare",
    )  # fmt: skip
    design = json.loads((folder / "whole.json").read_text())
    ports = design["modules"][TOP]["ports"]
    regions = Regions(design, TOP, operand_bits(spec, ports), result_bits(spec, ports))
    halves = {CONTROL: count - count // 2, DATAPATH: count // 2}
    drawn = [
        found
        for region, share in halves.items()
        for found in _drawn(regions, region, share, seed, folder)
    ]
    lines = Lines(design)
    mutants = tuple(_mutant(number, *found, lines) for number, found in enumerate(drawn, 1))
    return Mutants(mutants, _applied(mutants, ports, folder))


def _drawn(
    regions: Regions, region: str, count: int, seed: int, folder: Path
) -> list[tuple[str, dict[str, list[str]]]]:
    """Return the options of Yosys' mutations in a region, in the order they were drawn."""
    cells = regions.cells(region)
    if not cells or not count:
        return []
    (folder / f"{region}.sel").write_text("".join(f"{module}/{cell}\n" for module, cell in cells))
    wanted = _SPARE * count + 100
    every = _listed(region, 0, seed, folder)
    # Yosys seeks without end for more than it knows lines of.
    enough = sum(" -src " in line for line in every) > 2 * wanted
    lines = _listed(region, wanted, seed, folder) if enough else _shuffled(every, seed)
    found = []
    for line in lines:
        options = _options(line)
        module, cell, port, bit = (options[key][0] for key in ("module", "cell", "port", "portbit"))
        if regions.of((module, cell, port, int(bit))) == region:
            found.append((region, options))
    return found[:count]


def _listed(region: str, count: int, seed: int, folder: Path) -> list[str]:
    """Return so many of Yosys' mutations of a region, evenly over lines and nets; 0 for all."""
    run_yosys(
        ["read_rtlil whole.il", f"select -read {region}.sel",
         f"mutate -list {count} -seed {seed} -o {region}.list"],
        folder, region,
    )  # fmt: skip
    return (folder / f"{region}.list").read_text().splitlines()


def _shuffled(lines: list[str], seed: int) -> list[str]:
    return Random(seed).sample(lines, len(lines))


def _options(line: str) -> dict[str, list[str]]:
    """Return the values of a command's options; several if one is given several times."""
    found: dict[str, list[str]] = {}
    for option in line.split(" -")[1:]:
        key, _, value = option.partition(" ")
        found.setdefault(key, []).append(value.strip())
    return found


def _mutant(number: int, region: str, options: dict[str, list[str]], lines: Lines) -> Mutant:
    module, cell = options["module"][0], options["cell"][0]
    return Mutant(
        number, region, options["mode"][0], module, cell,
        options["port"][0], int(options["portbit"][0]),
        int(options["ctrlbit"][0]) if "ctrlbit" in options else None,
        f"{options['wire'][0]}[{options['wirebit'][0]}]" if "wire" in options else "",
        shortened(options.get("src", ())) or lines.of(module, cell),
    )  # fmt: skip


def _applied(mutants: tuple[Mutant, ...], ports: dict[str, Any], folder: Path) -> Subject:
    """Return RTL with all mutants in it."""
    bits = max(1, len(mutants).bit_length())
    run_yosys(
        [
            "read_rtlil whole.il",
            *(f"mutate -ctrl {MUTANT} {bits} {one.number} {one.command}" for one in mutants),
            "opt_clean",
            "write_rtlil mutated.il",
            f"rename {TOP} {INNER}",
            "write_verilog -noattr mutated.v",
        ],
        folder, "mutate",
    )  # fmt: skip
    widths = {name: (port["direction"], len(port["bits"])) for name, port in ports.items()}
    rtlil, verilog = ((folder / name).read_text() for name in ("mutated.il", "mutated.v"))
    return Subject(rtlil, verilog, widths, bits)
