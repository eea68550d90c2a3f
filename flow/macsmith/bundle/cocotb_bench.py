"""A cocotb testbench that imports the golden model, for tests of a user's own to begin with."""

from collections.abc import Mapping
from importlib.metadata import version
from pprint import pformat
from textwrap import indent

from macsmith.bundle.shipped_design import Design
from macsmith.bundle.template_files import render


def cocotb_bench(design: Design) -> Mapping[str, str]:
    """Return the testbench; nothing for what is no unit of two streams."""
    if not design.gives_a_beat:
        return {}
    (source,), (sink,) = design.inputs, design.outputs
    module = f"{design.module}_cocotb"
    parameters = pformat(design.spec.parameters(), width=92, compact=True, sort_dicts=False)
    text = render(
        "cocotb.py.jinja", design=design, module=module, version=version("macsmith"),
        source=source, sink=sink, parameters=indent(parameters, "    "),
    )  # fmt: skip
    return {f"{module}.py": text}
