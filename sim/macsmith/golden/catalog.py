"""The model of each unit, by its catalogue name."""

from typing import Any

from macsmith.golden.dnc import Dnc1dSaModel, Dnc1dStModel, Dnc2dSaModel, Dnc2dStModel
from macsmith.golden.ebsp import EbspModel
from macsmith.golden.mac_model import MacModel
from macsmith.golden.one_product import ScalarModel
from macsmith.golden.subword import SubwordSaModel, SubwordStModel

MODELS: dict[str, type[MacModel]] = {
    "data-gated": ScalarModel,
    "subword-sa": SubwordSaModel,
    "subword-st": SubwordStModel,
    "dnc-1d-sa": Dnc1dSaModel,
    "dnc-1d-st": Dnc1dStModel,
    "dnc-2d-sa": Dnc2dSaModel,
    "dnc-2d-st": Dnc2dStModel,
    "serial-1d": ScalarModel,
    "serial-2d": ScalarModel,
    "ebsp": EbspModel,
}


def golden(name: str, spec: Any) -> MacModel:
    """Return the golden model of a unit."""
    return MODELS[name](spec)
