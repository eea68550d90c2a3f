"""What a layer's sizes mean for places: where rows begin, and where their sums lie."""

from typing import Any

from amaranth import Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


def geometry_layout(spec: ScnnSpec) -> data.StructLayout:
    """Return the layout of what all PEs are told of a layer.

    A PE's sums of an output channel are a plane of rows of ``tile_cols + kernel_cols - 1``. That of
    activation ``at`` in row y and weight ``at`` in row r of its filter lies at

        corner + (at_a + y (kernel_cols - 1)) - (at_w + r (tile_cols - 1))

    Members
    -------
    act_places, weight_places
        Of a channel's activations, and of a group's weights.
    corner
        The sum of the first activation and the first weight.
    act_rows, act_skips
        Where each row but the first begins, and what is added from there on.
    weight_rows, weight_skips
        The same of a filter's rows.
    """
    places, plane = range(spec.tile**2 + 1), range(spec.plane)
    rows, filter_rows = spec.tile - 1, spec.kernel - 1
    return data.StructLayout(
        {
            "act_places": places,
            "weight_places": range(spec.kernel**2 * spec.group + 1),
            "corner": plane,
            "act_rows": data.ArrayLayout(places, rows),
            "act_skips": data.ArrayLayout(plane, rows),
            "weight_rows": data.ArrayLayout(range(spec.kernel**2 + 1), filter_rows),
            "weight_skips": data.ArrayLayout(plane, filter_rows),
        }
    )


def seen(spec: ScnnSpec, word: Value) -> Any:
    """Return a geometry that ports carry as a word: arrays have no ports of their own."""
    return data.View(geometry_layout(spec), word)


class Geometry(wiring.Component):
    """Reckons the geometry of a layer in the cycle in which it is told to.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    reckon : In(1)
        The sizes are there.
    tile_rows, tile_cols, kernel_rows, kernel_cols : In
        They.
    geometry : Out(geometry_layout(spec).size)
        From the next cycle on.
    stride, tile_plane : Out
        Sums of a row, and of as many rows as the tile has.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        tile, kernel = range(spec.tile + 1), range(spec.kernel + 1)
        super().__init__(
            {
                "reckon": In(1), "tile_rows": In(tile), "tile_cols": In(tile),
                "kernel_rows": In(kernel), "kernel_cols": In(kernel),
                "geometry": Out(geometry_layout(spec).size),
                "stride": Out(range(spec.tile + spec.kernel)),
                "tile_plane": Out(range(spec.tile * (spec.tile + spec.kernel - 1) + 1)),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        found = seen(spec, self.geometry)
        stride = Signal.like(self.stride, name="row_stride")
        above = Signal(range(spec.kernel))
        beside = Signal(range(spec.kernel))
        wide = Signal(range(spec.tile))
        m.d.comb += [
            stride.eq(self.tile_cols + beside), above.eq(self.kernel_rows - 1),
            beside.eq(self.kernel_cols - 1), wide.eq(self.tile_cols - 1),
        ]  # fmt: skip
        with m.If(self.reckon):
            m.d.sync += [
                self.stride.eq(stride), self.tile_plane.eq(self.tile_rows * stride),
                found.act_places.eq(self.tile_rows * self.tile_cols),
                found.weight_places.eq(self.kernel_rows * self.kernel_cols * spec.group),
                found.corner.eq(above * stride + beside),
                *_multiples(found.act_rows, self.tile_cols),
                *_multiples(found.act_skips, beside),
                *_multiples(found.weight_rows, self.kernel_cols),
                *_multiples(found.weight_skips, wide),
            ]  # fmt: skip
        return m


def _multiples(array: Any, word: Value) -> list[Any]:
    """Return what gives an array the multiples of a word from the first on."""
    return [Value.cast(array[at]).eq(word * (at + 1)) for at in range(len(array))]


def unfolded(at: Value, rows: Any, skips: Any) -> Value:
    """Return a place with what is added from its row on."""
    added: Value = Const(0, 1)
    for row in range(len(rows)):
        added = Mux(at >= Value.cast(rows[row]), Value.cast(skips[row]), added)
    return at + added
