"""Which ports of a module mean what: a TOML file that a user writes beside their RTL.

clock = "clk"
reset = "!rst_n"          # active low; high while nothing is computed
a = "operands[7:0]"
w = "operands[15:8]"
first = "clear"           # 1 with the first beat of an accumulation
result = "acc"
signed = ["w"]            # of a and w those in two's complement
latency = 2               # cycles from a beat to the sum that holds it

[modes]                   # one of a's by w's bits if left out
"8x8" = { value = 0 }
"4x4" = { value = 3, lanes = 2, sums = "together" }

[constants]               # inputs that stand still
scan_en = 0
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError, nearest
from macsmith.contract.modes import Mode
from macsmith.user_rtl.pins import Pins, Port

STEERING = ("clock", "reset", "mode", "first", "start", "valid")
"""Inputs that a module need not have."""

OPERANDS = ("a", "w")

MAX_CYCLES = 1024
"""Most cycles of a beat, and of a latency."""

MAX_LANES = 64
"""Most products of a beat."""

TOGETHER, APART = "together", "apart"


@dataclass(frozen=True)
class MappedMode:
    """A precision as the module has it.

    Members
    -------
    value
        What ``mode`` is.
    lanes
        Products of a beat; lane 0 of operands and of results is lowest.
    sums
        ``together`` in one result, or ``apart``, each lane in its share of ``result``.
    cycles
        Of a beat, whose operands stand still or come digit by digit meanwhile.
    """

    value: int = 0
    lanes: int = 1
    sums: str = TOGETHER
    cycles: int = 1

    @classmethod
    def read(cls, name: str, given: object) -> Self:
        """Return a mode of a map's table ``modes``."""
        if not isinstance(given, dict):
            raise UserError(f"modes.{name} must be a table such as {{ value = 0 }}, not {given!r}")
        _check_keys(f"modes.{name}", given, [field.name for field in fields(cls)])
        one = cls(**given)
        check_int(f"modes.{name}.value", one.value, range(1 << 16))
        check_int(f"modes.{name}.lanes", one.lanes, range(1, MAX_LANES + 1))
        check_int(f"modes.{name}.cycles", one.cycles, range(1, MAX_CYCLES + 1))
        check_choice(f"modes.{name}.sums", one.sums, (TOGETHER, APART))
        return one


@dataclass(frozen=True, kw_only=True)
class PortMap:
    """What the ports of a MAC mean.

    Members
    -------
    steering
        Pins by role, of those of `STEERING` that there are: ``clock``, ``reset``, ``mode``;
        ``first``, up in the first cycle of an accumulation; ``start``, up in the first cycle of
        each beat; ``valid``, up while there are operands.
    a, w, result
        Pins of the operands and of the sum. A digit-serial operand has fewer than its bits.
    signed
        Of ``a`` and ``w`` those in two's complement.
    latency
        Cycles from the last one of a beat to the first in which ``result`` holds its sum.
    first_delay
        Cycles by which ``first`` comes after the operands.
    msb_first
        Of digit-serial operands those that begin with their highest digit.
    modes
        By precision.
    constants
        Values of inputs that stand still, by their pins.
    """

    steering: Mapping[str, Pins]
    a: Pins
    w: Pins
    result: Pins
    signed: tuple[str, ...]
    latency: int
    first_delay: int
    msb_first: tuple[str, ...]
    modes: Mapping[Mode, MappedMode]
    constants: tuple[tuple[Pins, int], ...]

    @property
    def inputs(self) -> list[tuple[str, Pins]]:
        """All inputs that it names, each with its role."""
        constant = ((f"constants.{pins}", pins) for pins, _ in self.constants)
        return [*self.steering.items(), ("a", self.a), ("w", self.w), *constant]

    def operand(self, name: str) -> Pins:
        """Return the pins of ``a`` or ``w``."""
        return {"a": self.a, "w": self.w}[name]


