"""RTL of a user as a unit, so that it goes through the same code as those of the catalogue.

Its name is ``verilog:TOP``. It is measured at the core boundary, as a bare MAC is, unless another
is asked for; the RTL is the same at each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import FOREIGN
from macsmith.contract.errors import UserError
from macsmith.contract.unit import Cut, Unit
from macsmith.user_rtl.port_map import read_map
from macsmith.user_rtl.rtl_reader import UserRtl, read_rtl
from macsmith.user_rtl.spec import MappedMacSpec, UserRtlSpec

OPTIONS = ("", "-booth", "-arith_tree")
"""What Yosys can make of operators: its own macro cells, Booth's recoding, carry-save trees."""


def _cut(*, measured: bool) -> Cut:
    return Cut(
        rtlil=lambda spec: spec.rtlil,
        measured=measured,
        published=measured,
        constants=lambda spec, point, widths: spec.constants(point, widths),
        replay="macsmith.energy.replays.port_replay:PortReplay",
        no_energy=lambda spec: spec.no_energy,
    )


UNIT = Unit(
    name="verilog",
    spec=UserRtlSpec,
    cuts={"core": _cut(measured=True), "unit": _cut(measured=False)},
    golden="macsmith.golden.user_mac:UserMacModel",
    source="macsmith.operands.mac_source:MacSource",
    verification="macsmith.verify.user_macs:UserMacVerification",
    bench=(),
    precisions=True,
    synthesis=OPTIONS,
)
"""The entry of all RTL of users; their names are put in when one is looked up."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a user says of their RTL: files, the module, the file of a map, the parameters."""

    files: Sequence[Path]
    top: str
    map: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the unit: ``verilog:mac``, ``verilog:mac(WIDTH=8)``."""
        values = ",".join(f"{key}={value}" for key, value in self.settings.items())
        return f"{FOREIGN}{self.top}" + f"({values})" * bool(values)


def specification(given: Given) -> UserRtlSpec:
    """Return the specification of a user's RTL.

    Raises
    ------
    UserError
        If a file cannot be read, the RTL cannot be measured, or the map does not fit it.
    """
    rtl = read_rtl(given.files, given.top, given.settings)
    known: dict[str, Any] = {
        "top": given.top,
        "files": tuple(rtl.files.items()),
        "settings": tuple(given.settings.items()),
        "rtlil": rtl.rtlil,
        "ports": tuple(rtl.ports.items()),
    }
    if given.map is None:
        return UserRtlSpec(**known)
    roles = read_map(given.map, rtl.ports)
    _check_clock(given.map, roles.steering.get("clock"), rtl)
    return MappedMacSpec(**known, roles=roles)


def _check_clock(path: Path, clock: Any, rtl: UserRtl) -> None:
    """Refuse a map with another clock than the module's."""
    told = clock.port if clock else None
    if rtl.clock is not None and told != rtl.clock:
        raise UserError(f"map {path}: clock must be {rtl.clock}, not {told or 'left out'}")
