"""Real operands of dot products, drawn as the tensors of networks are distributed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from macsmith.contract.checks import check_choice, check_int
from macsmith.formats.compact.real_values import Floats
from macsmith.host.int64s import Int64s

KINDS = ("laplace", "normal", "uniform")
"""Distributions of weights, and of activations before the ReLU of those without a sign."""


@dataclass(frozen=True, kw_only=True)
class RealOperands:
    """Pairs of vectors.

    Parameters
    ----------
    kind:
        Of `KINDS`.
    terms:
        Products of a dot product, 1 to 65536; a unit rounds it up to whole beats.
    count:
        Dot products, 1 to 1 million.
    seed:
        Of all that is drawn.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    kind: str = "laplace"
    terms: int = 64
    count: int = 2000
    seed: int = 1

    def __post_init__(self) -> None:
        check_choice("operands", self.kind, KINDS)
        check_int("terms", self.terms, range(1, (1 << 16) + 1))
        check_int("count", self.count, range(1, 1_000_001))

    @cached_property
    def rng(self) -> np.random.Generator:
        """Where they come from."""
        return np.random.default_rng(self.seed)

    def drawn(self, products: int, *, act_signed: bool) -> tuple[Floats, Floats]:
        """Return activations and weights, shapes (count, terms), terms filling whole beats.

        Activations without a sign are those behind a ReLU, of uniform ones the magnitudes.
        """
        shape = self.count, -(-self.terms // products) * products
        acts, weights = self._draw(shape), self._draw(shape)
        if not act_signed:
            acts = np.abs(acts) if self.kind == "uniform" else acts.clip(0)
        return acts, weights

    def _draw(self, shape: tuple[int, int]) -> Floats:
        match self.kind:
            case "laplace":
                return self.rng.laplace(size=shape)
            case "normal":
                return self.rng.normal(size=shape)
            case _:
                return self.rng.uniform(-1, 1, shape)


def dots(acts: Floats, weights: Floats) -> Floats:
    """Return the dot products in float64, whose own error is far below that of any unit here."""
    return np.einsum("ij,ij->i", acts, weights)


def in_beats(values: Int64s, products: int) -> Int64s:
    """Return vectors as packets: (count, beats, products)."""
    return values.reshape(len(values), -1, products)


def whole_numbers(values: Floats, bits: int, *, signed: bool) -> tuple[Int64s, float]:
    """Return the nearest multiples of the unit that lets the largest value fit, and the unit."""
    top = (1 << bits - signed) - 1
    unit = float(np.abs(values).max()) / top or 1.0
    return np.rint(values / unit).clip(-top if signed else 0, top).astype(np.int64), unit
