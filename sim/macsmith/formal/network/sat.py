"""Satisfiability of bits of a network, by CaDiCaL."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from pysat.solvers import Solver

from macsmith.formal.network.bit_network import AND, MUX, VARIABLE, XOR, Network, valued

SOLVER = f"CaDiCaL 1.9.5, python-sat {version('python-sat')}"
"""What answers, for records."""


class Sat:
    """Asks whether bits of a network can be up together; gates become clauses when they matter.

    Parameters
    ----------
    network:
        The gates; it may grow between questions.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.solver = Solver(name="cadical195")
        self.solver.add_clause([-1])
        self._told = {0}
        self._up = set[int]()

    def tell(self, literal: int) -> None:
        """State that a bit is up, in all questions from now on."""
        self.solver.add_clause([self._of(literal)])

    def possible(self, literals: Iterable[int]) -> bool:
        """Return whether bits can be up together."""
        found = bool(self.solver.solve(assumptions=[self._of(literal) for literal in literals]))
        self._up = set(self.solver.get_model()) if found else set()
        return found

    def value(self, word: Sequence[int]) -> int:
        """Return the number that a word is in the answer; bits that do not matter are 0."""
        values = {0: 0}
        for place in self.network.cone(word):
            pins = [values[one >> 1] ^ (one & 1) for one in self.network.inputs[place]]
            kind = self.network.kinds[place]
            if kind == VARIABLE:
                values[place] = int(place + 1 in self._up)
            else:
                values[place] = valued(kind, pins, 1)
        return sum((values[one >> 1] ^ (one & 1)) << bit for bit, one in enumerate(word))

    def _of(self, literal: int) -> int:
        place = literal >> 1
        if place not in self._told:
            self._tell_cone(literal)
        return -(place + 1) if literal & 1 else place + 1

    def _tell_cone(self, literal: int) -> None:
        network, told = self.network, self._told
        pending = [literal >> 1]
        while pending:
            place = pending.pop()
            if place in told:
                continue
            told.add(place)
            inputs = network.inputs[place]
            pending += [one >> 1 for one in inputs]
            for clause in _clauses(network.kinds[place], place + 1, inputs):
                self.solver.add_clause(clause)


def _clauses(kind: int, y: int, inputs: Sequence[int]) -> list[list[int]]:
    pins = [-(one // 2 + 1) if one & 1 else one // 2 + 1 for one in inputs]
    if kind == AND:
        a, b = pins
        return [[-y, a], [-y, b], [y, -a, -b]]
    if kind == XOR:
        a, b = pins
        return [[-y, a, b], [-y, -a, -b], [y, -a, b], [y, a, -b]]
    if kind == MUX:
        a, b, s = pins
        return [[-s, -b, y], [-s, b, -y], [s, -a, y], [s, a, -y], [-a, -b, y], [a, b, -y]]
    assert kind == VARIABLE
    return []
