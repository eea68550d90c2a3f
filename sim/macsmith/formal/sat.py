"""Satisfiability of bits of a network, by CaDiCaL."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from pysat.solvers import Solver

from macsmith.formal.bit_network import AND, MUX, VARIABLE, XOR, Network


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

    def tell(self, literal: int) -> None:
        """State that a bit is up, in all questions from now on."""
        self.solver.add_clause([self._of(literal)])

    def possible(self, literals: Iterable[int]) -> bool:
        """Return whether bits can be up together."""
        return bool(self.solver.solve(assumptions=[self._of(literal) for literal in literals]))

    def value(self, literals: Sequence[int]) -> int:
        """Return the number that a word is in the answer, where it matters; else 0."""
        model = self.solver.get_model()
        up = set(model or ())
        return sum((self._of(bit) in up) << place for place, bit in enumerate(literals))

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
