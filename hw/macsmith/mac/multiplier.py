"""A core's multiplier by itself: operands in, the product as one word out, no register."""

from typing import TypeVar

from amaranth import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from macsmith.mac.core import MacCore, ParallelCore
from macsmith.mac.parallel.data_gated import WholeOperandsSpec

Spec = TypeVar("Spec", bound=WholeOperandsSpec)

_OPERANDS = ("act", "weight")


class WholeProduct(ParallelCore[Spec]):
    """Core of a style whose product is one number in all modes."""

    def product(self, m: Module) -> Value:
        """Return a beat's product as one word; the specification has one stage."""
        heap = self.heap(m, self.spec.sum_width, "product", leaves=True)
        heap.add_rows(self.multiply(m))
        return heap.sum()


class ProductPorts(MacCore[Spec]):
    """What a core inherits, before its own class, to give products.

    Members
    -------
    act, weight : In
        As the core's.
    result : Out(spec.rows * spec.sum_width)
        The products, row 0 lowest; in place of the accumulators.
    """

    clocked = False

    result: Signal

    @property
    def ports(self) -> dict[str, wiring.Member]:
        ports = {name: port for name, port in super().ports.items() if name in _OPERANDS}
        return ports | {"result": Out(self.spec.rows * self.spec.sum_width)}


class Multiplier(ProductPorts[Spec], WholeProduct[Spec]):
    """The same of a core of one row."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.result.eq(self.product(m))
        return m
