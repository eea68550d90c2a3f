"""What dataflows and layouts read of an array: sizes, MACs, and the operands of a beat."""

from typing import Protocol

from macsmith.array.array_mac import ArrayMac
from macsmith.array.sparsity import Blocks, Sparsity
from macsmith.contract.modes import Mode


class Geometry(Blocks, Protocol):
    """An array of ``rows x cols`` PEs: see `macsmith.array.spec.SystolicSpec`."""

    @property
    def rows(self) -> int: ...

    @property
    def cols(self) -> int: ...

    @property
    def a(self) -> int: ...

    @property
    def c(self) -> int: ...

    @property
    def depth(self) -> int: ...

    @property
    def acc_width(self) -> int: ...

    @property
    def sums_of_beat(self) -> int: ...

    @property
    def sum_width(self) -> int: ...

    @property
    def scales(self) -> int: ...

    @property
    def result_latency(self) -> int: ...

    @property
    def mac(self) -> ArrayMac: ...

    @property
    def zeros(self) -> Sparsity: ...

    @property
    def weight_pes(self) -> int: ...

    def act_lanes(self, mode: Mode) -> int:
        """Return the activations of a beat."""

    def weight_lanes(self, mode: Mode) -> int:
        """Return the weights of a beat."""

    def products(self, mode: Mode) -> int:
        """Return the products of a beat."""


def ceil_div(number: int, divisor: int) -> int:
    """Return the quotient, rounded up."""
    return -(-number // divisor)
