"""Simulators of RTL that tests run on."""

import pytest

from macsmith.rtlsim.cocotb_runner import SIMULATORS
from tests.support.needs import THINGS

SIMULATOR_PARAMETERS = [
    pytest.param(name, marks=[pytest.mark.needs(name)] if name in THINGS else [])
    for name in SIMULATORS
]
"""Every simulator; Icarus Verilog may be missing."""

simulators = pytest.mark.parametrize("simulator", SIMULATOR_PARAMETERS)


def quick_simulator() -> str:
    """Return the simulator that starts soonest: Icarus compiles nothing, Verilator is always here.

    For tests of benches and of what they find, which hold on either.
    """
    return "icarus" if THINGS["icarus"].here() else "verilator"
