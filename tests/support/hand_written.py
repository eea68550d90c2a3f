"""RTL that the tests bring along, as a user would: written by hand, with maps of its ports."""

from pathlib import Path

from macsmith.user_rtl.entry import Given, specification
from macsmith.user_rtl.spec import UserRtlSpec

FOLDER = Path(__file__).with_name("rtl")

FILES = {
    "acc_mul": FOLDER / "acc_mul.v",
    "bit_serial": FOLDER / "bit_serial.sv",
    "two_precisions": FOLDER / "two_precisions.v",
}
"""The file of each module; its map lies beside it."""


def words_of(top: str) -> list[str]:
    """Return what a command line says of a module and its map."""
    file = FILES[top]
    return ["--verilog", str(file), "--top", top, "--map", str(file.with_suffix(".toml"))]


def spec_of(top: str, *, mapped: bool = True, **settings: int) -> UserRtlSpec:
    """Return the specification of a module, with the map of its ports."""
    file = FILES[top]
    given = {name: str(value) for name, value in settings.items()}
    port_map = file.with_suffix(".toml") if mapped else None
    return specification(Given(files=[file], top=top, map=port_map, settings=given))
