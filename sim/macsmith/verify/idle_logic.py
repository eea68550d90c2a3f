"""Whether what a mode does not need stands still: toggles of idle nets, counted on gates.

Three criteria, for a core in a low mode after traffic at full precision:

- *registers*: idle bits of product register and accumulator do not toggle, nor do their enables
  and gated clocks rise;
- *cones*: nets that reach no live register bit within a cycle do not toggle;
- *products*: where an activation lane and a weight lane form no product, operands in these two
  alone make no net toggle on which both have an influence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.modes import Mode
from macsmith.mac.register_groups import RegisterGroup
from macsmith.mac.spec import MacSpec
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.netlist.influence_cones import Mask, fan_in, fan_out
from macsmith.netlist.toggles import ToggleCounter
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.batches import Batch
from macsmith.operands.gate_traffic import beats_of, drive, follow
from macsmith.operands.stimulus import source_of

Rows = NDArray[np.intp]

LANES = 256
"""Copies of a unit that run side by side, each with operands of its own."""

ACCUMULATIONS = 6
"""Accumulations in the mode that is looked at; the first ones fill the registers."""

LENGTH = 2
"""Beats of an accumulation."""

_REGISTER = re.compile(r"(product|accumulator)(?:_(\d+))?(?:\[\d+\])?")
"""A register of a core, or one bit of it: its name, and the number of its group if it has more."""


@dataclass(frozen=True)
class Violation:
    """An idle net that toggles: how often, in so many transitions of all lanes."""

    criterion: str
    net: str
    toggles: int
    transitions: int


class Core:
    """The nets of a core within a netlist.

    Parameters
    ----------
    prefix:
        What the names of the core's nets begin with.
    """

    def __init__(self, netlist: GateNetlist, spec: MacSpec, prefix: str = "") -> None:
        self.netlist, self.spec, self.prefix = netlist, spec, prefix
        self.registers: dict[str, dict[int, set[int]]] = {"product": {}, "accumulator": {}}
        for name, rows in netlist.nets.items():
            if match := _REGISTER.fullmatch(name.removeprefix(prefix)):
                number = int(match[2] or 0)
                self.registers[match[1]].setdefault(number, set()).update(rows.tolist())
        # A mapped netlist knows them by the port's name.
        acc = self.net("acc")
        for number, places in enumerate(spec.acc_groups):
            registered = {int(acc[place]) for place in places.bits}
            self.registers["accumulator"].setdefault(number, set()).update(registered)
        known = {
            row for groups in self.registers.values() for rows in groups.values() for row in rows
        }
        nameless = len(netlist.next_state) - len(set(self._flip_flops(known)))
        if nameless and not prefix:
            raise ValueError(
                f"netlist must name the registers of its core, but {nameless} lack one"
            )

    def net(self, name: str) -> Rows:
        """Return the rows of one of the core's nets; of none if the core has no such port."""
        return self.netlist.nets.get(self.prefix + name, np.empty(0, dtype=np.intp))

    def idle_registers(self, mode: Mode) -> Mask:
        """Return the register bits that must stand still, with their enables and clocks."""
        spec = self.spec
        live = set(spec.acc_moving(mode))
        rows = {int(row) for place, row in enumerate(self.net("acc")) if place not in live}
        rows |= self._unclocked(mode)
        rows |= set(self.netlist.clocks[self._stopped(mode)].tolist()) - {1}
        rows |= self._enables("product_en", spec.product_groups, mode)
        rows |= self._enables("acc_en", spec.acc_groups, mode)
        return self.mask(rows)

    def idle_cones(self, mode: Mode) -> Mask:
        """Return the nets that reach no register bit that is clocked, in this cycle."""
        netlist = self.netlist
        live = np.ones(len(netlist.next_state), dtype=bool)
        live[self._stopped(mode)] = False
        ends = [netlist.next_state[live], netlist.clocks[live]]
        ends += [port.rows for port in netlist.ports.values() if not port.is_input]
        dead = ~fan_in(netlist, np.concatenate(ends))
        dead[:2] = False
        return dead

    def mixed(self) -> Mask:
        """Return the nets on which both operands have an influence."""
        return fan_out(self.netlist, self.net("act")) & fan_out(self.netlist, self.net("weight"))

    def _unclocked(self, mode: Mode) -> set[int]:
        """Return the rows of register groups that are not clocked in a mode."""
        groups = {"product": self.spec.product_groups, "accumulator": self.spec.acc_groups}
        return {
            row
            for register, numbered in self.registers.items()
            for number, group in enumerate(groups[register])
            if mode not in group.modes
            for row in numbered[number]
        }

    def _enables(self, port: str, groups: Iterable[RegisterGroup], mode: Mode) -> set[int]:
        rows = self.net(port)
        if not len(rows):
            return set()
        return {
            int(row) for row, group in zip(rows, groups, strict=True) if mode not in group.modes
        }

    def _stopped(self, mode: Mode) -> list[int]:
        """Return the flip-flops that are not clocked in a mode, by their place in the state."""
        return self._flip_flops(self._unclocked(mode))

    def _flip_flops(self, rows: set[int]) -> list[int]:
        """Return the flip-flops behind ``rows``, of which an output may have a buffer before it."""
        state = self.netlist.state
        places = [np.flatnonzero(fan_in(self.netlist, row)[state]) for row in rows - {0, 1}]
        return [int(place) for (place,) in places]

    def mask(self, rows: Iterable[int]) -> Mask:
        """Return a set of rows as a mask."""
        mask = np.zeros(self.netlist.rows, dtype=bool)
        mask[list(rows)] = True
        return mask


