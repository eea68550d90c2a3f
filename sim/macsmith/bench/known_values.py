"""Unknown values at outputs that a bench does not read in every cycle by itself.

Registers and memories start undefined in Icarus. Handshake lines must be known in every cycle after
a reset, and payloads while they are valid, so a register without a reset that reaches one of them
is seen. A bench that reads each cycle by itself does so by `macsmith.bench.stream_drivers.known`;
one with hosts of a library has `stay_known` look on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cocotb.triggers import FallingEdge, ReadOnly

from macsmith.bench.stream_drivers import known


async def stay_known(dut: Any, lines: Sequence[str], payloads: Mapping[str, Sequence[str]]) -> None:
    """Look on for ever, once the unit has been reset, and fail at the first unknown bit.

    Parameters
    ----------
    lines
        Outputs that are known in each cycle, such as ``ready``.
    payloads
        Outputs that are known while a line is up, by that line, which always is.

    Raises
    ------
    AssertionError
        Through the test that starts it: ``cocotb.start_soon(stay_known(...))``.
    """
    was_reset = False
    while True:
        await FallingEdge(dut.clk)
        await ReadOnly()
        reset = bool(known(dut.rst, "rst"))
        was_reset = was_reset or reset
        if reset or not was_reset:
            continue
        for line in lines:
            known(getattr(dut, line), line)
        for line, payload in payloads.items():
            if known(getattr(dut, line), line):
                for port in payload:
                    known(getattr(dut, port), port)
