"""The MAC that anyone would write: ``acc + a * b`` at the ports of our `data-gated` core."""

from amaranth import Module, Signal, Value

from macsmith.arith.bit_heap import Rows
from macsmith.mac.parallel.data_gated import DataGated


class OperatorMac(DataGated):
    """Core of the conventional MAC in operators, for an unsigned activation, a signed weight."""

    def multiply(self, m: Module) -> Rows:
        product = Signal(self.spec.product_width)
        m.d.comb += product.eq(self.act * self.weight.as_signed())
        return Rows.of(product)

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        word = Signal(self.spec.product_width)
        total = Signal(self.spec.acc_width)
        m.d.comb += [
            bit.eq(column[0].value) for bit, column in zip(word, product.columns, strict=True)
        ]
        m.d.comb += total.eq(kept + word.as_signed())
        return total
