"""Operands of energies that know N and L: random legal weights, and those of EBSP networks.

Any MAC takes them, so that `ebsp` and others can be compared on the same operands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.contract.errors import nearest
from macsmith.formats.ebsp_values import legal_weights
from macsmith.golden.catalog import golden
from macsmith.golden.mac_model import MacModel
from macsmith.host.int64s import Int64s
from macsmith.networks import ebsp_networks
from macsmith.networks.training.ebsp_quantiser import quantise
from macsmith.operands.batches import Batch, mac_batch
from macsmith.operands.layer_batches import laid_out
from macsmith.operands.stimulus import (
    ProductMaker,
    UnfitError,
    Uniform,
    check_beats,
    check_some_mode,
    drawn,
    no_products,
)


@dataclass(frozen=True)
class LegalWeights(Uniform):
    """`Uniform` operands whose weights are legal ones of N = ``bits`` and L = ``pattern``."""

    bits: int = 6
    pattern: int = 3

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        return f"{super().label}, legal weights of N = {self.bits} and L = {self.pattern}"

    def check(self, name: str, spec: Any) -> None:
        """See `macsmith.operands.stimulus.Stimulus.check`."""
        check_some_mode(spec, lambda mode: check_precision(spec.modes[mode], self.bits))

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `macsmith.operands.stimulus.Stimulus.parts`."""
        check_precision(spec.modes[mode], self.bits)
        ((share, batch),) = super().parts(name, spec, mode)
        count, beats, lanes = batch.fields["w"].shape
        rng = np.random.default_rng([self.seed, mode, self.bits, self.pattern])
        shape = (count, 1 if self.held else beats, lanes)
        weights = rng.choice(legal_weights(self.bits, self.pattern), shape)
        return [(share, batch.with_fields(w=np.broadcast_to(weights, batch.fields["w"].shape)))]


def check_precision(precision: Any, weight_bits: int) -> None:
    """Refuse a mode that is not of activations of 8 bits and weights of so many.

    Raises
    ------
    UnfitError
        If it is not.
    """
    if (precision.act_bits, precision.weight_bits) != (8, weight_bits):
        raise UnfitError(f"operands must be of 8x{weight_bits}, not {precision}")


@dataclass(frozen=True)
class NetworkWeights:
    """Layers of a task's network, ``beats`` of each; a layer's share is its products'.

    Weights are those that were trained for ``bits`` and ``pattern`` if such a network is committed;
    else those of INT8, quantised. With the activations it is the same.

    Parameters
    ----------
    task:
        A name of `macsmith.networks.ebsp_networks.TASKS`.
    bits, pattern:
        What weights are; INT8 if ``pattern`` is None. With ``pattern = bits - 1`` they are whole
        numbers of so many bits.
    held:
        Whether a weight meets the activations of ``length`` outputs one after the other, as in a
        weight-stationary array; else a beat is a term of a dot product, with a weight of its own.
    """

    task: str = "letters"
    bits: int = 8
    pattern: int | None = None
    held: bool = False
    beats: int = 4_000
    length: int = 50
    images: int = 50
    seed: int = 1

    def __post_init__(self) -> None:
        if self.task not in ebsp_networks.TASKS:
            raise UnfitError(
                f"task must not be {self.task!r}: {nearest(self.task, ebsp_networks.TASKS)}"
            )
        check_beats(self.beats, self.length)

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        weights = self._setting.name + ("" if self._committed else ", quantised INT8")
        held = f", weights held for {self.length}" if self.held else ""
        return (
            f"{self.task} network, weights {weights}, {self.beats} beats a layer of {self.images} "
            f"examples, seed {self.seed}{held}"
        )

    def check(self, name: str, spec: Any) -> None:
        """See `macsmith.operands.stimulus.Stimulus.check`."""
        check_some_mode(spec, lambda mode: check_precision(spec.modes[mode], self.bits))

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `macsmith.operands.stimulus.Stimulus.parts`."""
        check_precision(spec.modes[mode], self.bits)
        model, rng = golden(name, spec), np.random.default_rng([self.seed, mode])
        chosen = self._held if self.held else self._dot_products
        layers = list(self._layers())
        total = sum(len(acts) * weights.size for acts, weights in layers)
        return [
            (len(acts) * weights.size / total, chosen(model, mode, acts, weights, rng))
            for acts, weights in layers
        ]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """Raise a sentence: arrays have the digits network."""
        raise no_products(self.label)

    @property
    def _setting(self) -> ebsp_networks.Setting:
        return ebsp_networks.Setting(bits=self.bits, pattern=self.pattern)

    @property
    def _committed(self) -> bool:
        return self._setting in ebsp_networks.COMMITTED

    def _layers(self) -> Iterator[tuple[Int64s, Int64s]]:
        """Yield activations (rows, K) and weights (columns, K)."""
        network = ebsp_networks.load(
            self.task, self._setting if self._committed else ebsp_networks.INT8
        )
        for index in range(len(network.layers)):
            acts, weights = network.gemm(index, network.images[: self.images])
            if not self._committed:
                assert self.pattern is not None
                weights = quantise(weights, self.bits, self.pattern).codes
            yield acts, weights

    def _dot_products(
        self, model: MacModel, mode: int, acts: Int64s, weights: Int64s, rng: np.random.Generator
    ) -> Batch:
        """Return whole dot products, of outputs that were drawn first: there are many."""
        rows = rng.integers(len(acts), size=self.images)
        return drawn(laid_out(model, "dot products", mode, acts[rows], weights), self.beats, rng)

    def _held(
        self, model: MacModel, mode: int, acts: Int64s, weights: Int64s, rng: np.random.Generator
    ) -> Batch:
        lanes = model.lanes(model.spec.modes[mode])
        if lanes.acts != 1:
            raise UnfitError(
                f"weights that are held must meet one activation a beat, not {lanes.acts}"
            )
        count = self.beats // self.length
        outputs = (rng.integers(len(acts), size=(count, 1)) + np.arange(self.length)) % len(acts)
        terms = rng.integers(acts.shape[1], size=count)
        columns = rng.integers(len(weights), size=(count, lanes.weights))
        one = weights[columns, terms[:, np.newaxis]][:, np.newaxis]
        shape = (count, self.length, lanes.weights)
        return mac_batch(
            "held", mode, acts[outputs, terms[:, np.newaxis]][..., np.newaxis],
            np.broadcast_to(one, shape),
        )  # fmt: skip
