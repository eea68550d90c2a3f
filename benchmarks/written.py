"""The written Verilog beside the RTLIL that it is of: ``python -m benchmarks.written REFERENCE``.

Each design of a reference of `benchmarks.qor` that the catalogue has is synthesised at the core
boundary twice: from RTLIL, which is what macsmith measures, and from its Verilog, read back by
Yosys. The geometric mean of the ratios of area x period says what a user loses by the text.
"""

from pathlib import Path
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.qor.__main__ import ADDERS, CONDITIONS, measured, read_reference, spec_of
from macsmith.catalog.catalog import build, compared
from macsmith.host.yosys import run_yosys
from macsmith.library.resolve import resolve
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.synthesis.yosys_abc import Recipe


def read_back(verilog: str) -> str:
    """Return Verilog as the RTLIL that Yosys makes of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "core.v").write_text(verilog)
        run_yosys(["read_verilog core.v", "proc", "write_rtlil core.il"], folder)
        return (folder / "core.il").read_text()


def main(
    reference: Path,
    tech: Annotated[list[str], typer.Option(help="Libraries; repeatable.")],
    recipe: Annotated[Recipe, typer.Option(help="The recipe of both.")] = Recipe.SPEED,
) -> None:
    """Print the ratio of area x period of each design, and their geometric mean on each library."""
    for library in tech:
        technology = resolve(library, CONDITIONS)
        ratios: list[float] = []
        for design in read_reference(reference, technology.name):
            if design[0] not in compared():
                continue
            core = build(design[0], spec_of(design, ADDERS[0]), "core")
            ours = measured(to_rtlil(core, "core"), "", recipe, False, technology)
            core = build(design[0], spec_of(design, ADDERS[0]), "core")
            text = measured(read_back(to_verilog(core, "core")), "", recipe, False, technology)
            ratios.append(text.cost / ours.cost)
            print(f"{technology.name} {' '.join(design)}: {ratios[-1]:.4f}", flush=True)
        if not ratios:
            raise typer.BadParameter(f"{reference} must have designs on {technology.name}")
        mean = geometric_mean(ratios)
        print(f"{technology.name}: geometric mean {mean:.4f} of {len(ratios)} designs")


if __name__ == "__main__":
    typer.run(main)
