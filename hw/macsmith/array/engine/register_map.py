"""The engine's registers: addresses, bits and error codes, for the hardware and for its drivers."""

from enum import IntEnum, IntFlag

from macsmith.array.engine.spec import EngineSpec
from macsmith.array.sparsity import SPARSITIES
from macsmith.contract.host_registers import RegisterField

IDENTITY = 0x4D534531
"""What register ID reads: MSE1."""

ADDRESS_BITS = 8
"""Bits of an address; registers are words of four bytes."""


class Register(IntEnum):
    """Addresses."""

    ID = 0x00
    CONTROL = 0x04
    STATUS = 0x08
    FLAGS = 0x0C
    M = 0x10
    K = 0x14
    N = 0x18
    PASSES = 0x1C
    TILE = 0x20
    STEP = 0x24
    BLOCK = 0x28
    WIDTHS = 0x2C
    KINDS = 0x30
    ACT_DEPTH = 0x34
    WEIGHT_DEPTH = 0x38
    CHANNEL_DEPTH = 0x3C
    COUNTERS = 0x40


class Control(IntFlag):
    """Bits of CONTROL, which are written."""

    START = 1
    RESET = 2


class Flags(IntFlag):
    """Bits of FLAGS; bits 15 to 8 hold the mode."""

    RAW = 1
    HOLD_ACTS = 2
    HOLD_WEIGHTS = 4
    HOLD_CHANNELS = 8
    KEEP = 16


MODE_SHIFT = 8
"""Lowest bit of the mode in FLAGS."""


class Status(IntFlag):
    """Bits of STATUS; bits 15 to 8 hold the error."""

    BUSY = 1
    DONE = 2


ERROR_SHIFT = 8
"""Lowest bit of the error in STATUS."""


class Error(IntEnum):
    """Error codes. The first ones refuse a job, those from `CAPACITY` on stop one."""

    NONE = 0
    SIZE = 1
    PASSES = 2
    MODE = 3
    CAPACITY = 4
    ACT_FRAMING = 5
    WEIGHT_FRAMING = 6
    CHANNEL_FRAMING = 7
    INDEX = 8


COUNTERS = (
    "cycles", "steps", "starved", "blocked", "act_writes", "act_reads", "weight_writes",
    "weight_reads", "channel_writes", "channel_reads", "result_beats",
)  # fmt: skip
"""Counters in order, from `Register.COUNTERS` on; all count from reset, modulo 2^32."""


def counter_address(name: str) -> int:
    """Return the address of a counter."""
    return Register.COUNTERS + 4 * COUNTERS.index(name)


def constant_fields(spec: EngineSpec) -> dict[Register, tuple[RegisterField, ...]]:
    """Return the fields of the registers that tell an engine's parameters."""
    array, mac = spec.array, spec.array.mac
    kept = {
        Register.ID: {"id": (0, 32, IDENTITY)},
        Register.TILE: {"rows": (0, 16, spec.tile_rows), "cols": (16, 16, spec.tile_cols)},
        Register.STEP: {"b": (0, 8, array.b), "c": (8, 8, array.c), "lanes": (16, 16, array.lanes)},
        Register.BLOCK: {
            "block": (0, 8, array.block),
            "nonzeros": (8, 8, array.nonzeros),
            "out_lanes": (16, 16, spec.out_lanes),
        },
        Register.WIDTHS: {
            "act": (0, 8, mac.act_width),
            "weight": (8, 8, mac.weight_width),
            "acc": (16, 8, array.acc_width),
            "out": (24, 8, spec.out_width),
        },
        Register.KINDS: {
            "act_signed": (0, 1, int(mac.act_signed)),
            "weight_signed": (1, 1, int(mac.weight_signed)),
            "out_signed": (2, 1, int(spec.out_signed)),
            "sparsity": (8, 8, SPARSITIES.index(array.sparsity)),
            "modes": (16, 16, len(mac.modes)),
        },
        Register.ACT_DEPTH: {"words": (0, 32, spec.act_depth)},
        Register.WEIGHT_DEPTH: {"words": (0, 32, spec.weight_depth)},
        Register.CHANNEL_DEPTH: {"words": (0, 32, spec.channel_depth)},
    }
    return {
        register: tuple(
            RegisterField(name, low, bits, value=value)
            for name, (low, bits, value) in fields.items()
        )
        for register, fields in kept.items()
    }


def constants(spec: EngineSpec) -> dict[Register, int]:
    """Return what the registers read that tell an engine's parameters."""
    return {
        register: sum((one.value or 0) << one.low for one in fields)
        for register, fields in constant_fields(spec).items()
    }
