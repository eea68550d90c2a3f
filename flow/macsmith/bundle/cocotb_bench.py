"""A cocotb testbench that imports the golden model, for tests of a user's own to begin with."""

from collections.abc import Mapping
from importlib.metadata import version
from pprint import pformat
from textwrap import indent

from macsmith.bundle.shipped_design import STREAM_BENCH, Design
from macsmith.bundle.template_files import render
from macsmith.bundle.testbench import FAULT

TEMPLATES = {
    STREAM_BENCH: "cocotb.py.jinja",
    "macsmith.bench.packets": "cocotb_streams.py.jinja",
    "macsmith.bench.array": "cocotb_array.py.jinja",
    "macsmith.bench.engine": "cocotb_engine.py.jinja",
    "macsmith.bench.tile_memory": "cocotb_tiles.py.jinja",
}
"""What the testbench is written by, by the bench that the unit has here."""


def cocotb_bench(design: Design) -> Mapping[str, str]:
    """Return the testbench; nothing for a part of a unit, and for what is driven otherwise."""
    template = TEMPLATES.get(design.unit.bench[0])
    if template is None or not design.has_bench:
        return {}
    module = f"{design.module}_cocotb"
    parameters = pformat(design.spec.parameters(), width=92, compact=True, sort_dicts=False)
    text = render(
        template, design=design, module=module, version=version("macsmith"),
        source=design.inputs[0], sink=design.outputs[0], parameters=indent(parameters, "    "),
        fault=FAULT,
    )  # fmt: skip
    return {f"{module}.py": text}
