"""Combinational test benches: a component as a function of arrays."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from amaranth import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.rtl.emit import to_rtlil


class Harness(wiring.Component):
    """Ports of given widths around a function that builds logic from them."""

    def __init__(self, widths: dict[str, int], result: int, logic: Callable[..., Value]) -> None:
        self.names, self.logic = list(widths), logic
        super().__init__({name: In(width) for name, width in widths.items()} | {"y": Out(result)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.y.eq(self.logic(m, *(getattr(self, name) for name in self.names)))
        return m


def evaluate(
    widths: dict[str, int], result: int, logic: Callable[..., Value], **values: np.ndarray
) -> np.ndarray:
    """Return what ``logic(m, *ports)`` gives for each entry of the arrays ``values``."""
    with TemporaryDirectory() as folder:
        text = to_rtlil(Harness(widths, result, logic), "top")
        gates = GateEngine(read_netlist(text, "top", Path(folder)))
    gates.reset(len(next(iter(values.values()))))
    for name, value in values.items():
        gates.set(name, value)
    return gates.get("y").astype(np.int64)


def every(*widths: int) -> list[np.ndarray]:
    """Return all combinations of values of words of some widths, as one array a word."""
    grids = np.meshgrid(*(np.arange(1 << width) for width in widths), indexing="ij")
    return [grid.reshape(-1) for grid in grids]
