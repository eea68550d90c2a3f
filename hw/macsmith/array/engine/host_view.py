"""The engine's registers as a host sees them, for register maps and headers."""

from enum import IntFlag

from macsmith.array.engine.axi_lite_registers import WRITTEN
from macsmith.array.engine.register_map import (
    COUNTERS,
    ERROR_SHIFT,
    MODE_SHIFT,
    Control,
    Error,
    Flags,
    Register,
    Status,
    constant_fields,
    counter_address,
)
from macsmith.array.engine.spec import EngineSpec
from macsmith.contract.host_registers import HostRegister, RegisterField

_WORD = 32
_BYTE = 8


def host_registers(spec: EngineSpec) -> tuple[HostRegister, ...]:
    """Return all registers by address, the counters last."""
    error = RegisterField(
        "error", ERROR_SHIFT, _BYTE, "why a job was refused or stopped",
        codes={one.name: one.value for one in Error},
    )  # fmt: skip
    mode = RegisterField("mode", MODE_SHIFT, _BYTE, "index of the precision")
    found = [
        HostRegister("CONTROL", Register.CONTROL, "write", _bits(Control), "begins what is named"),
        HostRegister("STATUS", Register.STATUS, "read", (*_bits(Status), error), "the state"),
        HostRegister("FLAGS", Register.FLAGS, "both", (*_bits(Flags), mode), "of the next job"),
    ]
    found += [
        HostRegister(one.name, one, "both", (RegisterField("value", 0, _WORD),), "of the next job")
        for one in WRITTEN
        if one is not Register.FLAGS
    ]
    found += [
        HostRegister(one.name, one, "read", fields, "a parameter of the engine")
        for one, fields in constant_fields(spec).items()
    ]
    found += [
        HostRegister(
            name.upper(), counter_address(name), "read", (RegisterField("count", 0, _WORD),),
            "counts from reset, modulo 2^32",
        )
        for name in COUNTERS
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.address))


def _bits(flags: type[IntFlag]) -> tuple[RegisterField, ...]:
    return tuple(RegisterField(str(one.name).lower(), one.value.bit_length() - 1) for one in flags)
