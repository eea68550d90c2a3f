"""A network's layers as accumulations of a MAC unit: dot products laid out in its lanes.

A unit that sums lanes takes several terms of one dot product in a beat; one that keeps them apart
works on several outputs at once. What fills no lane is padding: terms that are zero, and outputs
that are made twice. It takes its energy and its cycles, and nobody asked for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.golden.mac_model import MacModel
from macsmith.host.int64s import Int64s
from macsmith.networks.digits import QuantisedNetwork
from macsmith.networks.layer_tables.layers import MatrixProduct
from macsmith.operands.batches import Batch, mac_batch


def layer_batches(
    model: MacModel,
    network: QuantisedNetwork,
    mode: int,
    images: Int64s,
    limit: int | None = None,
    seed: int = 1,
) -> Iterator[Batch]:
    """Yield one batch for each layer: its dot products, or a random ``limit`` of them.

    Parameters
    ----------
    model:
        The golden model of the unit.
    network:
        The network, quantised to the mode's widths.
    mode:
        Index of the mode in ``spec.modes``.
    images:
        Input images, shape (n, 8, 8).
    """
    rng = np.random.default_rng(seed)
    for index, layer in enumerate(network.layers):
        batch = laid_out(model, f"layer {layer.name}", mode, *network.gemm(index, images))
        if limit is not None and limit < batch.packets:
            batch = batch.chosen(rng.choice(batch.packets, limit, replace=False))
        yield batch


def laid_out(model: MacModel, label: str, mode: int, acts: Int64s, weights: Int64s) -> Batch:
    """Return all dot products of ``acts @ weights.T`` as accumulations, as `LaneOrder` has them.

    Parameters
    ----------
    acts, weights:
        Shapes (m, k) and (n, k).
    """
    order = LaneOrder.of(model, model.spec.modes[mode])
    product = MatrixProduct(len(acts), len(weights), acts.shape[1])
    rows, columns = order.outputs(product)
    return mac_batch(
        label, mode,
        order.taken(acts, rows, order.act_terms), order.taken(weights, columns, order.weight_terms),
        order.useful(product),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class LaneOrder:
    """Which output, and which term of its dot product, each lane takes in a beat.

    An accumulation makes a patch of ``rows`` x ``columns`` outputs, or, where lanes are ``pairs``,
    so many patches side by side, one after the other in the order of their outputs.

    Members
    -------
    terms:
        Of one dot product in a beat.
    rows, columns:
        Of activations and of weights that meet in a patch, each with each.
    pairs:
        Patches of an accumulation.
    act_terms, weight_terms:
        By lane, the term.
    act_places, weight_places:
        By lane, the patch of the accumulation, and the row or the column in it.
    """

    terms: int
    rows: int
    columns: int
    pairs: int
    act_terms: Int64s
    weight_terms: Int64s
    act_places: tuple[Int64s, Int64s]
    weight_places: tuple[Int64s, Int64s]

    @classmethod
    def of(cls, model: MacModel, mode: Any) -> "LaneOrder":
        """Return the order of a unit in a mode."""
        one, summed = model.element(mode), model.summed(mode)
        elements, unit_rows = model.spec.length, model.spec.rows
        if one.acts == one.weights == one.slots * summed:  # lane k multiplies its own pair
            pairs, act_rows, columns = one.slots, 1, 1
        else:  # every activation of an element meets every weight
            pairs, act_rows, columns = 1, one.acts, one.weights
        # Lanes count elements, pairs, rows or columns, and terms of an element, the last fastest;
        # those of weights before it the rows of the unit, which share its activations.
        element, act_pair, row, part = _axes(elements, pairs, act_rows, summed)
        act_terms = element * summed + part
        own, element, weight_pair, column, part = _axes(unit_rows, elements, pairs, columns, summed)
        return cls(
            terms=elements * summed,
            rows=act_rows,
            columns=unit_rows * columns,
            pairs=pairs,
            act_terms=act_terms,
            weight_terms=element * summed + part,
            act_places=(act_pair, row),
            weight_places=(weight_pair, own * columns + column),
        )

    def beats(self, terms: int) -> int:
        """Return the beats of a dot product."""
        return -(-terms // self.terms)

    def useful(self, product: MatrixProduct) -> float:
        """Return the share of the products that a unit makes which a matrix product has."""
        patches = -(-product.m // self.rows) * -(-product.n // self.columns)
        outputs = -(-patches // self.pairs) * self.pairs * self.rows * self.columns
        return product.macs / (outputs * self.beats(product.k) * self.terms)

    def outputs(self, product: MatrixProduct) -> tuple[Int64s, Int64s]:
        """Return the row of each activation's lane and the column of each weight's lane.

        Returns
        -------
        Shapes (accumulations, lanes). Outputs that do not fill the lanes are made twice.
        """
        across, down = -(-product.m // self.rows), -(-product.n // self.columns)
        count = -(-across * down // self.pairs) * self.pairs
        patch_rows, patch_columns = (
            np.resize(grid.reshape(-1), count).reshape(-1, self.pairs)
            for grid in np.indices((across, down))
        )
        (act_pair, row), (weight_pair, column) = self.act_places, self.weight_places
        return (
            (patch_rows[:, act_pair] * self.rows + row) % product.m,
            (patch_columns[:, weight_pair] * self.columns + column) % product.n,
        )

    def taken(self, operands: Int64s, lines: Int64s, terms: Int64s) -> Int64s:
        """Return what lanes take of operands, shape (accumulations, beats, lanes).

        Parameters
        ----------
        operands:
            Shape (lines, k).
        lines, terms:
            By accumulation and lane, the line; by lane, the term of a beat.
        """
        beats = self.beats(operands.shape[1])
        padding = ((0, 0), (0, beats * self.terms - operands.shape[1]))
        padded = np.pad(operands, padding).reshape(len(operands), beats, self.terms)
        return padded[lines[:, np.newaxis], np.arange(beats)[:, np.newaxis], terms]


def _axes(*sizes: int) -> tuple[Int64s, ...]:
    """Return the place along each axis of all elements in order, the last axis fastest."""
    return tuple(place.reshape(-1) for place in np.indices(sizes))
