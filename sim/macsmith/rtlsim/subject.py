"""A unit's RTL with faults in it, in place of the generated one: what a check is to catch."""

from dataclasses import dataclass

MUTANT = "mutant"
"""Input port of the RTL that chooses a fault; 0 chooses none."""

INNER = "macsmith_mutated"
"""Top module of the RTL with faults; the unit's own name is that of a module around it."""

CHOSEN = "MACSMITH_MUTANT"
"""Environment variable by which a library's model is told the fault; simulators take `plusarg`."""

FUNCTION = "macsmith_mutant"
"""The C function that reads it; see ``chosen_mutant.cc``."""


@dataclass(frozen=True)
class Subject:
    """RTL with faults, and the one that is chosen.

    Members
    -------
    rtlil:
        RTLIL with top module ``unit`` and the port `MUTANT`.
    verilog:
        The same as Verilog, its top module named `INNER`.
    ports:
        Ports of the top without `MUTANT`: name -> (``input`` or ``output``, bits).
    bits:
        Width of `MUTANT`.
    mutant:
        The fault that is switched on.
    """

    rtlil: str
    verilog: str
    ports: dict[str, tuple[str, int]]
    bits: int
    mutant: int = 0

    @property
    def plusarg(self) -> str:
        """The argument of a simulation that chooses the fault."""
        return f"+{MUTANT}={self.mutant}"

    def for_simulators(self, top: str) -> str:
        """Return Verilog with the unit's own ports, which takes the fault from `plusarg`.

        A bench needs to know nothing of it, and one compiled model serves all faults.
        """
        chosen = f'if (!$value$plusargs("{MUTANT}=%d", {MUTANT})) {MUTANT} = 0;'
        return self._around(top, f"  initial {chosen}\n")

    def for_library(self, top: str) -> str:
        """Return the same, which takes the fault from the environment: `CHOSEN`."""
        return self._around(
            top,
            f'  import "DPI-C" function int {FUNCTION}();\n'
            f"  initial {MUTANT} = {self.bits}'({FUNCTION}());\n",
        )

    def _around(self, top: str, choose: str) -> str:
        """Return the faulty module within one of the unit's name and ports."""
        heads = [f"{way} [{bits - 1}:0] {name}" for name, (way, bits) in self.ports.items()]
        pins = [f".{name}({name})" for name in (*self.ports, MUTANT)]
        return (
            f"module {top}({', '.join(heads)});\n"
            f"  reg [{self.bits - 1}:0] {MUTANT};\n{choose}"
            f"  {INNER} inner({', '.join(pins)});\nendmodule\n{self.verilog}"
        )
