"""The model of each unit, by its catalogue name."""

from typing import Any

from .dnc import Dnc2dStModel
from .model import MacModel
from .scalar import ScalarModel
from .subword import SubwordSaModel

MODELS: dict[str, type[MacModel]] = {
    "data-gated": ScalarModel,
    "subword-sa": SubwordSaModel,
    "dnc-2d-st": Dnc2dStModel,
    "serial-1d": ScalarModel,
    "serial-2d": ScalarModel,
}


def golden(name: str, spec: Any) -> MacModel:
    """Return the golden model of a unit."""
    return MODELS[name](spec)
