"""What a bench found: one run for each unit, point and simulator."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s

MISMATCHES_KEPT = 20

Told = Callable[[str], None]
"""Is told each finding as it is made: the point, and the label of its operands or the failure."""


def untold(finding: str) -> None:
    """Let a run go on to its end: nobody waits for single findings."""


@dataclass(frozen=True)
class Mismatch:
    """A result that differs from the golden model's; payloads are in hexadecimal."""

    label: str
    operands: dict[str, list[list[int]]]
    expected: str
    got: str

    def sentence(self, unit: str, mode: str) -> str:
        """Return the mismatch as a line for people."""
        shown = 4
        beats = max(map(len, self.operands.values()), default=0)
        more = f" and {beats - shown} more beats" if beats > shown else ""
        sent = ", ".join(f"{name} = {values[:shown]}" for name, values in self.operands.items())
        return (
            f"{unit} {mode}, {self.label}: {sent}{more}: expected {self.expected}, got {self.got}"
        )


@dataclass
class Run:
    """Vectors of one point that went through one unit on one simulator.

    Members
    -------
    unit, parameters:
        What was tried.
    mode:
        A point such as "8x4", or "mixed" where points alternate.
    layer:
        "protocol" (cocotb, streams with stalls), "bulk" (compiled, arrays) or "netlist": either of
        them on the mapped netlist.
    simulator, seed:
        What it ran on.
    variant:
        What sets the specification apart, where many of a unit are tried.
    vectors:
        Input beats.
    random:
        Packets of random operands, each of whose results was compared with the model's.
    exhaustive:
        Whether all operands of the point were tried, of a MAC every pair in every lane.
    mismatches:
        Results that differ; all are counted, the first are kept in ``examples``.
    failure:
        Why the run ended without a verdict, such as a missed deadline; else empty.
    start:
        Of a mapped netlist: what registers hold before the reset, ``unknown`` or ``random``.
    proof:
        Of a mapped netlist and its RTL: what a proof came to that both are equal, and what it said.
    library, library_sha256:
        Of a mapped netlist: the cells' library, and the hash of its files.
    told:
        Is told each finding; what it raises ends what is under way.
    """

    unit: str
    parameters: dict[str, Any]
    mode: str
    layer: str
    simulator: str
    seed: int
    variant: str = ""
    vectors: int = 0
    random: int = 0
    exhaustive: bool = False
    mismatches: int = 0
    examples: list[Mismatch] = field(default_factory=list)
    failure: str = ""
    start: str = ""
    proof: str = ""
    library: str = ""
    library_sha256: str = ""
    told: Told = field(default=untold, repr=False, compare=False)

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()

    @property
    def right(self) -> bool:
        """Whether it came to its end and every result agreed."""
        return not self.mismatches and not self.failure

    def note(self, mismatch: Mismatch) -> None:
        """Count a mismatch and keep it if it is among the first."""
        self.mismatches += 1
        if len(self.examples) < MISMATCHES_KEPT:
            self.examples.append(mismatch)
        self.told(f"{self.mode}, {mismatch.label}")

    def fail(self, reason: str) -> None:
        """Note why there is no verdict."""
        self.failure = reason
        self.told(f"{self.mode}, {reason}")

    def compare(
        self, label: str, got: Int64s, expected: Int64s,
        operands: Callable[[int, int], tuple[Int64s, Int64s]],
    ) -> None:  # fmt: skip
        """Count the elements of a matrix, and note those that are not as expected.

        Parameters
        ----------
        operands:
            Gives, of an element's row and column, activations and weights, (steps, lanes) each.
        """
        self.random += got.size
        self.note_differences(label, got, expected, operands)

    def note_differences(
        self, label: str, got: Int64s, expected: Int64s,
        operands: Callable[[int, int], tuple[Int64s, Int64s]],
    ) -> None:  # fmt: skip
        """Note the elements of a matrix that are not as expected; see `compare`."""
        for row, column in np.argwhere(got != expected).tolist():
            acts, weights = operands(row, column)
            values = (hex(int(matrix[row, column])) for matrix in (expected, got))
            self.note(Mismatch(f"{label}, row {row}, column {column}",
                               {"a": acts.tolist(), "w": weights.tolist()}, *values))  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain JSON values."""
        return {name: value for name, value in asdict(self).items() if name != "told"}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Run":
        """Return the run of `to_json`'s values."""
        examples = [Mismatch(**example) for example in values["examples"]]
        return cls(**(values | {"examples": examples}))


def merged(runs: Iterable[Run]) -> list[Run]:
    """Return one run for each mode, in the order of the first of each."""
    whole: dict[str, Run] = {}
    for run in runs:
        if run.mode not in whole:
            whole[run.mode] = replace(run, examples=list(run.examples))
            continue
        sum_ = whole[run.mode]
        for name in ("vectors", "random", "mismatches"):
            setattr(sum_, name, getattr(sum_, name) + getattr(run, name))
        sum_.examples = (sum_.examples + run.examples)[:MISMATCHES_KEPT]
        sum_.failure = sum_.failure or run.failure
    return list(whole.values())
