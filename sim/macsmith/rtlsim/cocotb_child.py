"""One cocotb build or test, in a process of its own: ``python -m macsmith.rtlsim.cocotb_child``.

cocotb's runner takes its settings from the environment and ends the process on a failure.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

WAIVED = {
    "DECLFILENAME": "several modules share the file",
    "UNUSEDSIGNAL": "every module has clk and rst, whether or not it has registers",
}
"""Rules of Verilator that the generated Verilog breaks, and why."""

_BUILD_ARGS = {
    # The bench spends its time in Python, so a quickly compiled model is the better bargain.
    # One source file a model, so that Verilator's headers are read once.
    "verilator": [
        "-CFLAGS",
        "-O0",
        "--output-split",
        "0",
        "-Wall",
        *(f"-Wno-{rule}" for rule in WAIVED),
    ],
    "icarus": ["-Wall"],
}


def build(job: dict[str, Any]) -> None:
    """Compile ``unit.v`` in the model's folder."""
    model = Path(job["model"])
    get_runner(job["simulator"]).build(
        sources=[model / "unit.v"],
        hdl_toplevel=job["top"],
        build_dir=model,
        build_args=_BUILD_ARGS[job["simulator"]] + _waivers(job),
        timescale=("1ns", "1ps"),
        waves=job["waves"],
    )


def _waivers(job: dict[str, Any]) -> list[str]:
    """Return the options for the rules that RTL with faults may break."""
    rules = job["waived"] if job["simulator"] == "verilator" else ()
    return [f"-Wno-{rule}" for rule in rules]


def test(job: dict[str, Any]) -> None:
    """Run the bench on a compiled model and exit with status 1 if a test fails."""
    folder = Path(job["folder"])
    runner = get_runner(job["simulator"])
    results = runner.test(
        test_module=",".join(job["modules"]),
        hdl_toplevel=job["top"],
        hdl_toplevel_lang="verilog",
        build_dir=job["model"],
        test_dir=folder,
        results_xml=str(folder / "results.xml"),
        testcase=job["tests"],
        seed=job["seed"],
        waves=job["waves"],
        plusargs=job.get("plusargs", []),
        # After so many failed tests it ends; 0 is never.
        extra_env={"COCOTB_MAX_FAILURES": str(job.get("failures", 0))},
    )
    tests, failed = get_results(results)
    if failed or not tests:
        sys.exit(1)


if __name__ == "__main__":
    {"build": build, "test": test}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
