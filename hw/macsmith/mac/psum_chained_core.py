"""A core whose accumulator is a link of a chain: sums come in, and leave with a product more."""

from collections.abc import Mapping

from amaranth import Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from macsmith.mac.clock_gated_register import Registers
from macsmith.mac.core import ParallelCore, Spec


class Chained(ParallelCore[Spec]):
    """What a style's core inherits, before its own class, to be a link: ``acc = sum_in + product``.

    Members
    -------
    sum_in : In(spec.acc_width)
        What the product is added to, at its stage; in place of ``first``.
    """

    sum_in: Signal

    @property
    def kept_ports(self) -> Mapping[str, wiring.Member]:
        return {"sum_in": In(self.spec.acc_width)}

    def kept(self, acc: Registers) -> Value:
        return self.sum_in