class IdleCheck:
    """Counts toggles in one design mode by mode: in the unit's gates, or in a netlist of its core.

    Parameters
    ----------
    unit:
        The gates of the unit, its hierarchy flattened, with names.
    core:
        A netlist of its core alone, which then gets the operands and controls of the unit's; if
        None the core within the unit is looked at.
    """

    def __init__(
        self,
        name: str,
        spec: MacSpec,
        unit: GateNetlist,
        core: GateNetlist | None = None,
        seed: int = 1,
    ) -> None:
        self.name, self.spec = name, spec
        self.unit = GateEngine(unit)
        self.apart = GateEngine(core) if core else None
        self.core = Core(core, spec) if core else Core(unit, spec, "core.")
        self.rng = np.random.default_rng(seed)

    def violations(self, index: int) -> list[Violation]:
        """Return the idle nets that toggle in mode ``index``, by the first two criteria."""
        mode = self.spec.modes[index]
        counter = self._count(self._operands(index))
        registers = self.core.idle_registers(mode)
        return [
            *self._found("registers", counter, registers),
            *self._found("cones", counter, self.core.idle_cones(mode) & ~registers),
        ]

    def products(self, index: int) -> list[Violation]:
        """Return the nets that toggle in mode ``index`` by products that it does not form.

        For styles in which lane k of either operand meets lane k of the other alone.
        """
        # Each copy has activations in some lanes and weights in the others.
        acts = self.rng.integers(2, size=(LANES, 1, self.spec.products(self.spec.modes[index])))
        apart = [
            batch.with_fields(a=batch.fields["a"] * acts, w=batch.fields["w"] * (1 - acts))
            for batch in self._operands(index)
        ]
        return self._found("products", self._count(apart), self.core.mixed())

    def _operands(self, index: int, accumulations: int = ACCUMULATIONS) -> list[Batch]:
        source = source_of(self.name, self.spec, index, self.rng)
        return [source.uniform(LANES, LENGTH) for _ in range(accumulations)]

    def _count(self, batches: list[Batch]) -> ToggleCounter:
        """Count from the first result on; full-precision traffic comes before it."""
        junk = self._operands(0, 1)
        beats = [beat for batch in junk + batches for beat in beats_of(batch, self.spec)]
        self.unit.reset(LANES)
        if self.apart:
            self.apart.reset(LANES)
        counter = ToggleCounter(self.apart or self.unit)
        for results in drive(self.unit, beats):
            if self.apart:
                follow(self.apart, self.unit)
            if results > len(junk):
                counter.sample()
            if self.apart:
                self.apart.tick()
        return counter

    def _found(self, criterion: str, counter: ToggleCounter, idle: Mask) -> list[Violation]:
        """Return the nets that toggle though they are idle; nets within cells have no names."""
        names = self.core.netlist.names
        toggling = np.flatnonzero(np.where(idle, counter.counts, 0)).tolist()
        return [
            Violation(criterion, names[row], int(counter.counts[row]), counter.transitions)
            for row in toggling
            if row in names
        ]
