"""The grid: rows of PEs, each row one module that is written once."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.pe import TensorPe
from macsmith.array.spec import SystolicSpec
from macsmith.mac.feeder import split
from macsmith.parts import instance


class Row(wiring.Component):
    """PEs side by side: activations and control move right, sums move left.

    Members
    -------
    act, control : In
        As the ports of the leftmost PE.
    weight_in, weight_out
        As those of all PEs, the leftmost lowest.
    sum : Out
        Sums of the leftmost PE.
    """

    act: Signal
    control: Signal
    weight_in: Signal
    weight_out: Signal
    sum: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.pe = spec, TensorPe(spec)
        ports = {
            "act": In(len(self.pe.act_in)),
            "control": In(self.pe.control_layout),
            "weight_in": In(spec.cols * len(self.pe.weight_in)),
            "weight_out": Out(spec.cols * len(self.pe.weight_in)),
            "sum": Out(len(self.pe.sum_in)),
        }
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_pe": self.pe, **self.pe.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pe, count = self.pe, self.spec.cols
        acts = [self.act, *(Signal.like(pe.act_out, name=f"act_{k}") for k in range(count))]
        controls = [self.control.as_value()]
        controls += [Signal(len(controls[0]), name=f"control_{k}") for k in range(count)]
        # A sum of zero comes in at the right end.
        sums = [Signal.like(pe.sum_in, name=f"sum_{k}") for k in range(count + 1)]
        weights = [Signal.like(pe.weight_out, name=f"weight_{k}") for k in range(count)]
        for k, weight in enumerate(split(self.weight_in, len(pe.weight_in))):
            m.submodules[f"pe_{k}"] = instance(
                "macsmith_pe", pe, act_in=acts[k], act_out=acts[k + 1], control_in=controls[k],
                control_out=controls[k + 1], weight_in=weight, weight_out=weights[k],
                sum_in=sums[k + 1], sum_out=sums[k],
            )  # fmt: skip
        m.d.comb += [self.weight_out.eq(Cat(weights)), self.sum.eq(sums[0])]
        return m


class Grid(wiring.Component):
    """Rows one above the other: weights move down.

    Operands of a step come in skewed: row r and column c see them r and c cycles later. So do
    sums go out: after ``first`` came in at row 0, the sums of PE (r, c) leave at row r
    ``stages + 1 + r + 2 c`` cycles later.

    Members
    -------
    act, control : In
        As those of the rows, the top one lowest.
    weight : In
        As those of the top row.
    sum : Out
        As those of the rows.
    """

    act: Signal
    control: Signal
    weight: Signal
    sum: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.row = spec, Row(spec)
        ports = {
            "act": In(spec.rows * len(self.row.act)),
            "control": In(spec.rows * self.row.pe.control_layout.size),
            "weight": In(len(self.row.weight_in)),
            "sum": Out(spec.rows * len(self.row.sum)),
        }
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_row": self.row, **self.row.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        row, count = self.row, self.spec.rows
        weights = [self.weight]
        weights += [Signal.like(row.weight_out, name=f"weight_{k}") for k in range(count)]
        sums = [Signal.like(row.sum, name=f"sum_{k}") for k in range(count)]
        acts = split(self.act, len(row.act))
        controls = split(self.control, row.pe.control_layout.size)
        for k, (act, control) in enumerate(zip(acts, controls, strict=True)):
            m.submodules[f"row_{k}"] = instance(
                "macsmith_row", row, act=act, control=control, sum=sums[k],
                weight_in=weights[k], weight_out=weights[k + 1],
            )  # fmt: skip
        m.d.comb += self.sum.eq(Cat(sums))
        return m
