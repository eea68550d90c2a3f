"""Cell libraries from Liberty files, kept on disk between runs."""

import hashlib
import pickle
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import diskcache
import numpy as np

from macsmith.contract.errors import UserError
from macsmith.host.cache_folder import cache_folder
from macsmith.library import boolean, cell_library, liberty_parser
from macsmith.library.cell_library import (
    Arc,
    Array,
    Cell,
    Leakage,
    Library,
    Pin,
    Power,
    Tables,
    WireLoad,
)
from macsmith.library.liberty_parser import LibertyGroup

_TIME_NS = {"fs": 1e-6, "ps": 1e-3, "ns": 1.0, "us": 1e3}
_CAPACITANCE_FF = {"ff": 1.0, "pf": 1e3}
_RESISTANCE_KOHM = {"ohm": 1e-3, "kohm": 1.0}
_VOLTAGE = {"mv": 1e-3, "v": 1.0}
_POWER_NW = {"fw": 1e-6, "pw": 1e-3, "nw": 1.0, "uw": 1e3, "mw": 1e6}
_LOAD_AXIS = "total_output_net_capacitance"
_DELAYS = ("cell_rise", "cell_fall", "rise_transition", "fall_transition")
_CONSTRAINTS = ("rise_constraint", "fall_constraint")
_POWERS = ("rise_power", "fall_power", "power")


def content_hash(paths: Sequence[Path]) -> str:
    """Return the sha256 of a file, or of the digests of several, in hexadecimal."""
    digests = []
    for path in paths:
        try:
            digests.append(hashlib.sha256(path.read_bytes()))
        except OSError as error:
            raise UserError(f"{path} must be a readable file: {error.strerror}") from None
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()


def load(paths: Sequence[Path]) -> Library:
    """Read the library in ``paths``; several files are parts of one.

    What was read is kept on disk under the content of the files and of this program.

    Raises
    ------
    UserError
        If a file is not readable, not Liberty or without timing tables.
    """
    program = [Path(module.__file__ or "") for module in (boolean, cell_library, liberty_parser)]
    key = "library", content_hash(paths), content_hash([*program, Path(__file__)])
    # A cache that cannot be used costs time, not the result.
    unusable = (OSError, sqlite3.Error, pickle.PickleError, EOFError, diskcache.Timeout)
    with suppress(*unusable), diskcache.Cache(cache_folder("libraries")) as cache:
        if (library := cache.get(key)) is not None:
            return library
    library = _library([(path, liberty_parser.read(path)) for path in paths])
    with suppress(*unusable), diskcache.Cache(cache_folder("libraries")) as cache:
        cache.set(key, library)
    return library


def _library(files: Sequence[tuple[Path, LibertyGroup]]) -> Library:
    tables: list[tuple[Array, Array, Array]] = []
    found: dict[str, Cell] = {}
    for path, group in files:
        try:
            part = _Reader(group, tables).cells()
        except (ValueError, KeyError, IndexError) as error:
            raise UserError(f"{path} must hold well-formed cells, but does not: {error}") from None
        if twice := next((cell.name for cell in part if cell.name in found), None):
            raise UserError(f"{path} must be part of one corner, but {twice} is in an earlier file")
        found.update((cell.name, cell) for cell in part)
    path, first = files[0]
    if not found:
        raise UserError(f"{path} must hold at least one cell, but holds none")
    if not tables:
        raise UserError(f"{path} must hold timing tables (NLDM), but holds none")
    reader = _Reader(first, tables)
    return Library(
        name=first.name,
        cells=found,
        tables=Tables(tables),
        wire_load=reader.wire_load(),
        time_ns=reader.time_ns,
        capacitance_ff=reader.capacitance_ff,
        voltage=reader.voltage,
    )


