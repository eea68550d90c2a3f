"""What an engine's registers read and answer while no operand comes, and accesses to try them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.array.engine.register_map import (
    ADDRESS_BITS,
    COUNTERS,
    ERROR_SHIFT,
    MODE_SHIFT,
    Control,
    Error,
    Register,
    Status,
    constants,
    counter_address,
)
from macsmith.array.engine.spec import MAX_SIZE

SETTINGS = (Register.FLAGS, Register.M, Register.K, Register.N, Register.PASSES)
"""Registers that keep what is written, in the order of `macsmith.matmul.engine_jobs.settings`."""

OKAY, SLVERR = 0, 2
"""Responses: an access had an effect, or had none."""

MODE_BITS = 8
"""Bits of the mode in FLAGS."""

ALL = (1 << 32) - 1
"""All bits of a word; as strobes all of its bytes."""

WAITING = ("cycles", "starved")
"""Counters that go on while a job waits for operands."""


class RegisterModel:
    """Words by address, and a job that waits for operands from its start to a reset."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.words = {int(address): value for address, value in constants(spec).items()}
        self.words |= {counter_address(name): 0 for name in COUNTERS}
        self.words |= {int(one): 0 for one in (*SETTINGS, Register.CONTROL, Register.STATUS)}
        self.busy = self.counted = False
        self.error = Error.NONE

    def write(self, address: int, data: int, strobes: int) -> int:
        """Write the bytes of a word whose strobes are up; return the response."""
        mask = sum(0xFF << 8 * byte for byte in range(4) if strobes >> byte & 1)
        if address == Register.CONTROL:
            return self._control(data & mask)
        if address not in map(int, SETTINGS):
            return SLVERR
        self.words[address] = data & mask | self.words[address] & ~mask
        return OKAY

    def read(self, address: int) -> tuple[int, int, int]:
        """Return a word, which of its bits are known, and the response."""
        if address == Register.STATUS:
            return Status.BUSY * self.busy | self.error << ERROR_SHIFT, ALL, OKAY
        if address not in self.words:
            return 0, ALL, SLVERR
        runs = self.counted and address in map(counter_address, WAITING)
        return self.words[address], 0 if runs else ALL, OKAY

    def _control(self, written: int) -> int:
        if written & Control.RESET:
            self.busy = self.counted = False
            self.error = Error.NONE
        elif written & Control.START:
            if self.busy:
                return SLVERR
            self.error = self._refused()
            self.busy = not self.error
            self.counted |= self.busy
        return OKAY

    def _refused(self) -> Error:
        """Return why the job that is written cannot start."""
        flags, *sizes, passes = (self.words[register] for register in SETTINGS)
        if not all(1 <= size <= MAX_SIZE for size in sizes):
            return Error.SIZE
        if not 1 <= passes <= self.spec.max_passes:
            return Error.PASSES
        mode = flags >> MODE_SHIFT & (1 << MODE_BITS) - 1
        return Error.NONE if mode < len(self.spec.points) else Error.MODE


def illegal(spec: Any) -> Iterator[tuple[dict[str, int], Error]]:
    """Yield what makes a job illegal, each way alone: every bit above a limit counts."""
    high = [1 << bit for bit in range(MAX_SIZE.bit_length(), 32)]
    for name in ("M", "K", "N"):
        yield from (({name: size}, Error.SIZE) for size in (0, MAX_SIZE + 1, *high, ALL))
    most = spec.max_passes
    above = [1 << bit for bit in range(most.bit_length(), 32)]
    yield from (({"PASSES": passes}, Error.PASSES) for passes in (0, most + 1, *above))
    first = len(spec.points)
    modes = {first, (1 << MODE_BITS) - 1, *(1 << bit for bit in range(MODE_BITS))}
    yield from (({"FLAGS": mode << MODE_SHIFT}, Error.MODE) for mode in modes if mode >= first)


def accesses(spec: Any, rng: np.random.Generator) -> NDArray[np.uint32]:
    """Return accesses and their answers, as ``register_host.h`` takes them.

    Starts of jobs that are legal, among them those at a limit, and of such as are not, each way
    alone; between them reads and writes anywhere, of any bytes.
    """
    model = RegisterModel(spec)
    rows: list[tuple[int, ...]] = []
    known = [*model.words]

    def write(address: int, data: int, strobes: int = 15) -> None:
        resets = model.busy
        rows.append((1, address, data, strobes, 0, model.write(address, data, strobes)))
        if resets and not model.busy:
            # A start in the very next cycle would meet a job that is yet to end.
            read(Register.STATUS)

    def read(address: int) -> None:
        word, mask, answer = model.read(address)
        rows.append((0, address, word, 0, mask, answer))

    def anywhere() -> int:
        return int(
            rng.choice(known) if rng.random() < 0.5 else rng.integers(1 << ADDRESS_BITS) & ~3
        )

    legal = {"FLAGS": 0, "M": 1, "K": 2, "N": 3, "PASSES": 1}
    most = {"M": MAX_SIZE, "K": MAX_SIZE, "N": MAX_SIZE, "PASSES": spec.max_passes}
    modes = [{"FLAGS": mode << MODE_SHIFT | 31} for mode in range(len(spec.points))]
    tried = [{}, most, *modes, *({name: size} for name, size in most.items())]
    for change in [*tried, *(change for change, _ in illegal(spec))]:
        for name, value in (legal | change).items():
            write(Register[name], value)
        for _ in range(2):
            # The second time it may be under way.
            write(Register.CONTROL, Control.START)
            read(Register.STATUS)
        for _ in range(6):
            strobes = int(rng.integers(16))
            address = anywhere()
            write(address, int(rng.integers(ALL, endpoint=True)), strobes)
            read(anywhere())
        for register in SETTINGS:
            read(register)
        write(Register.CONTROL, (Control.RESET, 0, Control.RESET | Control.START)[rng.integers(3)])
        read(anywhere())
        read(Register.STATUS)
    for address in range(0, 1 << ADDRESS_BITS, 4):
        read(address)
    return np.array(rows, np.uint32)
