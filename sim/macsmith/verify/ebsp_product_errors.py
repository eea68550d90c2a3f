"""How far products of the dual-window unit are off, by its golden model."""

from dataclasses import dataclass

import numpy as np

from macsmith.formats.stream_words import operand_range
from macsmith.golden.ebsp import EbspModel
from macsmith.mac.ebsp.spec import EbspSpec


@dataclass(frozen=True)
class Errors:
    """Errors over all activations and all legal weights, each pair once.

    Relative errors are of products other than 0; those of 0 are right.

    Members
    -------
    worst, mean, bias:
        Largest and mean size of the relative error, and its mean with its sign.
    worst_absolute, mean_absolute, bias_absolute:
        The same of product - exact product, in units of the product.
    """

    worst: float
    mean: float
    bias: float
    worst_absolute: int
    mean_absolute: float
    bias_absolute: float


def product_errors(spec: EbspSpec) -> Errors:
    """Return the errors of a specification's products at full precision.

    Windows only take away, so the relative bias is the mean's opposite. The absolute one is 0
    because each weight has its opposite.
    """
    mode = spec.modes[0]
    model = EbspModel(spec)
    low, high = operand_range(spec.act_width, spec.act_signed)
    acts, weights = np.meshgrid(np.arange(low, high + 1), model.usual_weights(mode))
    exact = acts * weights
    off = model.products(mode, acts, weights) - exact
    relative = off[exact != 0] / np.abs(exact[exact != 0]) * np.sign(exact[exact != 0])
    return Errors(
        worst=float(np.abs(relative).max()),
        mean=float(np.abs(relative).mean()),
        bias=float(relative.mean()),
        worst_absolute=int(np.abs(off).max()),
        mean_absolute=float(np.abs(off).mean()),
        bias_absolute=float(off.mean()),
    )