class _Reader:
    """What the words of one library group mean, given its units and table templates."""

    def __init__(self, group: LibertyGroup, tables: list[tuple[Array, Array, Array]]) -> None:
        self._group = group
        self._tables = tables
        kinds = ("lu_table_template", "power_lut_template")
        self._templates = {t.name: t for t in group.select(*kinds)}
        self.time_ns = _scale(group.attributes.get("time_unit", "1ns"), _TIME_NS)
        unit = next(group.lists("capacitive_load_unit"), ("1", "pf"))
        self.capacitance_ff = _scale("".join(unit), _CAPACITANCE_FF)
        volts = _scale(group.attributes.get("voltage_unit", "1V"), _VOLTAGE)
        self.voltage = group.number("nom_voltage") * volts
        self._energy_fj = self.capacitance_ff * volts**2
        self._power_nw = _scale(group.attributes.get("leakage_power_unit", "1nW"), _POWER_NW)

    def cells(self) -> list[Cell]:
        return [self._cell(group) for group in self._group.select("cell")]

    def wire_load(self) -> WireLoad | None:
        """Return the library's default wire load, or None where it has none."""
        default = self._group.attributes.get("default_wire_load")
        model = next((w for w in self._group.select("wire_load") if w.name == default), None)
        if model is None:
            return None
        conditions = self._group.attributes.get("default_operating_conditions")
        trees = {
            c.name: c.attributes.get("tree_type")
            for c in self._group.select("operating_conditions")
        }
        resistance = _scale(
            self._group.attributes.get("pulling_resistance_unit", "1kohm"), _RESISTANCE_KOHM
        )
        lengths = [(int(float(n)), float(length)) for n, length, *_ in model.lists("fanout_length")]
        return WireLoad(
            ff_per_length=model.number("capacitance") * self.capacitance_ff,
            kohm_per_length=model.number("resistance") * resistance,
            lengths=tuple(sorted(lengths)),
            slope=model.number("slope"),
            tree=trees.get(conditions or "") or "balanced_tree",
        )

    def _cell(self, group: LibertyGroup) -> Cell:
        kinds = ("ff", "latch", "ff_bank", "latch_bank", "statetable")
        state = next((g for kind in kinds for g in group.select(kind)), None)
        grounds = {
            g.name for g in group.select("pg_pin") if "ground" in g.attributes.get("pg_type", "")
        }
        return Cell(
            name=group.name,
            area=group.number("area"),
            pins={pin.name: pin for g in group.select("pin") for pin in self._pins(g)},
            arcs=tuple(arc for g in group.select("pin") for arc in self._arcs(g)),
            sequential=state.kind if state else None,
            next_state=state.attributes.get("next_state") if state else None,
            clocked_on=state.attributes.get("clocked_on") if state else None,
            states=state.names if state else (),
            clear=state.attributes.get("clear") if state else None,
            preset=state.attributes.get("preset") if state else None,
            clock_gate=group.attributes.get("clock_gating_integrated_cell"),
            dont_use=group.attributes.get("dont_use") == "true",
            power=tuple(p for g in group.select("pin") for p in self._powers(g, grounds)),
            leakage=tuple(self._leakages(group, grounds)),
        )

    def _pins(self, group: LibertyGroup) -> list[Pin]:
        direction = group.attributes.get("direction", "input")
        common = self._group.number(f"default_{direction}_pin_cap")
        common = group.number("capacitance", common)
        roles = [
            role
            for role in ("clock", "enable", "test", "out")
            if group.attributes.get(f"clock_gate_{role}_pin") == "true"
        ]
        rise, fall = (self._capacitance_ff(group, edge, common) for edge in ("rise", "fall"))
        function = None if "three_state" in group.attributes else group.attributes.get("function")
        if function:
            # The names may be those of internal states.
            boolean.evaluate(function, dict.fromkeys(boolean.names(function), 0), 1)
        role = roles[0] if roles else None
        return [Pin(name, direction, rise, fall, function, role) for name in group.names]

    def _capacitance_ff(self, pin: LibertyGroup, edge: str, common: float) -> float:
        extremes = next(pin.lists(f"{edge}_capacitance_range"), ())
        stated = pin.number(f"{edge}_capacitance", common)
        return max([stated, *map(float, extremes)]) * self.capacitance_ff

    def _arcs(self, pin: LibertyGroup) -> list[Arc]:
        arcs = []
        for timing in pin.select("timing"):
            numbers = {g.kind: self._table(g) for g in timing.select(*_DELAYS, *_CONSTRAINTS)}
            arcs += [
                Arc(
                    related=related,
                    pin=name,
                    kind=timing.attributes.get("timing_type", "combinational"),
                    sense=timing.attributes.get("timing_sense", "non_unate"),
                    when=timing.attributes.get("when"),
                    tables=numbers,
                )
                for name in pin.names
                for related in timing.attributes.get("related_pin", "").split()
            ]
        return arcs

    def _powers(self, pin: LibertyGroup, grounds: set[str]) -> Iterator[Power]:
        """Yield a pin's internal power; what leaves through ground has come from the supply."""
        for power in pin.select("internal_power"):
            if power.attributes.get("related_pg_pin") in grounds:
                continue
            found = {g.kind: self._table(g, self._energy_fj) for g in power.select(*_POWERS)}
            both = {edge: found["power"] for edge in _POWERS[:2] if "power" in found}
            for related in power.attributes.get("related_pin", "").split() or [""]:
                for name in pin.names:
                    yield Power(related or None, name, power.attributes.get("when"), found | both)

    def _leakages(self, cell: LibertyGroup, grounds: set[str]) -> Iterator[Leakage]:
        general = cell.attributes.get("cell_leakage_power")
        for group in cell.select("leakage_power"):
            if group.attributes.get("related_pg_pin") not in grounds:
                if group.attributes.get("when") is None:
                    general = group.attributes["value"]
                else:
                    nw = group.number("value") * self._power_nw
                    yield Leakage(group.attributes["when"], nw)
        if general is not None:
            yield Leakage(None, float(general) * self._power_nw)

    def _table(self, group: LibertyGroup, unit: float | None = None) -> int:
        """Add a table to the stack, slew first and in ns and fF, and return its number.

        Its values are times, or in ``unit`` where that is given.
        """
        template = self._templates.get(group.name, LibertyGroup("scalar"))
        variables = [template.attributes.get(f"variable_{n}") for n in (1, 2)]
        axes = []
        for n, variable in enumerate(variables, 1):
            axis = group.array(f"index_{n}") if variable else np.empty(0)
            if variable and not axis.size:
                axis = template.array(f"index_{n}")
            axes.append(axis * (self.capacitance_ff if variable == _LOAD_AXIS else self.time_ns))
        values = group.array("values") * (self.time_ns if unit is None else unit)
        values = values.reshape([max(axis.size, 1) for axis in axes])
        if variables[0] in (_LOAD_AXIS, "constrained_pin_transition"):
            axes, values = axes[::-1], values.T
        for n, axis in enumerate(axes):
            if axis.size < 2:
                axes[n], values = np.array([0.0, 1.0]), values.repeat(2, axis=n)
            elif any(b <= a for a, b in pairwise(axis)):
                raise ValueError(f"the axes of table {group.kind} must rise")
        self._tables.append((axes[0], axes[1], values))
        return len(self._tables) - 1


def _scale(text: str, units: dict[str, float]) -> float:
    """Return a unit such as "10ps" as a number of base units."""
    match = re.fullmatch(r"\s*([\d.eE+-]+?)\s*([a-zA-Z]+)\s*", text)
    if not match or match[2].lower() not in units:
        raise ValueError(f"unit must be a multiple of {', '.join(units)}, not {text!r}")
    return float(match[1]) * units[match[2].lower()]
