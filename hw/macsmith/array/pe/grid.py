"""The grid: rows of PEs, each row one module that is written once."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.pe.tensor_pe import Pe
from macsmith.mac.operand_registers import split
from macsmith.rtl.shared_module import instance


class Row(wiring.Component):
    """PEs side by side; what moves, and whither, is stated by the PE.

    Parameters
    ----------
    pe:
        All of them.

    Members
    -------
    X : In
        Of what moves right, ``X_in`` of the leftmost PE.
    X_in, X_out
        Of what moves down, those of all PEs, the leftmost lowest.
    X : Out
        Of what moves left, ``X_out`` of the leftmost PE.
    """

    def __init__(self, pe: Pe) -> None:
        self.spec, self.pe = pe.spec, pe
        ports: dict[str, wiring.Member] = {
            name: In(pe.signature.members[f"{name}_in"].shape) for name in pe.right
        }
        for name in pe.down:
            width = self.spec.cols * pe.width(name)
            ports |= {f"{name}_in": In(width), f"{name}_out": Out(width)}
        super().__init__(ports | {name: Out(pe.width(name)) for name in pe.left})

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_pe": self.pe, **self.pe.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pe, count = self.pe, self.spec.cols
        ports: list[dict[str, Value]] = [{} for _ in range(count)]
        for name in pe.right:
            wires = [Value.cast(getattr(self, name)), *_wires(pe, name, count)]
            for k, port in enumerate(ports):
                port |= {f"{name}_in": wires[k], f"{name}_out": wires[k + 1]}
        for name in pe.down:
            above = split(getattr(self, f"{name}_in"), pe.width(name))
            wires = _wires(pe, name, count)
            for k, port in enumerate(ports):
                port |= {f"{name}_in": above[k], f"{name}_out": wires[k]}
            m.d.comb += getattr(self, f"{name}_out").eq(Cat(wires))
        for name in pe.left:
            # What comes in at the right end is zero.
            wires = _wires(pe, name, count + 1)
            for k, port in enumerate(ports):
                port |= {f"{name}_in": wires[k + 1], f"{name}_out": wires[k]}
            m.d.comb += getattr(self, name).eq(wires[0])
        for k, port in enumerate(ports):
            m.submodules[f"pe_{k}"] = instance("macsmith_pe", pe, **port)
        return m


class Grid(wiring.Component):
    """Rows one above the other.

    Operands of a step come in skewed: row r and column c see them r and c cycles later. So do
    sums go out. Output stationary: after ``first`` came in at row 0, the sums of PE (r, c) leave
    at row r ``stages + 1 + r + 2 c`` cycles later. Else the sum that came in above column c
    ``stages`` cycles after the operands of row 0 leaves below it ``rows`` cycles after that.

    Parameters
    ----------
    pe:
        All of its PEs.

    Members
    -------
    X : In
        Of what moves right, that of the rows, the top one lowest; of what moves down, that of the
        top row. A sum that moves down is ``sum_in``, and leaves at ``sum_out``.
    X : Out
        Of what moves left, that of the rows.
    """

    def __init__(self, pe: Pe) -> None:
        self.row, spec = Row(pe), pe.spec
        self.spec = spec
        ports: dict[str, wiring.Member] = {
            name: In(spec.rows * pe.width(name)) for name in pe.right
        }
        for name in pe.down:
            width = spec.cols * pe.width(name)
            if name in pe.bottom:
                ports |= {f"{name}_in": In(width), f"{name}_out": Out(width)}
            else:
                ports[name] = In(width)
        super().__init__(ports | {name: Out(spec.rows * pe.width(name)) for name in pe.left})

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_row": self.row, **self.row.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pe, count = self.row.pe, self.spec.rows
        ports: list[dict[str, Value]] = [{} for _ in range(count)]
        for name in pe.right:
            for port, lane in zip(ports, split(getattr(self, name), pe.width(name)), strict=True):
                port[name] = lane
        for name in pe.left:
            wires = _wires(pe, name, count)
            for port, wire in zip(ports, wires, strict=True):
                port[name] = wire
            m.d.comb += getattr(self, name).eq(Cat(wires))
        for name in pe.down:
            leaves = name in pe.bottom
            top = getattr(self, f"{name}_in" if leaves else name)
            wires = [top, *_wires(pe, name, count, self.spec.cols)]
            for k, port in enumerate(ports):
                port |= {f"{name}_in": wires[k], f"{name}_out": wires[k + 1]}
            if leaves:
                m.d.comb += getattr(self, f"{name}_out").eq(wires[count])
        for k, port in enumerate(ports):
            m.submodules[f"row_{k}"] = instance("macsmith_row", self.row, **port)
        return m


def _wires(pe: Pe, name: str, count: int, pes: int = 1) -> list[Value]:
    """Return the wires between neighbours, each as wide as ``pes`` PEs side by side."""
    return [Signal(pes * pe.width(name), name=f"{name}_{k}") for k in range(count)]
