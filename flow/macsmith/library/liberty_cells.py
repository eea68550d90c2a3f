"""Cells of a Liberty library: what its words mean, in ns, fF, fJ and nW."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from macsmith.library import boolean
from macsmith.library.cell_library import Arc, Array, Cell, Leakage, Pin, Power, WireLoad
from macsmith.library.liberty_parser import LibertyGroup

_TIME_NS = {"fs": 1e-6, "ps": 1e-3, "ns": 1.0, "us": 1e3}
_CAPACITANCE_FF = {"ff": 1.0, "pf": 1e3}
_RESISTANCE_KOHM = {"ohm": 1e-3, "kohm": 1.0}
_VOLTAGE = {"mv": 1e-3, "v": 1.0}
_POWER_NW = {"fw": 1e-6, "pw": 1e-3, "nw": 1.0, "uw": 1e3, "mw": 1e6}
_LOAD_AXIS = "total_output_net_capacitance"
_AXES = (
    None, _LOAD_AXIS, "input_net_transition", "input_transition_time", "related_pin_transition",
    "constrained_pin_transition",
)  # fmt: skip
_DELAYS = ("cell_rise", "cell_fall", "rise_transition", "fall_transition")
_CONSTRAINTS = ("rise_constraint", "fall_constraint")
_POWERS = ("rise_power", "fall_power", "power")
_DIRECTIONS = ("input", "output", "internal")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class CellReader:
    """What the words of one library group mean, given its units and table templates.

    Parameters
    ----------
    group
        The library.
    tables
        Where tables go that its cells name by their places.

    Raises
    ------
    ValueError
        If a unit or the supply is no number of what it measures.
    """

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
        if not math.isfinite(self.voltage):
            raise ValueError(f"nom_voltage must be a finite number, not {self.voltage}")
        self.energy_fj = self.capacitance_ff * volts**2
        self._power_nw = _scale(group.attributes.get("leakage_power_unit", "1nW"), _POWER_NW)

    def cell(self, group: LibertyGroup) -> Cell:
        """Return one cell; of one that is refused no table stays.

        Raises
        ------
        ValueError, KeyError, IndexError
            If it is not as Liberty has cells, or as the tools of the flow take them.
        """
        before = len(self._tables)
        try:
            return checked(self._cell(group), group)
        except (ValueError, KeyError, IndexError):
            del self._tables[before:]
            raise

    def wire_load(self) -> WireLoad | None:
        """Return the library's default wire load, or None where it has none or an empty one."""
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
        if not lengths:
            return None
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
            pins={pin.name: pin for pin in self._pins_of(group)},
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

    def _pins_of(self, cell: LibertyGroup) -> list[Pin]:
        """Return a cell's pins; roles that a clock gate leaves open follow from directions."""
        pins = [pin for group in cell.select("pin") for pin in self._pins(group)]
        if "clock_gating_integrated_cell" not in cell.attributes or any(pin.role for pin in pins):
            return pins
        clocks = {
            name for group in cell.select("pin") for name in group.names
            if group.attributes.get("clock") == "true"
        }  # fmt: skip
        inputs = [pin.name for pin in pins if pin.direction == "input"]
        outputs = [pin.name for pin in pins if pin.direction == "output"]
        roles = dict.fromkeys(clocks, "clock")
        if len(inputs) == 2 and len(clocks) == len(outputs) == 1:
            roles |= {name: "enable" for name in inputs if name not in clocks}
            roles[outputs[0]] = "out"
        return [replace(pin, role=roles.get(pin.name)) for pin in pins]

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
            found = {g.kind: self._table(g, self.energy_fj) for g in power.select(*_POWERS)}
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
        if strange := next((one for one in variables if one not in _AXES), None):
            raise ValueError(
                f"template {group.name} must have axes of slews and loads, not {strange!r}"
            )
        axes = []
        for n, variable in enumerate(variables, 1):
            axis = group.array(f"index_{n}") if variable else np.empty(0)
            if variable and not axis.size:
                axis = template.array(f"index_{n}")
            axes.append(axis * (self.capacitance_ff if variable == _LOAD_AXIS else self.time_ns))
        values = group.array("values") * (self.time_ns if unit is None else unit)
        shape = [max(axis.size, 1) for axis in axes]
        if values.size != math.prod(shape):
            raise ValueError(
                f"table {group.kind} ({group.name}) must hold {' x '.join(map(str, shape))} values,"
                f" not {values.size}"
            )
        values = values.reshape(shape)
        if variables[0] in (_LOAD_AXIS, "constrained_pin_transition"):
            axes, values = axes[::-1], values.T
        for n, axis in enumerate(axes):
            if axis.size < 2:
                axes[n], values = np.array([0.0, 1.0]), values.repeat(2, axis=n)
            elif any(b <= a for a, b in pairwise(axis)):
                raise ValueError(f"the axes of table {group.kind} ({group.name}) must rise")
        if not all(np.isfinite(numbers).all() for numbers in (*axes, values)):
            raise ValueError(f"table {group.kind} ({group.name}) must hold finite numbers")
        self._tables.append((axes[0], axes[1], values))
        return len(self._tables) - 1


