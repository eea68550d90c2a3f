"""Registers that a fault makes differ while nobody looks: equal under conditions, by induction.

A fault may let a register take junk in cycles without work, where an enable is always up, say. Then
few nets are equal, and searches for an invariant get lost. Here the invariant has a form: each
register of the faulty unit is equal to the unit's own, always or while some bit of control is 0 or
1, such as the valid bit of its stage. All candidates of that form are taken, and fall one by one,
until those that are left hold after a reset in any state and from each cycle to the next. So are
facts of the unit's own control: bits that stand still, and pairs of which one is always up.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np

from macsmith.formal.network.bit_network import FALSE, TRUE, Network, Step, Word
from macsmith.formal.network.sat import Sat
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.netlist.influence_cones import fan_in
from macsmith.rtlsim.subject import MUTANT

Condition = tuple[int, int]
"""A register of control, and 1 if it must be 0."""

MOST_CONTROL = 64
"""Registers of control of which pairs are looked at."""

Claims = dict[int, set[Condition] | None]
"""Of each register the conditions under which it is equal; None if it always is."""


class MaskedRegisters:
    """Proves by such invariants that a fault cannot be seen.

    Parameters
    ----------
    design:
        The gates of the unit with all its faults.
    carriers:
        Outputs that matter while another is up, and that other one.
    """

    def __init__(self, design: GateNetlist, carriers: Mapping[str, str]) -> None:
        self._design, self._carriers = design, carriers
        self._outputs = [name for name, port in design.ports.items() if not port.is_input]
        self._count = len(design.next_state)

    def hide(self, mutant: int, limit_s: float) -> bool:
        """Return whether a fault is proved to change no output that matters."""
        end = time.monotonic() + limit_s
        claims: Claims = dict.fromkeys(range(self._count))
        # After a reset of both in one and the same state.
        reset = self._pair(mutant, claims, {"rst": [TRUE]})
        if not reset.fall(claims, self._conditions, end):
            return False
        while True:
            pair = self._pair(mutant, claims, {})
            kept = {place: one and set(one) for place, one in claims.items()}
            if not pair.fall(claims, self._conditions, end):
                return False
            if kept == claims:
                return not pair.sat.possible([pair.seen(self._outputs, self._carriers)])

    def _pair(self, mutant: int, claims: Claims, ports: Mapping[str, Word]) -> "_Pair":
        still, either = ({}, []) if ports else (self._still, self._either)
        return _Pair(self._design, mutant, claims, still, either, ports)

    @cached_property
    def _control(self) -> list[int]:
        """Registers on which handshakes depend, over any number of cycles."""
        design = self._design
        rows = [row for name in self._outputs if name not in self._carriers
                for row in design.ports[name].rows.tolist()]  # fmt: skip
        first, found = design.state.start, np.zeros(self._count, bool)
        while True:
            cone = fan_in(design, np.array(rows, np.intp))
            now = cone[first : first + self._count]
            if (now == found).all():
                return [int(place) for place in np.flatnonzero(found)]
            found = now
            rows += [*design.next_state[found].tolist(), *design.clocks[found].tolist()]

    @cached_property
    def _conditions(self) -> list[Condition]:
        """Registers of control that are of one bit, those of counters left out, both ways."""
        first = self._design.state.start
        single = {int(rows[0]) - first for rows in self._design.nets.values() if len(rows) == 1}
        places = [at for at in self._control if at in single and at not in self._still]
        return [(at, flip) for at in places for flip in (0, 1)]

    @cached_property
    def _still(self) -> dict[int, int]:
        """Registers of control that keep for ever what they have after a reset."""
        network = Network()
        zero = [FALSE] * len(self._design.ports[MUTANT].rows)
        after = Step(network, self._design, {MUTANT: zero, "rst": [TRUE]}).following
        still = {at: after[at] for at in self._control if after[at] in (FALSE, TRUE)}
        while True:
            network = Network()
            state = network.variables(self._count)
            for place, value in still.items():
                state[place] = value
            following = Step(network, self._design, {MUTANT: zero}, state).following
            sat, left = Sat(network), dict(still)
            while sat.possible([network.any(following[at] ^ bit for at, bit in left.items())]):
                value = sat.value(following)
                left = {at: bit for at, bit in left.items() if value >> at & 1 == bit}
            if left == still:
                return still
            still = left

    @cached_property
    def _either(self) -> list[tuple[Condition, Condition]]:
        """Pairs of control bits, as they are or inverted, of which one is up after each reset."""
        if len(self._conditions) > 2 * MOST_CONTROL:
            return []
        claims: Claims = dict.fromkeys(range(self._count))
        pairs = [one for one in combinations(self._conditions, 2) if one[0][0] != one[1][0]]
        reset = _Pair(self._design, 0, claims, {}, [], {"rst": [TRUE]})
        pairs = reset.upheld(pairs)
        while True:
            left = _Pair(self._design, 0, claims, self._still, pairs, {}).upheld(pairs)
            if left == pairs:
                return pairs
            pairs = left


class _Pair:
    """A cycle of the unit and of the faulty one, from states that keep to claims."""

    def __init__(
        self, design: GateNetlist, mutant: int, claims: Claims, still: Mapping[int, int],
        either: Sequence[tuple[Condition, Condition]], ports: Mapping[str, Word],
    ) -> None:  # fmt: skip
        self.network = network = Network()
        state = [still.get(place, FALSE) for place in claims]
        for place in claims:
            if place not in still:
                state[place] = network.variable()
        other = [self._faulty(state, place, one) for place, one in claims.items()]
        inputs = {
            name: network.variables(len(port.rows))
            for name, port in design.ports.items()
            if port.is_input
        }
        chosen = [mutant >> bit & 1 for bit in range(len(design.ports[MUTANT].rows))]
        inputs |= ports
        self.right = Step(network, design, inputs | {MUTANT: [FALSE] * len(chosen)}, state)
        self.faulty = Step(network, design, inputs | {MUTANT: chosen}, other)
        self.sat = Sat(network)
        for pair in either:
            self.sat.tell(network.any(state[at] ^ flip for at, flip in pair))

    def upheld(self, pairs: list[tuple[Condition, Condition]]) -> list[tuple[Condition, Condition]]:
        """Return the pairs of which one is up in the next cycle, too."""
        network, following = self.network, self.right.following

        def down() -> Iterable[int]:
            for pair in pairs:
                yield network.any(following[at] ^ flip for at, flip in pair) ^ 1

        while self.sat.possible([network.any(down())]):
            places = {at for pair in pairs for at, _ in pair}
            value = self.sat.value(following)
            up = {at: value >> at & 1 for at in places}
            pairs = [pair for pair in pairs if any(up[at] ^ flip for at, flip in pair)]
        return pairs

    def _faulty(self, state: Word, place: int, claim: set[Condition] | None) -> int:
        if claim is None:
            return state[place]
        equal = self.network.any(state[at] ^ flip for at, flip in claim)
        return self.network.choose(self.network.variable(), state[place], equal)

    def fall(self, claims: Claims, conditions: Sequence[Condition], end: float) -> bool:
        """Drop the claims that need not hold in the next cycle; return whether time was left."""
        network, right, faulty = self.network, self.right.following, self.faulty.following
        differ = [network.differ(*bits) for bits in zip(right, faulty, strict=True)]

        def broken(place: int, condition: Condition) -> int:
            at, flip = condition
            return network.both(differ[place], right[at] ^ flip)

        def all_broken() -> Iterable[int]:
            for place, claim in claims.items():
                if differ[place] == FALSE:
                    continue
                if claim is None:
                    yield differ[place]
                else:
                    yield from (broken(place, one) for one in claim)

        while self.sat.possible([network.any(all_broken())]):
            value = self.sat.value([*differ, *right])
            down = {(at, flip) for at, flip in conditions
                    if (value >> len(differ) + at ^ flip) & 1 == 0}  # fmt: skip
            for place, claim in claims.items():
                if value >> place & 1:
                    claims[place] = down if claim is None else claim & down
            if time.monotonic() > end:
                return False
        return True

    def seen(self, outputs: Iterable[str], carriers: Mapping[str, str]) -> int:
        """Return whether outputs differ where they matter."""
        network, found = self.network, FALSE
        for name in outputs:
            one = network.unequal(self.right.word(name), self.faulty.word(name))
            carrier = carriers.get(name)
            matters = TRUE if carrier is None else self.right.bit(carrier)
            found = network.either(found, network.both(one, matters))
        return found
