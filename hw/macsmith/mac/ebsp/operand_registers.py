"""Operand registers of an EBSP unit: the weights' hold codes, made on the way in."""

from amaranth import Cat, Module, Value

from macsmith.mac.ebsp.spec import EbspSpec
from macsmith.mac.ebsp.weight_steering import kept
from macsmith.mac.operand_registers import ParallelFeeder, split


class EbspFeeder(ParallelFeeder):
    """Takes two's complement apart with ``steering=load``, else keeps weights as they come."""

    def kept_weight(self, m: Module) -> Value:
        spec = self.spec
        assert isinstance(spec, EbspSpec)
        width = spec.weight_field_bits(spec.modes[0])
        return Cat(kept(m, split(self.weight_in, width), spec))
