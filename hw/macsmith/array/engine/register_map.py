"""The engine's registers: addresses, bits and error codes, for the hardware and for its drivers."""

from enum import IntEnum, IntFlag

from macsmith.array.engine.spec import EngineSpec
from macsmith.array.sparsity import SPARSITIES

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


def constants(spec: EngineSpec) -> dict[Register, int]:
    """Return what the registers read that tell an engine's parameters."""
    array, mac = spec.array, spec.array.mac
    kinds = mac.act_signed | mac.weight_signed << 1 | spec.out_signed << 2
    return {
        Register.ID: IDENTITY,
        Register.TILE: spec.tile_rows | spec.tile_cols << 16,
        Register.STEP: array.b | array.c << 8 | array.lanes << 16,
        Register.BLOCK: array.block | array.nonzeros << 8 | spec.out_lanes << 16,
        Register.WIDTHS: mac.act_width
        | mac.weight_width << 8
        | array.acc_width << 16
        | spec.out_width << 24,
        Register.KINDS: kinds | SPARSITIES.index(array.sparsity) << 8 | len(mac.modes) << 16,
        Register.ACT_DEPTH: spec.act_depth,
        Register.WEIGHT_DEPTH: spec.weight_depth,
        Register.CHANNEL_DEPTH: spec.channel_depth,
    }