def _scale(text: str, units: dict[str, float]) -> float:
    """Return a unit such as "10ps" as a number of base units."""
    match = re.fullmatch(r"\s*([\d.eE+-]+?)\s*([a-zA-Z]+)\s*", text)
    if not match or match[2].lower() not in units:
        raise ValueError(f"unit must be a multiple of {', '.join(units)}, not {text!r}")
    scale = float(match[1]) * units[match[2].lower()]
    if not 0 < scale < math.inf:
        raise ValueError(f"unit must be more than nothing, not {text!r}")
    return scale


def checked(cell: Cell, group: LibertyGroup) -> Cell:
    """Return a cell if all that is said of it holds together, and the tools take its names.

    Raises
    ------
    ValueError
        If not.
    """
    states = cell.states if cell.sequential in ("ff", "latch") else ()
    for name in (cell.name, *cell.pins, *states):
        if not _NAME.fullmatch(name):
            raise ValueError(f"names must be of letters, digits and _, which {name!r} is not")
    if wide := next(group.select("bus", "bundle"), None):
        raise ValueError(f"its pins must be single bits, not {wide.kind} {wide.name}")
    pins = [name for pin in group.select("pin") for name in pin.names]
    if twice := next((name for name in pins if pins.count(name) > 1), None):
        raise ValueError(f"pin {twice} must be there once, not twice")
    allowed = _DIRECTIONS if cell.outputs else (*_DIRECTIONS, "inout")
    for pin in cell.pins.values():
        if pin.direction not in allowed:
            raise ValueError(f"direction of {pin.name} must be input or output: {pin.direction!r}")
    known = {*cell.pins, *cell.states}
    for arc in (*cell.arcs, *cell.power):
        if arc.related is not None and arc.related not in cell.pins:
            raise ValueError(f"related_pin must be a pin of the cell, not {arc.related!r}")
    if cell.sequential in ("ff", "latch") and len(cell.states) != 2:
        raise ValueError(f"{cell.sequential} must name a state and its complement")
    if cell.sequential == "ff" and not (cell.next_state and cell.clocked_on):
        raise ValueError("ff must have next_state and clocked_on")
    said = [pin.function for pin in cell.pins.values()]
    said += [cell.next_state, cell.clocked_on, cell.clear, cell.preset]
    said += [one.when for one in (*cell.power, *cell.leakage)]
    for expression in (one for one in said if one is not None):
        names = boolean.names(expression)
        boolean.evaluate(expression, dict.fromkeys(names, 0), 1)
        if strange := next((name for name in names if name not in known), None):
            raise ValueError(f"{expression!r} must be of pins and states, not of {strange!r}")
    if not cell.sequential:
        stated = {(arc.related, arc.pin, kind) for arc in cell.arcs for kind in arc.tables}
        ends = [(name, pin.name) for pin in cell.pins.values() if pin.function is not None
                for name in boolean.names(pin.function)]  # fmt: skip
        for name, end in ends:
            if kind := next((one for one in _DELAYS if (name, end, one) not in stated), None):
                raise ValueError(f"{kind} from {name} to {end} must be there")
    numbers = [cell.area, *(leak.nw for leak in cell.leakage)]
    numbers += [ff for pin in cell.pins.values() for ff in (pin.rise_ff, pin.fall_ff)]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("area, capacitances and leakage must be finite numbers")
    if cell.area < 0:
        raise ValueError(f"area must be no less than 0, not {cell.area:g}")
    roles = {pin.role for pin in cell.pins.values()}
    if cell.clock_gate and not {"clock", "enable", "out"} <= roles:
        raise ValueError("a clock gate must tell which of its pins are clock, enable and output")
    return cell
