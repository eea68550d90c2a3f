"""Networks of bits: gates over free variables, equal gates made once, constants folded.

A literal is a whole number: twice the place of a gate, plus one if it is inverted. So `FALSE` is 0
and `TRUE` is 1, and ``literal ^ 1`` is the complement. A word is a list of literals, lowest first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from macsmith.netlist.gate_netlist import CLOCK_GATE, GateNetlist

FALSE, TRUE = 0, 1

VARIABLE, AND, XOR, MUX = range(4)
"""Kinds of gates; a multiplexer is ``(a, b, s)``: b if s, else a."""

Word = list[int]


class Network:
    """Gates in an order of evaluation; what goes into one has a lower place.

    Members
    -------
    kinds, inputs:
        Of each place its kind, and the literals that go into it; place 0 is the constant.
    """

    def __init__(self) -> None:
        self.kinds = [VARIABLE]
        self.inputs: list[tuple[int, ...]] = [()]
        self._known: dict[tuple[int, ...], int] = {}

    def variable(self) -> int:
        """Return a new free bit."""
        self.kinds.append(VARIABLE)
        self.inputs.append(())
        return 2 * (len(self.kinds) - 1)

    def variables(self, width: int) -> Word:
        """Return a word of free bits."""
        return [self.variable() for _ in range(width)]

    def both(self, a: int, b: int) -> int:
        """Return ``a & b``."""
        if a > b:
            a, b = b, a
        if a == FALSE or a == b ^ 1:
            return FALSE
        if a in (TRUE, b):
            return b
        return self._gate(AND, a, b)

    def either(self, a: int, b: int) -> int:
        """Return ``a | b``."""
        return self.both(a ^ 1, b ^ 1) ^ 1

    def differ(self, a: int, b: int) -> int:
        """Return ``a ^ b``."""
        flip = (a ^ b) & 1
        a, b = sorted((a & ~1, b & ~1))
        if a == b:
            return flip
        if a == FALSE:
            return b ^ flip
        return self._gate(XOR, a, b) ^ flip

    def choose(self, a: int, b: int, s: int) -> int:
        """Return ``b`` if ``s``, else ``a``."""
        if s & 1:
            a, b, s = b, a, s ^ 1
        if s == FALSE or a == b:
            return a
        if a == b ^ 1:
            return self.differ(a, s)
        if a in (FALSE, s):
            return self.both(b, s)
        if a in (TRUE, s ^ 1):
            return self.either(b, s ^ 1)
        if b in (FALSE, s ^ 1):
            return self.both(a, s ^ 1)
        if b in (TRUE, s):
            return self.either(a, s)
        flip = a & 1
        return self._gate(MUX, a ^ flip, b ^ flip, s) ^ flip

    def gate(self, kind: int, pins: Sequence[int]) -> int:
        """Return a gate of a kind."""
        if kind == AND:
            return self.both(*pins)
        return self.differ(*pins) if kind == XOR else self.choose(*pins)

    def any(self, literals: Iterable[int]) -> int:
        """Return whether one of them is up."""
        found = FALSE
        for literal in literals:
            found = self.either(found, literal)
        return found

    def all(self, literals: Iterable[int]) -> int:
        """Return whether all of them are up."""
        return self.any(literal ^ 1 for literal in literals) ^ 1

    def unequal(self, a: Sequence[int], b: Sequence[int]) -> int:
        """Return whether two words of one width differ."""
        return self.any(self.differ(x, y) for x, y in zip(a, b, strict=True))

    def _gate(self, *key: int) -> int:
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = len(self.kinds)
            self.kinds.append(key[0])
            self.inputs.append(key[1:])
        return 2 * place

    def cone(self, literals: Iterable[int]) -> list[int]:
        """Return the places that literals depend on, rising, without the constant."""
        found = {0}
        pending = [literal >> 1 for literal in literals]
        while pending:
            place = pending.pop()
            if place not in found:
                found.add(place)
                pending += [literal >> 1 for literal in self.inputs[place]]
        found.discard(0)
        return sorted(found)


def valued(kind: int, pins: Sequence[int], every: int) -> int:
    """Return what a gate gives in many cases, a bit of a number each, all of them in ``every``."""
    if kind == AND:
        return pins[0] & pins[1]
    if kind == XOR:
        return pins[0] ^ pins[1]
    return pins[0] ^ ((pins[0] ^ pins[1]) & pins[2] & every)


class Step:
    """A cycle of a design within a network: what its nets are, and its next state.

    Parameters
    ----------
    network:
        Receives the gates.
    design:
        The gates of the design.
    ports:
        Words of the input ports; those that are not named are free.
    state:
        Bits of the flip-flops, in the order of ``design.state``; free if not given.
    given:
        Nets of one bit that are known to hold something: only cycles in which they do are looked
        at.
    """

    def __init__(
        self,
        network: Network,
        design: GateNetlist,
        ports: Mapping[str, Sequence[int]],
        state: Sequence[int] | None = None,
        given: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        rows = [FALSE, TRUE] + [FALSE] * (design.rows - 2)
        for name, port in design.ports.items():
            if port.is_input:
                word = ports.get(name)
                if word is None:
                    word = network.variables(len(port.rows))
                for row, literal in zip(port.rows.tolist(), word, strict=True):
                    rows[row] = literal
        first, count = design.state.start, len(design.next_state)
        rows[first : first + count] = network.variables(count) if state is None else state
        known = {int(design.nets[name][0]): literal for name, literal in given.items()}
        for group in design.groups:
            pins = [[rows[row] for row in pin] for pin in group.inputs.tolist()]
            rows[group.rows] = _evaluated(network, group.kind, pins)
            for row, literal in known.items():
                if group.rows.start <= row < group.rows.stop:
                    rows[row] = literal
        self.design, self._rows, self._network = design, rows, network

    def word(self, name: str) -> Word:
        """Return a port or a net by the name that Yosys kept."""
        port = self.design.ports.get(name)
        rows = self.design.nets[name] if port is None else port.rows
        return [self._rows[row] for row in rows.tolist()]

    def bit(self, name: str) -> int:
        """Return a port or a net of one bit."""
        (literal,) = self.word(name)
        return literal

    @property
    def state(self) -> Word:
        """The flip-flops in this cycle."""
        first = self.design.state.start
        return self._rows[first : first + len(self.design.next_state)]

    @property
    def following(self) -> Word:
        """The flip-flops in the next cycle."""
        taken = (self._rows[row] for row in self.design.next_state.tolist())
        pulses = (self._rows[row] for row in self.design.clocks.tolist())
        return [
            self._network.choose(held, following, pulse)
            for held, following, pulse in zip(self.state, taken, pulses, strict=True)
        ]


def _evaluated(network: Network, kind: str, pins: list[list[int]]) -> Word:
    if kind == "$_NOT_":
        return [a ^ 1 for a in pins[0]]
    gates: dict[str, Callable[..., int]] = {
        "$_AND_": network.both,
        CLOCK_GATE: network.both,
        "$_OR_": network.either,
        "$_XOR_": network.differ,
        "$_MUX_": network.choose,
    }
    gate = gates[kind]
    return [gate(*bits) for bits in zip(*pins, strict=True)]
