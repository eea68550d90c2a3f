"""Memory macros of a user: sizes, areas and energies of accesses, as their Liberty files state."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from macsmith.analysis.zeros.macro_states import READ, WRITE, state_of
from macsmith.analysis.zeros.sram import Macro, MacroFamily
from macsmith.contract.errors import UserError
from macsmith.library import boolean
from macsmith.library.liberty_cells import CellReader
from macsmith.library.liberty_parser import LibertyGroup, read

LEAST = 3
"""Macros that an expression of three terms needs."""

SECOND_PORT_AREA = 2.0
"""How many times the area is if words are read and written in the same cycle."""


def macros_of(path: Path, read_when: str = READ, write_when: str = WRITE) -> MacroFamily:
    """Return the macros of a Liberty file, or of those of a folder.

    A macro is a cell with a ``memory`` group. An access takes what the ``internal_power`` of a
    clock pin states of its edges under a condition that the state of the access fulfils.

    Parameters
    ----------
    path:
        A file, or a folder of ``.lib`` and ``.lib.gz`` files.
    read_when, write_when:
        The states: names of pins, or their complements, joined by ``&``. What depends on pins that
        a state does not name, as those of a test port, is passed over.

    Raises
    ------
    UserError
        If there are fewer than three different sizes, or a macro states no energy of an access.
    """
    states = {"read": state_of("read", read_when), "write": state_of("write", write_when)}
    files = _files(path)
    found: dict[tuple[int, int], Macro] = {}
    for file in files:
        library = read(file)
        for cell in library.select("cell"):
            for memory in cell.select("memory"):
                macro = _macro(file, library, cell, memory, states)
                found.setdefault((macro.depth, macro.width), macro)
    widths, depths = {width for _, width in found}, {depth for depth, _ in found}
    if len(found) < LEAST or len(widths) < 2 or len(depths) < 2:
        raise UserError(
            f"macros must be of at least {LEAST} sizes, of different widths and depths, to fit "
            f"others between them, not {len(found)} in {path}"
        )
    macros = [found[size] for size in sorted(found)]
    return MacroFamily(f"{len(macros)} macros of {path.name}", macros, SECOND_PORT_AREA)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(one for one in path.iterdir() if one.name.endswith((".lib", ".lib.gz")))
    if not files:
        raise UserError(f"{path} must hold .lib or .lib.gz files of macros, but holds none")
    return files


def _macro(
    file: Path, library: LibertyGroup, cell: LibertyGroup, memory: LibertyGroup,
    states: Mapping[str, Mapping[str, int]],
) -> Macro:  # fmt: skip
    sizes = {}
    for name in ("address_width", "word_width"):
        text = memory.attributes.get(name, "")
        if not text.isdigit() or not 0 < int(text) <= 1024:
            raise UserError(f"{file}: memory of {cell.name} must have a whole {name}, not {text!r}")
        sizes[name] = int(text)
    area = _number(file, cell, "area", cell.attributes.get("area", ""))
    pj = _unit_pj(file, library)
    energies = {access: pj * _energy(file, cell, access, pins) for access, pins in states.items()}
    return Macro(
        1 << sizes["address_width"], sizes["word_width"], area, energies["read"], energies["write"]
    )


def _unit_pj(file: Path, library: LibertyGroup) -> float:
    """Return the unit of a library's energies."""
    try:
        return CellReader(library, []).energy_fj / 1000
    except ValueError as error:
        raise UserError(f"{file} must state its units: {error}") from None


def _energy(file: Path, cell: LibertyGroup, access: str, pins: Mapping[str, int]) -> float:
    """Return what a clock's rise and fall take in a state, the most of all clock pins."""
    told = []
    found = []
    for power in _clock_powers(cell):
        when = power.attributes.get("when", "1")
        told.append(when)
        named = set(boolean.names(when)) <= pins.keys()
        if named and boolean.evaluate(when, pins, 1) & 1:
            edges = (_table(file, cell, power, edge) for edge in ("rise_power", "fall_power"))
            found.append(sum(edges))
    if not found or max(found) <= 0:
        raise UserError(
            f"{file}: a clock of {cell.name} must state the energy of a {access}, but knows "
            f"{' and '.join(told[:3]) or 'none'}; --macro-{access} says which state it is"
        )
    return max(found)


def _clock_powers(cell: LibertyGroup) -> Iterator[LibertyGroup]:
    for pin in cell.select("pin"):
        if pin.attributes.get("clock", "").strip().lower() == "true":
            yield from pin.select("internal_power")


def _table(file: Path, cell: LibertyGroup, power: LibertyGroup, edge: str) -> float:
    """Return the mean of an edge's table; energies of macros hardly depend on slopes."""
    values: Sequence[float] = [
        _number(file, cell, edge, number)
        for table in power.select(edge)
        for row in table.lists("values")
        for text in row
        for number in text.replace(",", " ").split()
    ]
    return sum(values) / len(values) if values else 0.0


def _number(file: Path, cell: LibertyGroup, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise UserError(f"{file}: {name} of {cell.name} must be a number from 0, not {text!r}")
    return value
