"""Drives and watches the two streams of a unit in a cocotb simulation, a cycle at a time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

PERIOD_NS = 10


@dataclass
class Streams:
    """Both ends of a unit: what is to be sent, and what has come out.

    Inputs change at the falling edge of the clock and are read, with the outputs, before the
    rising edge that transfers them, so that every simulator sees the same order.

    Members
    -------
    pending:
        Input payloads yet to be sent.
    results:
        Output payloads in order.
    cycles:
        Clock cycles since the last reset.
    """

    dut: Any
    random: Random
    pending: deque[int] = field(default_factory=deque)
    results: list[int] = field(default_factory=list)
    cycles: int = 0

    async def start(self) -> None:
        """Start the clock and reset the unit."""
        for port in (self.dut.i__valid, self.dut.i__payload, self.dut.o__ready):
            port.value = 0
        self.dut.rst.value = 1
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.reset()

    async def reset(self, cycles: int = 1) -> None:
        """Hold ``rst`` for some cycles; whatever was offered or in flight is forgotten."""
        await FallingEdge(self.dut.clk)
        self.dut.rst.value = 1
        self.dut.i__valid.value = 0
        self.dut.o__ready.value = 0
        for _ in range(cycles):
            await FallingEdge(self.dut.clk)
        self.dut.rst.value = 0
        self.pending.clear()
        self.results.clear()
        self.cycles = 0
        self._offered = False
        self._waiting: int | None = None

    async def run(
        self,
        results: int,
        deadline: int,
        send_stall: float = 0.0,
        take: Callable[[bool], bool] = lambda valid: True,
    ) -> None:
        """Clock the unit until all is sent and ``results`` payloads have come out.

        Parameters
        ----------
        deadline:
            Cycles after which the run fails.
        send_stall:
            Share of cycles in which the sender pauses, a beat once offered excepted.
        take:
            Decides in each cycle whether the receiver is ready, told whether ``o.valid`` was up
            in the cycle before.

        Raises
        ------
        AssertionError
            If the deadline passes, or the unit withdraws or changes a payload that waits.
        """
        valid = False
        limit = self.cycles + deadline
        while self.pending or len(self.results) < results:
            assert self.cycles < limit, (
                f"no end after {deadline} cycles: {len(self.pending)} beats to send, "
                f"{len(self.results)} of {results} results"
            )
            valid = await self.cycle(send_stall, take(valid))

    async def cycle(self, send_stall: float, ready: bool) -> bool:
        """Clock the unit once and return whether ``o.valid`` was up."""
        dut = self.dut
        await FallingEdge(dut.clk)
        self._offered = bool(self.pending) and (self._offered or self.random.random() >= send_stall)
        dut.i__valid.value = int(self._offered)
        if self._offered:
            dut.i__payload.value = self.pending[0]
        dut.o__ready.value = int(ready)
        await ReadOnly()
        self.cycles += 1
        valid = bool(dut.o__valid.value)
        payload = dut.o__payload.value.to_unsigned() if valid else None
        if self._waiting is not None:
            assert valid, "o.valid fell before o.ready rose"
            assert payload == self._waiting, "o.payload changed before o.ready rose"
        self._waiting = None if ready else payload
        if payload is not None and ready:
            self.results.append(payload)
        if self._offered and bool(dut.i__ready.value):
            self.pending.popleft()
            self._offered = False
        return valid
