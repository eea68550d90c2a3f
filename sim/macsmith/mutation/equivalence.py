"""Whether a fault changes nothing that can be seen: a proof over all inputs and any length of time.

First an invariant of one form is looked for, which most faults of registers need: see
`macsmith.mutation.masked_registers`. For the others ABC merges what the unit and its faulty twin
have in common by induction (``lcorr``, ``scorr``) and proves the rest by property-directed
reachability (``pdr``), from registers at zero and a cycle of reset, which may come again at any
time.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from macsmith.contract.unit import UnitSpec
from macsmith.host.abc_runs import run_abc
from macsmith.host.kept_files import found_text, keep
from macsmith.host.yosys import run_yosys
from macsmith.mutation.masked_registers import MaskedRegisters
from macsmith.mutation.miter import TOP, Rules, carrier_of, miter
from macsmith.netlist.gate_netlist import FLIP_FLOP, read_netlist
from macsmith.rtlsim.subject import INNER, Subject

_SPARE_S = 120
"""At most so much beyond the time of a proof itself, for what comes before."""

_GATES = (
    "read_rtlil mutated.il", "hierarchy -check -top unit", "proc", "flatten -noscopeinfo", "opt",
    # Registers behind clock gates become registers with enables.
    "formalff -declockgate", "opt_clean", "memory", "setundef -init -zero", "opt -full", "techmap",
    "opt -fast",
    f"dfflegalize -cell {FLIP_FLOP} 01", "setundef -undriven -zero", f"rename unit {INNER}",
    "write_rtlil gates.il",
)  # fmt: skip
"""The unit with all its faults as gates, made once."""

_PAIR = (
    "read_rtlil gates.il", "read_verilog miter.v", f"hierarchy -check -top {TOP}", "proc",
    "flatten -noscopeinfo", "opt_expr", "opt_clean", "simplemap", "techmap",
    "setundef -init -zero", f"dfflegalize -cell {FLIP_FLOP} 01", "opt_expr", "opt_clean", "aigmap",
    "write_aiger -zinit miter.aig",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What came of a proof.

    Members
    -------
    equivalent:
        Whether no input tells the two apart; None if that was not decided.
    reason:
        How it was proved, or after how many cycles they differ, or that time was up.
    """

    equivalent: bool | None
    reason: str


class Prover:
    """Compares a unit with itself under its faults. What was decided once is kept.

    Parameters
    ----------
    subject:
        RTL with the faults.
    folder:
        Where Yosys and ABC work.
    """

    def __init__(self, spec: UnitSpec, subject: Subject, folder: Path) -> None:
        self._spec, self._subject, self._folder = spec, subject, folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mutated.il").write_text(subject.rtlil)
        self._made = False

    def compare(self, mutant: int, rules: Rules, limit_s: int) -> Answer:
        """Return whether a fault can be seen by inputs that keep to rules.

        Parameters
        ----------
        limit_s:
            Seconds of the search.
        """
        folder, faulty = self._folder, replace(self._subject, mutant=mutant)
        verilog = miter(self._spec, faulty, rules)
        key = "\0".join((self._subject.rtlil, verilog, *_GATES, *_PAIR))
        name = f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        if (kept := found_text("equivalence", name)) is not None:
            return Answer(**json.loads(kept))
        if self._masked.hide(mutant, limit_s):
            answer = Answer(True, "proved by induction over masked registers")
            keep("equivalence", name, json.dumps(asdict(answer)).encode())
            return answer
        if not self._made:
            run_yosys(_GATES, folder, "gates")
            self._made = True
        (folder / "miter.v").write_text(verilog)
        run_yosys(_PAIR, folder, "miter")
        answer = _answer(folder, limit_s)
        if answer.equivalent is not None:
            keep("equivalence", name, json.dumps(asdict(answer)).encode())
        return answer

    @cached_property
    def _masked(self) -> MaskedRegisters:
        gates = read_netlist(self._subject.rtlil, "unit", self._folder / "unit")
        outputs = {name for name, port in gates.ports.items() if not port.is_input}
        carriers = {name: carrier_of(name) for name in outputs}
        return MaskedRegisters(
            gates, {name: one for name, one in carriers.items() if one in outputs and one}
        )


def _answer(folder: Path, limit_s: int) -> Answer:
    """Return what ABC finds out about ``miter.aig``."""
    registers, given, most_s = 0, "miter", limit_s + min(limit_s, _SPARE_S)
    # Registers alone first, which is soon done and often enough; then all nets.
    for merge in ("lcorr", "scorr"):
        commands = f"read_aiger {given}.aig; scleanup; {merge}; scleanup; write_aiger {merge}.aig"
        if run_abc(commands, folder, most_s) is None:
            break
        given = merge
        with (folder / f"{merge}.aig").open("rb") as file:
            registers = int(file.readline().split()[3])
        if not registers:
            break
    if not registers:
        told = run_abc(f"read_aiger {given}.aig; sat", folder, limit_s) or ""
        if "UNSATISFIABLE" in told:
            return Answer(True, "proved by induction over equal registers")
    told = run_abc(f"read_aiger {given}.aig; dc2; pdr -T {limit_s}", folder, most_s) or ""
    if "Property proved" in told:
        return Answer(True, "proved by property-directed reachability")
    if found := re.search(r"asserted in frame (\d+)", told):
        return Answer(False, f"differs after {int(found[1]) + 1} cycles")
    return Answer(None, f"not decided in {limit_s} s")
