"""Operands like those of a layer: so many bits, so many zeros.

    LayerOperands(act_bits=5, weight_bits=7, act_zeros=0.3).parts("subword-sa", spec, mode)

An operand of fewer bits than the mode is the same number in more bits: an unsigned one has zeros
above it, a signed one copies of its sign. Apart from its share of zeros an operand is uniformly
random among the other values of its bits; without a share, among all of them. Zeros fall
independently of each other. No unit here skips them: what they save is what they let stand still.

Dot products whose terms fill few beats are as long as those of the layer, and what they do not fill
of their last beat is zero in both operands.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import operand_range
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s
from macsmith.networks.layer_tables.layers import Layer, least_modes
from macsmith.operands.batches import Batch, mac_batch
from macsmith.operands.layer_batches import LaneOrder
from macsmith.operands.stimulus import ProductMaker, no_products


@dataclass(frozen=True)
class LayerOperands:
    """Random operands of given bits and shares of zeros, accumulators cleared every ``length``.

    Dot products of ``terms``, if given, that take fewer beats than ``length`` end with the last of
    these.
    """

    act_bits: int
    weight_bits: int
    act_zeros: float | None = None
    weight_zeros: float | None = None
    terms: int | None = None
    beats: int = 4_000
    length: int = 50
    seed: int = 1

    def __post_init__(self) -> None:
        if self.length < 1 or self.beats < self.length:
            raise UserError(
                f"a stimulus must hold at least one accumulation, not {self.beats} beats "
                f"in accumulations of {self.length}"
            )

    @classmethod
    def of(cls, layer: Layer) -> "LayerOperands":
        """Return the operands of a layer, zeros to a whole per cent, so that layers share runs."""
        act_zeros, weight_zeros = (
            None if share is None else round(share, 2)
            for share in (layer.act_sparsity, layer.weight_sparsity)
        )
        terms = None if layer.product is None else layer.product.k
        return cls(layer.act_bits, layer.weight_bits, act_zeros, weight_zeros, terms)

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        shares = ((self.act_bits, self.act_zeros), (self.weight_bits, self.weight_zeros))
        act, weight = (
            f"{bits} bits" + ("" if zeros is None else f" with {zeros:.0%} zeros")
            for bits, zeros in shares
        )
        terms = "" if self.terms is None else f", dot products of {self.terms}"
        return (
            f"activations of {act}, weights of {weight}, {self.beats} beats, "
            f"cleared every {self.length}{terms}, seed {self.seed}"
        )

    def check(self, name: str, spec: Any) -> None:
        """See `Stimulus.check`; modes that do not hold a layer are left out."""

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `Stimulus.parts`; empty unless the mode may be the cheapest."""
        if spec.modes[mode] not in least_modes(spec.modes, self.act_bits, self.weight_bits):
            return []
        rng = np.random.default_rng([self.seed, mode])
        model, precision = golden(name, spec), spec.modes[mode]
        order, lanes = LaneOrder.of(model, precision), model.lanes(precision)
        length = self.length
        if self.terms is not None:
            length = min(length, order.beats(self.terms))
        shape = self.beats // length, length
        acts = drawn(
            rng, operand_range(self.act_bits, spec.act_signed), self.act_zeros, (*shape, lanes.acts)
        )
        weights = drawn(
            rng, operand_range(self.weight_bits, spec.weight_signed), self.weight_zeros,
            (*shape, lanes.weights),
        )  # fmt: skip
        if self.terms is not None:
            first = np.arange(length)[:, np.newaxis] * order.terms
            acts[:, first + order.act_terms >= self.terms] = 0
            weights[:, first + order.weight_terms >= self.terms] = 0
        return [(1.0, mac_batch(self.label, mode, acts, weights))]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """Raise a sentence: layers are statistics, which no array can multiply."""
        raise no_products(self.label)


def drawn(
    rng: np.random.Generator,
    limits: tuple[int, int],
    zeros: float | None,
    shape: tuple[int, ...],
) -> Int64s:
    """Return uniform values within limits, or zeros of a given share and uniform ones besides."""
    low, high = limits
    if zeros is None:
        return rng.integers(low, high, shape, endpoint=True)
    # Values above zero move up by one in place of zero.
    values = rng.integers(low, high, shape)
    values += values >= 0
    return np.where(rng.random(shape) < zeros, 0, values)
