"""Configurations of the open flows from RTL to layout, and the constraints that they read.

These have one clock and all paths: a layout must do at every point, so no case is analysed.
"""

from collections.abc import Mapping

from macsmith.bundle.constraints import PERIOD_NS, SHARE, patterns
from macsmith.bundle.shipped_design import CLOCK, Design
from macsmith.bundle.template_files import render

UTILIZATION = 40
"""Per cent of the core's area that cells take: low, for small designs have many ports."""

FLOWS: Mapping[str, str] = {
    "_librelane.yaml": "librelane.yaml.jinja",
    "_orfs.mk": "orfs.mk.jinja",
    "_siliconcompiler.py": "siliconcompiler.py.jinja",
}
"""Ends of the names of files, and their templates."""


def layout_flows(design: Design) -> Mapping[str, str]:
    """Return a file for each flow, and the constraints; nothing for what has no clock."""
    if CLOCK not in {port.name for port in design.ports}:
        return {}
    sdc = f"{design.module}.sdc"
    constraints = render(
        "layout.sdc.jinja", design=design, clock_port=CLOCK, period=PERIOD_NS, share=SHARE,
        inputs=patterns(design, "input"), outputs=patterns(design, "output"),
    )  # fmt: skip
    files = {
        f"{design.module}{end}": render(
            template, design=design, file=f"{design.module}{end}", sdc=sdc, clock=CLOCK,
            period=PERIOD_NS, utilization=UTILIZATION,
        )
        for end, template in FLOWS.items()
    }  # fmt: skip
    return {sdc: constraints, **files}
