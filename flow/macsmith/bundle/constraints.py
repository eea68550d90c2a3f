"""Timing constraints: SDC with a mode for each point of the unit, and XDC for all of them.

A mode's case analysis is what stands still at the ports there: at a core its control bits, the
enables that it leaves down and idle operand bits; at a unit the field of the payload that tells
the point. Periods and delays are a budget that whoever reads the file may set.
"""

import re
from collections.abc import Mapping
from typing import Any

from macsmith.bundle.shipped_design import CLOCK, Design
from macsmith.bundle.template_files import render
from macsmith.contract.stream import POINT

PERIOD_NS = 2.0
"""The period of the budget in SDC, for chips."""

FPGA_PERIOD_NS = 10.0
"""The period of the budget in XDC."""

SHARE = 0.3
"""What of a period is left to the outside before inputs, and again after outputs."""

Bits = Mapping[str, int]
"""Constants by a port's bit, such as ``weight[3]``."""


def constants(design: Design, index: int) -> Bits:
    """Return the bits of ports that stand still at a point."""
    point = design.spec.points[index]
    widths = {port.name: port.width for port in design.directed("input")}
    found: dict[str, int] = {}
    if design.cut.constants is not None:
        for name, values in design.cut.constants(design.spec, point, widths).items():
            for place, value in enumerate(values):
                if value is not None:
                    found[_bit(name, place, widths[name])] = value
    streams = design.cut.ports.layouts(design.spec.inputs(point), inward=True)
    for stream, layout in zip(design.inputs, streams.values(), strict=False):
        port, _ = stream.lines.payload[0]
        for field in layout.fields:
            if field.role == POINT:
                for place in range(field.bits):
                    bit = _bit(port, field.offset + place, widths[port])
                    found[bit] = index >> place & 1
    return found


def _bit(port: str, place: int, width: int) -> str:
    return f"{port}[{place}]" if width > 1 else port


def suffix(point: Any) -> str:
    """Return a point as a part of names of files and clocks."""
    return re.sub(r"\W", "_", str(point))


def sdc_file(design: Design, point: Any) -> str:
    """Return the name of a point's SDC file."""
    return f"{design.module}_{suffix(point)}.sdc"


def constraints(design: Design) -> Mapping[str, str]:
    """Return an SDC file for each point, and an XDC file."""
    common = {
        "design": design, "clock_port": CLOCK, "share": SHARE,
        "controlled": [name for name, cut in design.unit.cuts.items() if cut.constants],
        "inputs": patterns(design, "input"), "outputs": patterns(design, "output"),
    }  # fmt: skip
    files = {
        sdc_file(design, point): render(
            "unit.sdc.jinja", **common, point=point, clock=f"clk_{suffix(point)}",
            constants=constants(design, index), period=PERIOD_NS,
        )
        for index, point in enumerate(design.spec.points)
    }  # fmt: skip
    xdc = render("unit.xdc.jinja", **common, period=FPGA_PERIOD_NS)
    return files | {f"{design.module}.xdc": xdc}


def patterns(design: Design, direction: str) -> list[str]:
    """Return what ``get_ports`` takes for all bits of a direction, the reset among the inputs."""
    return [
        f"{port.name}[*]" if port.width > 1 else port.name
        for port in design.ports
        if port.direction == direction and port.name != CLOCK
    ]
