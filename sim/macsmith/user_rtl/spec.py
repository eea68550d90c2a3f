"""What is known of a user's RTL: its text, and with a map of its ports what it computes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from macsmith.contract.modes import Mode
from macsmith.contract.stream import LAST, Field, Layout
from macsmith.contract.unit import ALWAYS, Point, UnitSpec
from macsmith.mac.spec import precision_facts
from macsmith.user_rtl.pins import Port
from macsmith.user_rtl.port_map import APART, MappedMode, PortMap


@dataclass(frozen=True, kw_only=True)
class UserRtlSpec(UnitSpec):
    """RTL of which nothing is known but its ports: it has area and a clock period.

    Members
    -------
    top
        The module.
    files
        SHA-256 of each file that it was read from, by name.
    settings
        Values of the module's own parameters, as they were given.
    rtlil
        What Yosys made of it; its top module is ``unit``.
    ports
        By name.
    """

    summary: ClassVar[str] = "RTL of your own"
    operation: ClassVar[str] = "op"

    top: str
    files: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...] = ()
    rtlil: str = field(repr=False)
    ports: tuple[tuple[str, Port], ...] = field(repr=False)

    @property
    def no_energy(self) -> str | None:
        """Why it has no energy, as the end of a sentence; None if it has."""
        return "left out without a map of its ports, which --map gives"

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        return 0

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {}

    def constants(self, point: Any, widths: Mapping[str, int]) -> dict[str, list[int | None]]:
        """Return the bits of ports that stand still at a point, and what they are."""
        return {}

    def parameters(self) -> dict[str, Any]:
        return {
            "top": self.top, "files": dict(self.files), "settings": dict(self.settings),
            "map": self.mapped(),
        }  # fmt: skip

    def mapped(self) -> dict[str, Any] | None:
        """Return what the map says, as plain JSON values."""
        return None

    @property
    def points(self) -> tuple[Point, ...]:
        return ALWAYS


@dataclass(frozen=True, kw_only=True)
class MappedMacSpec(UserRtlSpec):
    """A user's MAC: ``result = sum over beats, lanes of a * w``, of a width that wraps.

    Beats follow one another without a pause, each of the cycles that its mode states.
    """

    operation: ClassVar[str] = "MAC"

    roles: PortMap = field(hash=False)

    @property
    def no_energy(self) -> str | None:
        return None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The precisions."""
        return tuple(self.roles.modes)

    @property
    def points(self) -> tuple[Mode, ...]:
        return self.modes

    def of(self, point: Mode) -> MappedMode:
        """Return what the map says of a precision."""
        return self.roles.modes[point]

    @property
    def act_signed(self) -> bool:
        """Whether activations are in two's complement."""
        return "a" in self.roles.signed

    @property
    def weight_signed(self) -> bool:
        """Whether weights are in two's complement."""
        return "w" in self.roles.signed

    # What records and models ask of a MAC.

    length = rows = 1

    def operations(self, point: Mode) -> int:
        return self.of(point).lanes

    products = act_lanes = weight_lanes = operations

    def cycles(self, point: Mode) -> int:
        return self.of(point).cycles

    def latency(self, point: Mode) -> int:
        return self.cycles(point) - 1 + self.roles.latency

    def macs_per_cycle(self, mode: Mode) -> float:
        """Return the products per clock in steady state."""
        return self.operations_per_cycle(mode)

    def slots(self, mode: Mode) -> int:
        """Return how many sums there are."""
        one = self.of(mode)
        return one.lanes if one.sums == APART else 1

    def acc_bits(self, mode: Mode) -> int:
        """Return the bits of a sum."""
        return self.roles.result.width // self.slots(mode)

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        lanes, offset, held = self.operations(point), 0, []
        bits = {"a": point.act_bits, "w": point.weight_bits}
        for name, width in bits.items():
            have = max(self.roles.operand(name).width, lanes * width)
            signed = name in self.roles.signed
            held.append(Field(name, offset, width, lanes, signed, top=offset + have))
            offset += have
        return {"i": Layout(offset + 1, (*held, Field("last", offset, 1, role=LAST)))}

    def outputs(self, point: Mode) -> Mapping[str, Layout]:
        slots, bits = self.slots(point), self.acc_bits(point)
        signed = bool(self.roles.signed)
        return {"o": Layout(slots * bits, (Field("acc", 0, bits, slots, signed),))}

    def facts(self, point: Mode) -> Mapping[str, Any]:
        return precision_facts(self, point)

    def constants(self, point: Mode, widths: Mapping[str, int]) -> dict[str, list[int | None]]:
        still = list(self.roles.constants)
        if "mode" in self.roles.steering:
            still.append((self.roles.steering["mode"], self.of(point).value))
        found: dict[str, list[int | None]] = {}
        for pins, value in still:
            if pins.port in widths:
                bits = found.setdefault(pins.port, [None] * widths[pins.port])
                for place, bit in enumerate(pins.bits):
                    bits[bit] = value >> place & 1
        return found

    def mapped(self) -> dict[str, Any]:
        roles = self.roles
        steering = {role: str(pins) for role, pins in roles.steering.items()}
        return {
            **steering, "a": str(roles.a), "w": str(roles.w), "result": str(roles.result),
            "signed": list(roles.signed), "latency": roles.latency,
            "first_delay": roles.first_delay, "msb_first": list(roles.msb_first),
            "modes": {str(mode): vars(one) for mode, one in roles.modes.items()},
            "constants": {str(pins): value for pins, value in roles.constants},
        }  # fmt: skip
