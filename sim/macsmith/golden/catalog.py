"""The golden model of each unit, as its entry in the catalogue names it."""

from collections.abc import Mapping
from typing import Any, Protocol

from macsmith.catalog.catalog import lookup
from macsmith.host.int64s import Int64s


class GoldenModel(Protocol):
    """What a unit computes, bit by bit, in numpy; made of a specification."""

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> Mapping[str, Int64s]:
        """Return the values of the output fields that packets of input beats give.

        Parameters
        ----------
        point
            What the unit is asked to do.
        fields
            Values of each input field, shape (packets, beats, lanes).

        Returns
        -------
        Values of each output field, shape (packets, lanes).
        """


def golden(name: str, spec: Any) -> Any:
    """Return the golden model of a unit."""
    return lookup(name).load("golden")(spec)
