"""Technologies from Liberty files: which cells add, gate a clock, drive and load."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.library import liberty_reader
from macsmith.library.cell_library import Cell, Library
from macsmith.library.generic_liberty import NAME as GENERIC
from macsmith.library.stand_ins import buffer_of, plain_by_ties, tied
from macsmith.library.technology import (
    AdderCell,
    ClockGate,
    Conditions,
    StandIn,
    Technology,
)
from macsmith.library.truth_table import table_of
from macsmith.library.wire_models import wires_of

_MAJORITY, _PARITY = 0b11101000, 0b10010110
_AND, _XOR = 0b1000, 0b0110


@dataclass(frozen=True)
class _Settings:
    """What experience says of one library."""

    dont_use: tuple[str, ...]
    driver: str
    load_ff: float


# Cells that mislead ABC, and the boundary used in published comparisons, by library name.
_KNOWN = {
    GENERIC: _Settings((), "BUF_X1", 4.0),
    "NangateOpenCellLibrary": _Settings(
        ("TBUF*", "TAPCELL_X1", "FILLCELL_X1", "ANTENNA_X1"), "BUF_X1", 3.898
    ),
    "sky130_fd_sc_hd__": _Settings(
        ("sky130_fd_sc_hd__probe*", "sky130_fd_sc_hd__lpflow*"), "sky130_fd_sc_hd__buf_4", 5.0
    ),
    "sg13g2_stdcell": _Settings(
        ("sg13g2_lgcp_1", "sg13g2_slgcp_1", "sg13g2_sighold", "sg13g2_dfrbp_2"),
        "sg13g2_buf_4",
        6.0,
    ),
    "gf180mcu_fd_sc_mcu7t5v0__": _Settings(("*_1",), "gf180mcu_fd_sc_mcu7t5v0__buf_4", 14.5),
    "asap7sc7p5t": _Settings(("*x1p*_ASAP7*", "*xp*", "SDF*", "ICG*"), "BUFx2_ASAP7_75t_R", 3.898),
    "osu018": _Settings((), "BUFX2", 20.0),
}


def from_liberty(
    name: str, paths: Sequence[Path], conditions: Conditions | None = None
) -> Technology:
    """Read the technology ``name`` from Liberty files.

    Raises
    ------
    UserError
        If a file cannot be read or lacks what synthesis needs: a flip-flop, an inverter and a
        two-input NAND; or if it cannot have the wires that the conditions ask for.
    """
    conditions = conditions or Conditions()
    cells = liberty_reader.load(paths)
    where = paths[0] if len(paths) == 1 else paths[0].parent
    logic = [c for c in cells.cells.values() if not c.dont_use]
    inverters = _with_table(logic, 1, 0b01)
    nands = _with_table(logic, 2, 0b0111)
    for kind, found in (("an inverter", inverters), ("a two-input NAND", nands)):
        if not found:
            raise UserError(f"{where} must hold {kind}, but none of its {len(logic)} cells is one")
    flip_flop = _flip_flop(where, logic)
    stand_ins = [flip_flop] if flip_flop else []
    if not _with_table(logic, 1, 0b10):
        stand_ins.append(buffer_of(inverters[0]))
    settings = _settings(cells, logic, inverters)
    unwanted = (cell.name for cell in cells.cells.values() if cell.dont_use)
    embedded, nand2_area = cells.name == GENERIC, nands[0].area
    return Technology(
        name=name,
        liberty=tuple(paths),
        sha256=liberty_reader.content_hash(paths),
        embedded=embedded,
        library=cells,
        dont_use=tuple(dict.fromkeys([*settings.dont_use, *unwanted])),
        driver=settings.driver,
        load_ff=settings.load_ff,
        nand2_area=nand2_area,
        full_adder=_adder(logic, 3, _PARITY, _MAJORITY),
        half_adder=_adder(logic, 2, _XOR, _AND),
        clock_gate=_clock_gate(cells.cells.values()),
        stand_ins=tuple(stand_ins),
        conditions=conditions,
        wires=wires_of(conditions, cells.wire_load, nand2_area, embedded=embedded),
    )


def _flip_flop(where: Path, logic: Sequence[Cell]) -> StandIn | None:
    """Return what stands for a plain flip-flop of a rising edge, or None where there is one."""
    flip_flops = sorted(
        (cell for cell in logic if cell.sequential == "ff"), key=lambda one: (one.area, one.name)
    )
    if not flip_flops:
        raise UserError(f"{where} must hold a flip-flop, but none of its {len(logic)} cells is one")
    forms = [(cell, plain_by_ties(cell)) for cell in flip_flops]
    if any(form is not None and not form[1] for _, form in forms):
        return None
    usable = [cell for cell, form in forms if form is not None]
    if not usable:
        raise UserError(
            f"{where} must hold a flip-flop that takes a data input at a rising edge, perhaps with "
            f"constants at others, but {flip_flops[0].name}, clocked on "
            f"{flip_flops[0].clocked_on!r}, does not"
        )
    return tied(usable[0])


def _settings(cells: Library, logic: Sequence[Cell], inverters: Sequence[Cell]) -> _Settings:
    """Return what is known of the library, else a middle buffer and the load of four inverters."""
    for prefix, settings in _KNOWN.items():
        if cells.name.startswith(prefix) and settings.driver in cells.cells:
            return settings
    drivers = _with_table(logic, 1, 0b10) or inverters
    load = 4 * inverters[0].pins[inverters[0].inputs[0]].mean_ff
    return _Settings((), drivers[(len(drivers) - 1) // 2].name, load)


def _with_table(cells: Sequence[Cell], inputs: int, table: int) -> list[Cell]:
    """Return the cells of one output with that truth table, smallest first."""
    found = [
        cell
        for cell in _combinational(cells, inputs)
        if len(cell.outputs) == 1 and table_of(cell, cell.outputs[0]) == table
    ]
    return sorted(found, key=lambda cell: (cell.area, cell.name))


def _adder(cells: Sequence[Cell], inputs: int, total: int, carry: int) -> AdderCell | None:
    """Return the smallest cell with sum and carry outputs, either of them perhaps inverted."""
    ones = (1 << (1 << inputs)) - 1
    found = []
    for cell in _combinational(cells, inputs):
        pins = {table_of(cell, pin): pin for pin in cell.outputs}
        sums = [(pins[t], t != total) for t in (total, total ^ ones) if t in pins]
        carries = [(pins[t], t != carry) for t in (carry, carry ^ ones) if t in pins]
        if sums and carries:
            adder = AdderCell(cell.name, tuple(cell.inputs), *sums[0], *carries[0])
            found.append((cell.area, cell.name, adder))
    return min(found)[2] if found else None


def _clock_gate(cells: Iterable[Cell]) -> ClockGate | None:
    """Return the smallest clock gate; libraries mark it ``dont_use`` only to keep it from logic."""
    found = []
    for cell in cells:
        # The gated clock rises with the clock and idles low: posedge in the library's terms.
        if (cell.clock_gate or "").startswith("latch_posedge"):
            pins = {pin.role: pin.name for pin in cell.pins.values()}
            test = tuple(pin.name for pin in cell.pins.values() if pin.role == "test")
            gate = ClockGate(cell.name, pins["enable"], pins["clock"], pins["out"], test)
            found.append((len(test), cell.area, cell.name, gate))
    return min(found)[3] if found else None


def _combinational(cells: Sequence[Cell], inputs: int) -> Iterator[Cell]:
    """Yield the cells without state that have so many inputs."""
    return (c for c in cells if not c.sequential and len(c.inputs) == inputs)