def read_map(path: Path, ports: Mapping[str, Port]) -> PortMap:
    """Return the map of a file, for a module of these ports.

    Raises
    ------
    UserError
        If it cannot be read, names what is not there, leaves an input without a meaning, or
        contradicts itself.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"map {path} could not be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"map {path} must be TOML: {error}") from None
    try:
        return map_of(given, ports)
    except UserError as error:
        raise UserError(f"map {path}: {error}") from None


def map_of(given: Mapping[str, Any], ports: Mapping[str, Port]) -> PortMap:
    """Return the map of a table; see `read_map`."""
    needed = (*OPERANDS, "result", "signed", "latency")
    _check_keys("", given, (*STEERING, *needed, "first_delay", "msb_first", "modes", "constants"))
    for key in needed:
        if key not in given:
            raise UserError(f"{key} must be given")
    pins = {
        role: Pins.parse(role, given[role], ports, is_input=True)
        for role in (*STEERING, *OPERANDS)
        if role in given
    }
    found = PortMap(
        steering={role: pins[role] for role in STEERING if role in pins},
        a=pins["a"], w=pins["w"],
        result=Pins.parse("result", given["result"], ports, is_input=False),
        signed=_operands("signed", given["signed"]),
        latency=check_int("latency", given["latency"], range(MAX_CYCLES + 1)),
        first_delay=check_int("first_delay", given.get("first_delay", 0), range(MAX_CYCLES + 1)),
        msb_first=_operands("msb_first", given.get("msb_first", [])),
        modes=_modes(given.get("modes", {}), pins["a"], pins["w"]),
        constants=tuple(_constants(given.get("constants", {}), ports)),
    )  # fmt: skip
    _check_inputs(found, ports)
    _check_modes(found)
    return found


def _modes(given: object, a: Pins, w: Pins) -> dict[Mode, MappedMode]:
    if not isinstance(given, dict):
        raise UserError(f"modes must be a table, not {given!r}")
    if not given:
        return {Mode(act_bits=a.width, weight_bits=w.width): MappedMode()}
    return {Mode.parse(name): MappedMode.read(name, one) for name, one in given.items()}


def _operands(key: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not set(map(str, given)) <= set(OPERANDS):
        raise UserError(f'{key} must be a list of some of "a" and "w", not {given!r}')
    return tuple(given)


def _constants(given: object, ports: Mapping[str, Port]) -> Iterable[tuple[Pins, int]]:
    if not isinstance(given, dict):
        raise UserError(f"constants must be a table, not {given!r}")
    for name, value in given.items():
        pins = Pins.parse("a constant", name, ports, is_input=True)
        yield pins, check_int(f"constants.{name}", value, range(1 << pins.width))


def _check_keys(table: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            whose = f"keys of {table}" if table else "keys"
            raise UserError(f"{whose} must be {', '.join(known)}, not {key!r}; "
                            f"{nearest(key, known)}")  # fmt: skip


def _check_inputs(found: PortMap, ports: Mapping[str, Port]) -> None:
    """Refuse inputs with two meanings, or with none."""
    meant: dict[tuple[str, int], str] = {}
    for role, pins in found.inputs:
        for bit in pins.bits:
            other = meant.setdefault((pins.port, bit), role)
            if other != role:
                raise UserError(f"{pins.port}[{bit}] must have one meaning, not {other} and {role}")
    for name, port in ports.items():
        bare = [bit for bit in range(port.width) if (name, bit) not in meant]
        if port.is_input and bare:
            what = name if len(bare) == port.width else f"{name}[{bare[0]}]"
            raise UserError(
                f"inputs must have a role, or a value in constants, which {what} has not"
            )
    for role, pins in found.steering.items():
        if role != "mode" and pins.width > 1:
            raise UserError(f"{role} must be a single bit, not {pins}")


def _check_modes(found: PortMap) -> None:
    """Refuse modes that the pins have no room for."""
    values = [mode.value for mode in found.modes.values()]
    pins = found.steering.get("mode")
    if pins and (max(values) >= 1 << pins.width or len(set(values)) < len(values)):
        raise UserError(f"modes must have values of their own in {pins.width} bits, not {values}")
    if not pins and len(values) > 1 and any(mode.lanes > 1 for mode in found.modes.values()):
        raise UserError("mode must be given where modes differ in lanes")
    for precision, mode in found.modes.items():
        bits = {"a": precision.act_bits, "w": precision.weight_bits}
        for name in OPERANDS:
            have, want = found.operand(name).width, mode.lanes * bits[name]
            serial = mode.lanes == 1 and mode.cycles > 1
            if want > have and not (serial and want <= have * mode.cycles):
                raise UserError(
                    f"{name} must have {want} bits in mode {precision}, not {have}: "
                    f"{mode.lanes} lanes, {mode.cycles} cycles"
                )
        slots = mode.lanes if mode.sums == APART else 1
        if found.result.width % slots:
            raise UserError(
                f"result must have a multiple of {slots} bits in mode {precision}, "
                f"not {found.result.width}"
            )
