"""Operands whose switching is measured: uniform random, or the layers of a network.

    ((share, batch),) = Uniform().parts("subword-st", spec, mode)
    for _ in play(unit, "subword-st", spec, batch):
        ...  # one cycle, its nets settled

The accumulations of a batch run side by side, one a lane of the simulation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from macsmith.catalog.catalog import lookup
from macsmith.contract.errors import UserError
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s
from macsmith.netlist.zero_delay import GateEngine
from macsmith.networks import digits, ebsp_networks
from macsmith.operands.batches import Batch, OperandSource
from macsmith.operands.gate_traffic import beats_of, drive
from macsmith.operands.layer_batches import layer_batches

WARM_UP = 2
"""Beats at full precision, and then beats in the mode, before those that count."""


class UnfitError(UserError):
    """A mode for which a stimulus has no operands; others may be fine."""


class ProductMaker(Protocol):
    """An array in a mode: makes matrix products of what a stimulus has, and tiles of them."""

    def uniform(self, beats: int, length: int, seed: int) -> list[Any]:
        """Return the product of random operands, tiles of ``length`` steps."""

    def network(self, images: int, beats: int, seed: int) -> list[Any]:
        """Return the layers of the digits network, tiles of ``beats`` each."""

    def product(self, acts: Int64s, weights: Int64s, beats: int, seed: int) -> list[Any]:
        """Return ``acts @ weights``, tiles of ``beats``."""


class Stimulus(Protocol):
    """Operands for any unit and mode."""

    @property
    def label(self) -> str:
        """What the operands are, for records."""

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """Return batches to be run apart, each with its share in the mean; shares add up to 1.

        Raises
        ------
        UnfitError
            If it has no operands for this mode.
        """

    def on_array(self, array: ProductMaker) -> list[Any]:
        """Return the matrix products that it has for an array.

        Raises
        ------
        UnfitError
            If it has none.
        """

    def check(self, name: str, spec: Any) -> None:
        """Refuse a unit none of whose points takes these operands.

        Raises
        ------
        UnfitError
            Of the point that comes first.
        """


@dataclass(frozen=True)
class Uniform:
    """Uniformly random operands: ``beats`` of them, accumulators cleared every ``length``.

    The published measurements took 10,000 and 50. Weights are ``held`` from one clearing to the
    next where they are stationary.
    """

    beats: int = 10_000
    length: int = 50
    seed: int = 1
    held: bool = False

    def __post_init__(self) -> None:
        check_beats(self.beats, self.length)

    @property
    def label(self) -> str:
        """See `Stimulus.label`."""
        held = ", weights held" if self.held else ""
        return f"uniform, {self.beats} beats, cleared every {self.length}, seed {self.seed}{held}"

    def check(self, name: str, spec: Any) -> None:
        """See `Stimulus.check`."""
        if self.held:
            check_some_mode(
                spec, lambda point: replace(self, beats=1, length=1).parts(name, spec, point)
            )

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `Stimulus.parts`."""
        source = source_of(name, spec, mode, _generator(self.seed, mode))
        batch = source.uniform(self.beats // self.length, self.length)
        if self.held:
            if "w" not in batch.fields:
                raise UnfitError(f"stationary operands must have weights, which {name} has not")
            weights = batch.fields["w"]
            batch = batch.with_fields(w=np.broadcast_to(weights[:, :1], weights.shape))
        return [(1.0, batch)]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """See `Stimulus.on_array`."""
        return array.uniform(self.beats, self.length, self.seed)


@dataclass(frozen=True)
class Network:
    """Dot products of the digits network at the mode's precision: ``beats`` of each layer.

    A layer's share is that of its products in the whole network, what fills up beats left out.
    """

    beats: int = 4_000
    images: int = 4
    seed: int = 1

    @property
    def label(self) -> str:
        """See `Stimulus.label`."""
        return (
            f"digits network, of EBSP weights at 8x6 and 8x5, {self.beats} beats a layer of "
            f"{self.images} images, seed {self.seed}"
        )

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `Stimulus.parts`."""
        network = self.network_for(name, spec, mode)
        images = network.images[: self.images]
        layers = list(layer_batches(golden(name, spec), network, mode, images))
        products = [layer.beats * layer.useful for layer in layers]
        rng = _generator(self.seed, mode)
        return [
            (own / sum(products), drawn(layer, self.beats, rng))
            for own, layer in zip(products, layers, strict=True)
        ]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """See `Stimulus.on_array`."""
        return array.network(self.images, self.beats, self.seed)

    def check(self, name: str, spec: Any) -> None:
        """Refuse a unit that the network fits in no mode.

        Raises
        ------
        UnfitError
            Of the mode that comes first.
        """
        if not lookup(name).precisions:
            raise UnfitError(f"the network must run on a MAC with precisions, not on {name}")
        check_some_mode(spec, lambda mode: self.network_for(name, spec, mode))

    def network_for(self, name: str, spec: Any, mode: int) -> digits.QuantisedNetwork:
        """Return the network of a mode's precision.

        Raises
        ------
        UnfitError
            If there is none, or not one with the weights that the unit is made for.
        """
        precision = spec.modes[mode]
        network = digits_of(str(precision))
        usual = golden(name, spec).usual_weights(precision)
        if usual is not None:
            for layer in network.layers:
                wrong = layer.weights[~np.isin(layer.weights, usual)]
                if wrong.size:
                    raise UnfitError(
                        f"the network must have weights that {name} was made for; at "
                        f"{precision} it has {wrong.flat[0]}"
                    )
        return network


def no_products(label: str) -> UnfitError:
    """Return what a stimulus says that has no matrices."""
    return UnfitError(
        "a stimulus of an array must be uniform, network, or an NPZ file with matrices, "
        f"not {label}"
    )


def digits_of(precision: str) -> digits.QuantisedNetwork:
    """Return the digits network of a precision: at 8x6 and 8x5 that with EBSP weights.

    Raises
    ------
    UnfitError
        If there is none.
    """
    patterned = {one.precision: one for one in ebsp_networks.PATTERNED.values()}
    if precision in patterned:
        return ebsp_networks.load("digits", patterned[precision])
    if precision not in digits.PRECISIONS:
        known = ", ".join((*digits.PRECISIONS, *patterned))
        raise UnfitError(f"the network must have a precision of {known}, not {precision}")
    return digits.load(precision)


def check_some_mode(spec: Any, take: Callable[[int], object]) -> None:
    """Refuse a unit in none of whose modes operands can be taken.

    Raises
    ------
    UnfitError
        Of the mode that comes first.
    """
    reasons = []
    for mode in range(len(spec.points)):
        try:
            take(mode)
        except UnfitError as error:
            reasons.append(error)
        else:
            return
    raise reasons[0]


def check_beats(beats: int, length: int) -> None:
    """Refuse beats that fill no accumulation.

    Raises
    ------
    UnfitError
        If they do not.
    """
    if length < 1 or beats < length:
        raise UnfitError(
            f"a stimulus must hold at least one accumulation, not {beats} beats "
            f"in accumulations of {length}"
        )


def drawn(layer: Batch, beats: int, rng: np.random.Generator) -> Batch:
    """Return random accumulations of a layer, of so many beats."""
    return layer.chosen(rng.integers(layer.packets, size=max(1, beats // layer.length)))


STIMULI: dict[str, Stimulus] = {
    "uniform": Uniform(),
    "stationary": Uniform(held=True),
    "network": Network(),
}
"""The stimuli that users name."""


def play(unit: GateEngine, name: str, spec: Any, batch: Batch) -> Iterator[None]:
    """Send a batch to a unit without pauses, and yield in each cycle.

    The last `cycles` of them belong to the batch, in steady state. Before them come beats at full
    precision, which leave something everywhere, and some in the mode.
    """
    rng = np.random.default_rng(0)
    # Without packets nothing waits for the end of one, and a pipeline fills up beat by beat.
    fill = 0 if packets(spec) else spec.latency(spec.points[batch.point])
    ahead = [
        source_of(name, spec, point, rng).uniform(batch.packets, WARM_UP + fill)
        for point in (0, batch.point)
    ]
    beats = [beat for part in [*ahead, batch] for beat in beats_of(part, spec)]
    for _ in drive(unit, beats, pauses=False):
        yield


def cycles(spec: Any, batch: Batch) -> int:
    """Return the cycles that the beats of a batch take."""
    return batch.length * int(spec.cycles(spec.points[batch.point]))


def source_of(name: str, spec: Any, point: int, rng: np.random.Generator) -> OperandSource:
    """Return what draws the operands of a unit at a point."""
    source: OperandSource = lookup(name).load("source")(spec, golden(name, spec), point, rng)
    return source


def packets(spec: Any) -> bool:
    """Return whether the beats of a unit's input form packets, which may have any length."""
    return any(layout.packets for layout in spec.inputs(spec.points[0]).values())


def _generator(seed: int, mode: int) -> np.random.Generator:
    """Return a generator of the mode's own, so that leaving out modes changes no other's."""
    return np.random.default_rng([seed, mode])
