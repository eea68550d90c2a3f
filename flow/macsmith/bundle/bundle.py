"""All files of a bundle, by name; each module here that adds one takes the design alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from macsmith.bundle.cocotb_bench import cocotb_bench
from macsmith.bundle.constraints import constraints
from macsmith.bundle.data_sheet import data_sheet, instantiation
from macsmith.bundle.fusesoc_core import fusesoc_core
from macsmith.bundle.ipxact import ipxact
from macsmith.bundle.layout_flows import layout_flows
from macsmith.bundle.register_files import register_files
from macsmith.bundle.shipped_design import Design
from macsmith.bundle.testbench import testbench
from macsmith.catalog.verilog import generate, given_name
from macsmith.records.record import Record

PARTS: tuple[Callable[[Design], Mapping[str, str]], ...] = (
    lambda design: {design.source: design.verilog},
    testbench,
    cocotb_bench,
    fusesoc_core,
    constraints,
    layout_flows,
    instantiation,
    data_sheet,
    register_files,
    ipxact,
)
"""What gives files; nothing where a design has no such file."""


def design_of(
    name: str, spec: Any, boundary: str, *, top: str | None = None, prefix: str = "",
    language: str = "verilog", records: Sequence[Record] = (), **options: Any,
) -> Design:  # fmt: skip
    """Return the design of a unit, with the options of `macsmith.catalog.verilog.generate`.

    Parameters
    ----------
    records:
        What was measured of it, for the data sheet.
    """
    verilog = generate(name, spec, boundary, top=top, prefix=prefix, language=language, **options)
    module = given_name(name, spec, boundary, top, prefix)
    return Design(
        name=name, spec=spec, boundary=boundary, module=module, verilog=verilog, language=language,
        records=records,
    )  # fmt: skip


def bundle(design: Design) -> dict[str, str]:
    """Return the text of each file of a design's bundle."""
    return {name: text for part in PARTS for name, text in part(design).items()}
