"""A family of units of one's own: counts the ones of a word, or its zeros.

The file holds all that macsmith asks of a family: a specification, a component, a golden model,
and the entry of the catalogue. The entry point in pyproject.toml makes the unit known wherever
this package is installed: `macsmith list`, `generate`, `verify`, `measure`, `compare` and the
report then treat it like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from amaranth import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.api import (
    POINT,
    Cut,
    Layout,
    NamedPoint,
    Unit,
    UnitSpec,
    Variants,
    check_int,
    layout_of,
    notes_of,
)


@dataclass(frozen=True, kw_only=True)
class PopcountSpec(UnitSpec):
    """A counter of the ones, or the zeros, of a word.

    Parameters
    ----------
    width:
        Bits of the word, 2 to 64.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    width: int = 8

    summary: ClassVar[str] = "count of the ones or the zeros of a word"
    operation: ClassVar[str] = "word"

    def __post_init__(self) -> None:
        check_int("width", self.width, range(2, 65))

    @property
    def points(self) -> tuple[NamedPoint, ...]:
        return NamedPoint("ones"), NamedPoint("zeros")

    def operations(self, point: NamedPoint) -> int:
        return 1

    def latency(self, point: NamedPoint) -> int:
        return 1

    @property
    def input_struct(self) -> data.StructLayout:
        """A word, and whether its zeros are counted."""
        return data.StructLayout({"bits": self.width, "zeros": 1})

    @property
    def output_struct(self) -> data.StructLayout:
        """How many there are."""
        return data.StructLayout({"count": range(self.width + 1)})

    def inputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        lanes, roles = {"bits": self.width}, {"zeros": POINT}
        return {"i": layout_of(self.input_struct, lanes, roles=roles)}

    def outputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_struct)}

    @classmethod
    def variants(cls) -> Variants:
        return {("", "default"): {}, ("", "odd width"): {"width": 13}, ("", "wide"): {"width": 64}}


class Popcount(wiring.Component):
    """A stream of words in, a stream of counts out, one register later."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, spec: PopcountSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "i": In(stream.Signature(spec.input_struct)),
                "o": Out(stream.Signature(spec.output_struct)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        go, word = Signal(), Signal(self.spec.width)
        count = Signal.like(self.o.payload.count)
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go),
            word.eq(Mux(self.i.payload.zeros, ~self.i.payload.bits, self.i.payload.bits)),
            count.eq(sum(word)),
        ]
        with m.If(go):
            m.d.sync += [self.o.valid.eq(self.i.valid), self.o.payload.count.eq(count)]
        return m


class PopcountModel:
    """The golden model: numpy on the values of fields, shape (packets, beats, lanes)."""

    def __init__(self, spec: PopcountSpec) -> None:
        self.spec = spec

    def respond(self, point: NamedPoint, fields: Mapping[str, Any]) -> dict[str, Any]:
        wanted = 0 if str(point) == "zeros" else 1
        return {"count": np.count_nonzero(fields["bits"][:, 0] == wanted, axis=1)[:, np.newaxis]}


def _notes(spec: PopcountSpec) -> list[str]:
    return [*notes_of("i__payload", spec.input_struct), *notes_of("o__payload", spec.output_struct)]


UNIT = Unit(
    name="popcount",
    spec=PopcountSpec,
    cuts={"unit": Cut(Popcount, notes=_notes)},
    golden="popcount:PopcountModel",
)
