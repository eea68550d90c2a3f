"""A network's layers as accumulations of a MAC unit: dot products laid out in its lanes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.golden.mac_model import MacModel
from macsmith.host.int64s import Int64s
from macsmith.networks.digits import QuantisedNetwork
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

    A unit that sums its lanes takes several terms of one dot product in a beat; one that keeps
    them apart works on several outputs at once. Terms that do not fill a beat are zero.

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
    """Return all dot products of ``acts @ weights.T`` as accumulations, as `lay_out` does."""
    precision = model.spec.modes[mode]
    wanted = acts.shape[1] * len(acts) * len(weights)
    laid = lay_out(model, precision, acts, weights)
    made = laid[0].shape[0] * laid[0].shape[1] * model.summed(precision)
    return mac_batch(label, mode, *laid, wanted / (made * model.lanes(precision).slots))


def lay_out(model: MacModel, mode: Any, acts: Int64s, weights: Int64s) -> tuple[Int64s, Int64s]:
    """Return all dot products of ``acts @ weights.T`` as operands of a unit.

    Parameters
    ----------
    acts, weights:
        Shapes (rows, k) and (columns, k).

    Returns
    -------
    Activations and weights, shape (accumulations, beats, lanes). Rows and columns that do not
    fill the slots of an accumulation are repeated.
    """
    lanes = model.lanes(mode)
    terms = model.summed(mode)
    beats = -(-acts.shape[1] // terms)
    padding = ((0, 0), (0, beats * terms - acts.shape[1]))
    acts = np.pad(acts, padding).reshape(len(acts), beats, terms)
    weights = np.pad(weights, padding).reshape(len(weights), beats, terms)
    if lanes.slots == 1:
        rows, columns = (grid.reshape(-1) for grid in np.indices((len(acts), len(weights))))
        return acts[rows], weights[columns]
    if lanes.acts == lanes.weights == lanes.slots:
        # Lane k multiplies its own pair: consecutive outputs side by side.
        rows, columns = (grid.reshape(-1) for grid in np.indices((len(acts), len(weights))))
        return _side_by_side(acts, rows, lanes.slots), _side_by_side(weights, columns, lanes.slots)
    # Every activation meets every weight: a patch of rows by columns.
    act_groups, weight_groups = -(-len(acts) // lanes.acts), -(-len(weights) // lanes.weights)
    rows, columns = (grid.reshape(-1) for grid in np.indices((act_groups, weight_groups)))
    act_lanes = _side_by_side(acts, np.arange(len(acts)), lanes.acts)
    weight_lanes = _side_by_side(weights, np.arange(len(weights)), lanes.weights)
    return act_lanes[rows], weight_lanes[columns]


def _side_by_side(terms: Int64s, order: Int64s, lanes: int) -> Int64s:
    """Return ``terms[order]`` with ``lanes`` entries a group, shape (groups, beats, lanes)."""
    groups = -(-len(order) // lanes)
    filled = np.resize(order, groups * lanes).reshape(groups, lanes)
    return terms[filled, :, 0].swapaxes(1, 2)
