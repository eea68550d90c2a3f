"""The unit as a component of IP-XACT (IEEE 1685-2014): ports, files, and registers if it has some.

Bus interfaces are not described: a stream of a unit is no bus of a public library.
"""

from collections.abc import Mapping
from importlib.metadata import version

from macsmith.bundle.data_sheet import meanings
from macsmith.bundle.fusesoc_core import FILE_TYPES
from macsmith.bundle.register_files import registers_of
from macsmith.bundle.shipped_design import Design
from macsmith.bundle.template_files import render

ACCESS = {"read": "read-only", "write": "write-only", "both": "read-write"}
"""What IP-XACT calls the access of a host."""

_BYTES = 4


def ipxact(design: Design) -> Mapping[str, str]:
    """Return the component's file."""
    registers = registers_of(design)
    text = render(
        "component.xml.jinja", design=design, version=version("macsmith"),
        meanings=meanings(design), registers=registers, access=ACCESS,
        file_type=FILE_TYPES[design.language],
        range=max((one.address for one in registers), default=0) + _BYTES,
    )  # fmt: skip
    return {f"{design.module}.xml": text}
