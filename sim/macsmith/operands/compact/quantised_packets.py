"""Real operands of fixed point with error compensation: quantised for energies, and for errors."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.compact.fpec_codes import Fpec, Parts, needed_terms
from macsmith.formats.compact.real_values import Floats
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch
from macsmith.operands.stimulus import ProductMaker, no_products

DISTRIBUTIONS = ("uniform", "laplace")
"""Uniform over the range of the format; or Laplace, an eighth of the range as its scale, of which
activations without a sign keep what is above zero."""

LENGTH = 64
"""Products of a packet."""


@dataclass(frozen=True)
class QuantisedPackets:
    """Real numbers, quantised to the format of a unit, as a stimulus."""

    distribution: str = "uniform"
    packets: int = 64
    seed: int = 1

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        return f"{self.distribution} real numbers, {self.packets} packets of {LENGTH}"

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `macsmith.operands.stimulus.Stimulus.parts`."""
        acts, weights = self.values(spec)
        return [(1.0, batch_of(spec, acts, weights))]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """See `macsmith.operands.stimulus.Stimulus.on_array`: there is none."""
        raise no_products(self.label)

    def check(self, name: str, spec: Any) -> None:
        """See `macsmith.operands.stimulus.Stimulus.check`."""

    def values(self, spec: Any) -> tuple[Floats, Floats]:
        """Return activations and weights, shape (packets, products of a packet)."""
        rng = np.random.default_rng(self.seed)
        act, weight = forms(spec)
        found = []
        for form in (act, weight):
            top = float(2.0**form.integer_bits)
            shape = self.packets, LENGTH
            if self.distribution == "uniform":
                values = rng.uniform(-top if form.signed else 0.0, top, shape)
            else:
                values = rng.laplace(0, top / 8, shape)
            # What all formats of four fraction bits or more hold.
            found.append(values.clip(-top if form.signed else 0.0, top * 15 / 16))
        return found[0], found[1]

    def error(self, name: str, spec: Any) -> float:
        """Return the root mean square error of packets' sums, against sums of the real numbers."""
        acts, weights = self.values(spec)
        fields = batch_of(spec, acts, weights).fields
        sums = golden(name, spec).respond(spec.points[0], fields)["sum"][:, 0]
        off = np.ldexp(sums.astype(float), -spec.sum_fraction_bits) - (acts * weights).sum(axis=1)
        return float(np.sqrt((off**2).mean()))


def forms(spec: Any) -> tuple[Fpec, Fpec]:
    """Return the formats of activations and weights."""
    act = Fpec(
        integer_bits=spec.act_integer_bits, fraction_bits=spec.act_fraction_bits,
        signed=spec.act_signed, magnitude_bits=spec.magnitude_bits,
    )  # fmt: skip
    weight = Fpec(
        integer_bits=spec.weight_integer_bits, fraction_bits=spec.weight_fraction_bits,
        signed=spec.weight_signed, magnitude_bits=spec.magnitude_bits,
    )  # fmt: skip
    return act, weight


def batch_of(spec: Any, acts: Floats, weights: Floats) -> Batch:
    """Return packets of real operands, in the fewest beats that hold all products and terms.

    Packets with fewer terms than others end with beats of zeros.
    """
    form, other = forms(spec)
    a, w = form.quantised(acts), other.quantised(weights)
    shape = len(acts), -1, spec.products
    if not spec.compensates:
        fields = {"a": a.number.reshape(shape), "w": w.number.reshape(shape)}
        return Batch("real", 0, fields)
    if not spec.selective:
        fields = {"a": form.codes(a).reshape(shape), "w": other.codes(w).reshape(shape)}
        return Batch("real", 0, fields)
    return _listed(spec, a, w)


def _listed(spec: Any, a: Parts, w: Parts) -> Batch:
    """Return blocks of products, each followed by the terms that are needed."""
    of_weight, of_act = needed_terms(a, w)
    per_block = spec.block * spec.products
    rows = []
    for packet in range(len(a.number)):
        beats: list[dict[str, Any]] = []
        for start in range(0, a.number.shape[1], per_block):
            block = slice(start, start + per_block)
            for at in range(start, min(start + per_block, a.number.shape[1]), spec.products):
                lanes = slice(at, at + spec.products)
                beats.append({"a": a.number[packet, lanes], "w": w.number[packet, lanes]})
            for side, needed, parts in ((1, of_weight, w), (0, of_act, a)):
                for place in np.flatnonzero(needed[packet, block]):
                    beats.append(
                        {
                            "term": 1, "index": place, "of_weight": side,
                            "minus": parts.minus[packet, start + place],
                            "magnitude": parts.magnitude[packet, start + place],
                        }
                    )  # fmt: skip
        rows.append(beats)
    longest = max(map(len, rows))
    names = spec.operands
    fields: dict[str, Int64s] = {
        name: np.zeros((len(rows), longest, part.lanes), np.int64) for name, part in names.items()
    }
    for packet, beats in enumerate(rows):
        for at, beat in enumerate(beats):
            for name in names:
                fields[name][packet, at] = beat.get(name, 0)
    useful = a.number.shape[1] / spec.products / longest
    return Batch("real", 0, fields, useful)
