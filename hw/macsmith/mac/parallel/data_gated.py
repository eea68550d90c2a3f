"""The conventional MAC: one full multiplier, narrow operands gated to its top bits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from amaranth import Module, Value

from macsmith.arith.bit_heap import BitHeap, Rows
from macsmith.arith.booth_rows import Alive, add_booth_product, reach_of, rows_of
from macsmith.arith.partial_products import add_product
from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.unit import LATER
from macsmith.mac.core import ParallelCore
from macsmith.mac.parameters import WIDTHS
from macsmith.mac.spec import MacSpec

RECODINGS = ("none", "booth")
"""Rows of a multiplier: one a bit of the weight, or one a digit of Booth's radix 4."""

MAX_SUM = 64
"""Most bits of an accumulator of operands that are wider than those of other styles."""

STALLS = ("any", "none")
"""What a result that waits stops: the whole pipeline by enables, or nothing, as it has a queue."""


@dataclass(frozen=True, kw_only=True)
class WholeOperandsSpec(MacSpec):
    """One product a cycle in every mode: a narrow operand is aligned to the top, with zeros below.

    The result comes out shifted left by the bits left out.
    """

    clock_gating: str = "none"

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return msb_aligned(1, mode.act_bits, self.act_width, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return msb_aligned(1, mode.weight_bits, self.weight_width, self.weight_width)

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(range(self.acc_width - self.acc_bits(mode), self.acc_width))

    @property
    def sum_width(self) -> int:
        """Bits of the sum of a beat's products."""
        return self.act_width + self.weight_width + self.growth

    @property
    def product_width(self) -> int:
        return self.sum_width

    @property
    def acc_width(self) -> int:
        return self.sum_width + self.headroom

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        """Return the bits of the result; those below get zeros, and may keep what they have."""
        return self.slot_source(mode)


@dataclass(frozen=True, kw_only=True)
class DataGatedSpec(WholeOperandsSpec):
    """Data gating: a narrow operand is aligned to the top, its low bits are zero and do not toggle.

    As published the registers have no clock gates; with them the accumulator's idle bits stop.
    Camus et al. (JETCAS 2019), "conventional".

    Parameters
    ----------
    recoding:
        What rows the multiplier has, one of `RECODINGS`.
    stall:
        Where a result waits that nobody takes, one of `STALLS`.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    recoding: str = field(default="none", metadata=LATER)
    stall: str = field(default="any", metadata=LATER)

    summary = "one full multiplier; narrow operands leave its low bits idle"

    widths: ClassVar[range] = range(2, 33)

    own_kinds: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Booth": {"recoding": "booth"},
        "Booth, 12 bits": {"recoding": "booth", "act_width": 12, "weight_width": 12},
        "Booth, odd widths": {"recoding": "booth", "act_width": 7, "weight_width": 5},
        "Booth, odd weight, both signed": {
            "recoding": "booth", "act_width": 9, "weight_width": 3, "act_signed": True,
        },
        "Booth, wide weight, both unsigned": {
            "recoding": "booth", "act_width": 6, "weight_width": 11, "weight_signed": False,
        },
        "Booth, signed activation": {
            "recoding": "booth", "act_width": 5, "act_signed": True, "weight_signed": False,
        },
        "Booth, one stage": {"recoding": "booth", "stages": 1, "headroom": 0, "length": 2},
        "Booth, by cells": {
            "recoding": "booth", "timing": "cells", "full_adder": "mixed", "clock_gating": "enable",
        },
        "Booth, operators": {"recoding": "booth", "arith": "operators"},
        "majority gates, one stage": {
            "timing": "cells", "full_adder": "majority", "stages": 1, "length": 2,
        },
        "24 bits, Booth": {"recoding": "booth", "act_width": 24, "weight_width": 24},
        "32 bits": {"act_width": 32, "weight_width": 32, "headroom": 0, "weight_signed": False},
        "no stalls": {"stall": "none"},
        "no stalls, one stage": {
            "stall": "none", "stages": 1, "headroom": 0, "rows": 2, "act_width": 4,
            "weight_width": 4,
        },
        "no stalls, Booth": {"stall": "none", "recoding": "booth", "act_signed": True},
        "ripple by cells": {"timing": "cells", "adder": "ripple", "full_adder": "mixed"},
    }  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("recoding", self.recoding, RECODINGS)
        if max(self.act_width, self.weight_width) > WIDTHS[-1] and self.acc_width > MAX_SUM:
            raise UserError(
                f"headroom must leave sums of at most {MAX_SUM} bits where an operand has more "
                f"than {WIDTHS[-1]}, not {self.headroom} for {self.acc_width} bits"
            )
        check_choice("stall", self.stall, STALLS)
        if self.free_running and self.clock_gating != "none":
            raise UserError(
                "clock_gating must be none where stall is none, as nothing stops a register there, "
                f"not {self.clock_gating!r}"
            )

    def same_function(self) -> Iterable[Mapping[str, Any]]:
        for form in ({}, *super().same_function()):
            yield form
            yield {**form, "recoding": "booth"}

    @property
    def free_running(self) -> bool:
        return self.stall == "none"

    @property
    def recodes_weight(self) -> bool:
        """Whether Booth's digits are those of the weight: the operand that leaves fewer bits."""
        return self._row_bits("weight", "act") <= self._row_bits("act", "weight")

    def _row_bits(self, multiplier: str, multiplicand: str) -> int:
        rows = rows_of(getattr(self, f"{multiplier}_width"), getattr(self, f"{multiplier}_signed"))
        return rows * (int(getattr(self, f"{multiplicand}_width")) + 2)

    @property
    def product_width(self) -> int:
        if self.recoding == "none":
            return self.sum_width
        # The constants of recoded rows may reach further down than the product.
        recoded, other = ("weight", "act") if self.recodes_weight else ("act", "weight")
        reach = self.length * reach_of(
            getattr(self, f"{other}_width"), getattr(self, f"{recoded}_width"),
            multiplicand_signed=getattr(self, f"{other}_signed"),
            multiplier_signed=getattr(self, f"{recoded}_signed"),
        )  # fmt: skip
        return max(self.sum_width, 1 + (reach - 1).bit_length())

    def multiplicand_bits(self, mode: Mode) -> int:
        """Return how many bits of what is not recoded a mode uses."""
        return mode.act_bits if self.recodes_weight else mode.weight_bits

    def multiplicand_modes(self) -> dict[int, frozenset[Mode]]:
        """Return the modes by how many bits of what is not recoded they use."""
        return {
            bits: frozenset(mode for mode in self.modes if self.multiplicand_bits(mode) == bits)
            for bits in sorted({self.multiplicand_bits(mode) for mode in self.modes})
        }

    def multiplicand_alive(self, bits: int) -> frozenset[Mode]:
        """Return the modes that use so many bits of what is not recoded, or more."""
        return frozenset(mode for mode in self.modes if self.multiplicand_bits(mode) >= bits)

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        if self.recoding == "none":
            return ()
        used = self.multiplicand_modes()
        return self.distinct([*used.values(), *map(self.multiplicand_alive, used)])


class DataGated(ParallelCore[DataGatedSpec]):
    """Core of the conventional MAC: a Baugh-Wooley matrix, or Booth's rows, in one heap."""

    def multiply(self, m: Module) -> Rows:
        heap = self.heap(m, self.spec.product_width, "pp", leaves=True)
        for index, (act, weight) in enumerate(self.elements()):
            if self.spec.recoding == "booth":
                self._add_recoded(heap, f"booth{index}", act, weight)
            else:
                add_product(
                    heap,
                    act,
                    weight,
                    act_sign=self.spec.act_signed,
                    weight_sign=self.spec.weight_signed,
                )
        if self.spec.stages == 1:
            return heap.pending()
        # Up to the matrix's longest column a ripple keeps pace with the reduction.
        return heap.rows(min(self.spec.act_width, self.spec.weight_width) - 1)

    def _add_recoded(self, heap: BitHeap, name: str, act: Value, weight: Value) -> None:
        """Add a product by rows of Booth's digits; bits that a mode leaves idle rest."""
        spec = self.spec
        operands = {"act": act, "weight": weight}
        recoded, other = ("weight", "act") if spec.recodes_weight else ("act", "weight")
        width = len(operands[other])
        used = spec.multiplicand_modes()
        alive = Alive(
            [self.when(spec.multiplicand_alive(width - place)) for place in range(width)],
            [(width - bits, self.when(modes)) for bits, modes in used.items()],
        )
        add_booth_product(
            heap,
            name,
            operands[other],
            operands[recoded],
            multiplicand_signed=getattr(spec, f"{other}_signed"),
            multiplier_signed=getattr(spec, f"{recoded}_signed"),
            alive=alive,
        )
