"""Units in Amaranth's own simulator: each function looks like the golden model it is compared to."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
from amaranth.hdl import Value
from amaranth.sim import Simulator

from macsmith.array.engine.axi_shell import INPUTS
from macsmith.array.engine.register_map import Control, Register, Status
from macsmith.array.engine.spec import EngineSpec
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import words_to_ints
from macsmith.mac.core import MacCore
from macsmith.mac.register_groups import RegisterGroup
from macsmith.matmul.engine_jobs import EngineJob, matrix_of, packets, settings
from macsmith.operands.batches import Batch

DEADLINE = 5000
"""Cycles after which a simulation has failed."""


def simulate(
    component: Any, testbench: Callable[[Any], Awaitable[None]], clock: str | None = "sync"
) -> None:
    """Run a testbench to its end, with a clock of a domain."""
    simulator = Simulator(component)
    if clock:
        simulator.add_clock(1e-6, domain=clock)
    simulator.add_testbench(testbench)
    simulator.run()


def put(context: Any, port: Any, number: int) -> None:
    """Drive a port of any shape with the bits of a number."""
    value = Value.cast(port)
    context.set(value, number & (1 << len(value)) - 1)


def got(context: Any, port: Any) -> int:
    """Return the bits of a port."""
    value = Value.cast(port)
    return int(context.get(value)) & (1 << len(value)) - 1


def streamed(
    unit: Any, beats: Mapping[str, Sequence[int]], count: int, pause: float = 0.3, seed: int = 1,
    design: Any = None, deadline: int = DEADLINE, after: Mapping[str, Sequence[int]] | None = None,
) -> list[int]:  # fmt: skip
    """Return what comes out of ``o`` for payloads at the input streams, all with pauses.

    After the last of ``count`` results nothing may follow for a while.

    Parameters
    ----------
    design:
        What is simulated, with ``unit`` in it; by default the unit itself.
    deadline:
        Cycles after which the simulation has failed.
    after:
        Of some inputs how many results must have come before each of its beats is offered.
    """
    results: list[int] = []
    random = Random(seed)

    async def host(context: Any) -> None:
        waiting = {getattr(unit, name): deque(words) for name, words in beats.items()}
        waits = {
            getattr(unit, name): (after or {}).get(name, [0] * len(words))
            for name, words in beats.items()
        }
        offered = dict.fromkeys(waiting, False)
        quiet = 0
        for _ in range(deadline):
            for port, words in waiting.items():
                due = bool(words) and waits[port][-len(words)] <= len(results)
                offered[port] = due and (offered[port] or random.random() >= pause)
                if words:
                    put(context, port.payload, words[0])
                put(context, port.valid, offered[port])
            ready = random.random() >= pause
            put(context, unit.o.ready, ready)
            if ready and got(context, unit.o.valid):
                results.append(got(context, unit.o.payload))
            for port, words in waiting.items():
                if offered[port] and got(context, port.ready):
                    words.popleft()
                    offered[port] = False
            quiet += len(results) >= count and not any(waiting.values())
            if quiet > 30:
                return
            await context.tick()
        raise AssertionError(f"{len(results)} of {count} results after {deadline} cycles")

    simulate(design or unit, host)
    return results


def routed(word: int, source: Sequence[Source]) -> int:
    """Return the bits of a word that a specification routes to a port."""
    return sum((word >> bit & 1) << at for at, bit in enumerate(source) if bit is not None)


def accumulated(core: MacCore[Any], batches: Sequence[Batch]) -> list[int]:
    """Return the accumulators that a parallel style's core has after each accumulation.

    The ports get what `macsmith.mac.unit.MacUnit` gives them: operands and ``product_en`` with a
    beat, the rest a cycle later if there is a product register.
    """
    spec = core.spec
    beats = [
        (spec.modes[batch.point], word, number % batch.length == 0)
        for batch in batches
        for number, word in enumerate(words_to_ints(batch.payloads(spec)))
    ]
    results: list[int] = []

    async def host(context: Any) -> None:
        for cycle in range(len(beats) + spec.stages):
            entering, adding, added = (
                beats[at] if 0 <= at < len(beats) else None
                for at in (cycle, cycle - spec.stages + 1, cycle - spec.stages)
            )
            if added and (adding is None or adding[2]):
                results.append(routed(got(context, core.acc), spec.acc_source(added[0])))
            if entering:
                mode, word, _ = entering
                put(context, core.act, routed(word, spec.act_source(mode)))
                weights = word >> spec.act_port_width
                put(context, core.weight, routed(weights, spec.weight_source(mode)))
                _set_lines(context, core, "control", spec.control_sets, mode)
            live = entering and entering[0]
            _set_lines(context, core, "product_en", _modes_of(spec.product_groups), live)
            live = adding and adding[0]
            _set_lines(context, core, "acc_en", _modes_of(spec.acc_groups), live)
            if adding:
                _set_lines(context, core, "acc_control", spec.acc_control_sets, adding[0])
                put(context, core.first, adding[2])
            await context.tick()

    simulate(core, host)
    return results


def _modes_of(groups: Sequence[RegisterGroup]) -> list[frozenset[Mode]]:
    return [group.modes for group in groups]


def _set_lines(
    context: Any, core: Any, port: str, sets: Sequence[frozenset[Mode]], mode: Mode | None
) -> None:
    """Drive a port of a core with a bit for each set that the mode is in."""
    if sets:
        number = sum((mode in modes) << bit for bit, modes in enumerate(sets))
        put(context, getattr(core, port), number)


def multiplied(unit: Any, operands: Sequence[tuple[int, int]]) -> list[int]:
    """Return the products of a multiplier without registers, for words of operands."""
    results = []

    async def host(context: Any) -> None:
        for act, weight in operands:
            put(context, unit.act, act)
            put(context, unit.weight, weight)
            results.append(got(context, unit.result))

    simulate(unit, host, clock=None)
    return results


def traced(
    component: Any, inputs: Sequence[Mapping[str, int]], output: str, cycles: int
) -> list[int]:
    """Return an output in each cycle, for inputs that are zero unless a cycle gives them."""
    results = []

    async def host(context: Any) -> None:
        names = {name for given in inputs for name in given}
        for cycle in range(cycles):
            given = inputs[cycle] if cycle < len(inputs) else {}
            for name in names:
                put(context, getattr(component, name), given.get(name, 0))
            results.append(got(context, getattr(component, output)))
            await context.tick()

    simulate(component, host)
    return results


class EngineHost:
    """A host on the AXI ports of an engine, within a testbench.

    Parameters
    ----------
    context:
        The testbench's.
    engine:
        The simulated engine.
    """

    def __init__(self, context: Any, engine: Any) -> None:
        self.context, self.engine = context, engine

    def _port(self, name: str) -> Any:
        return getattr(self.engine, name)

    async def write(self, register: int, value: int) -> int:
        """Write a register and return the response."""
        context = self.context
        for name, number in (("awaddr", register), ("awvalid", 1), ("wdata", value),
                             ("wstrb", 15), ("wvalid", 1), ("bready", 1)):  # fmt: skip
            put(context, self._port(f"s_axil_{name}"), number)
        assert got(context, self._port("s_axil_awready"))
        await context.tick()
        for name in ("awvalid", "wvalid"):
            put(context, self._port(f"s_axil_{name}"), 0)
        assert got(context, self._port("s_axil_bvalid"))
        response = got(context, self._port("s_axil_bresp"))
        await context.tick()
        return response

    async def read(self, register: int) -> int:
        """Return a register."""
        context = self.context
        for name, number in (("araddr", register), ("arvalid", 1), ("rready", 1)):
            put(context, self._port(f"s_axil_{name}"), number)
        await context.tick()
        put(context, self._port("s_axil_arvalid"), 0)
        assert got(context, self._port("s_axil_rvalid"))
        assert not got(context, self._port("s_axil_rresp"))
        word = got(context, self._port("s_axil_rdata"))
        await context.tick()
        return word

    async def finish(self) -> int:
        """Return the status when the engine is no longer busy."""
        for _ in range(10):
            status = await self.read(Register.STATUS)
            if not status & Status.BUSY:
                return status
        raise AssertionError("the engine stays busy")

    async def run(self, spec: EngineSpec, job: EngineJob, cycles: int = DEADLINE) -> Any:
        """Run a job and return its matrix, or None if it has not ended after some cycles."""
        plan, sent, context = job.schedule(spec), packets(spec, job), self.context
        for name, value in settings(plan).items():
            assert await self.write(Register[name], value) == 0
        assert await self.write(Register.CONTROL, Control.START) == 0
        waiting = {
            name: deque(zip(*(part.tolist() for part in getattr(sent, name)), strict=True))
            for name in INPUTS
        }
        results = bytearray()
        put(context, self._port("m_axis_result_tready"), 1)
        for _ in range(cycles):
            for name, words in waiting.items():
                put(context, self._port(f"s_axis_{name}_tvalid"), bool(words))
                if words:
                    data, last = words[0]
                    word = int.from_bytes(bytes(data), "little")
                    put(context, self._port(f"s_axis_{name}_tdata"), word)
                    put(context, self._port(f"s_axis_{name}_tlast"), last)
            if got(context, self._port("m_axis_result_tvalid")):
                data, keep, last = (
                    got(context, self._port(f"m_axis_result_t{line}"))
                    for line in ("data", "keep", "last")
                )
                results += data.to_bytes(spec.result_bits // 8, "little")[: keep.bit_count()]
                if last:
                    await context.tick()
                    return matrix_of(spec, plan, np.frombuffer(bytes(results), np.uint8))
            for name, words in waiting.items():
                if words and got(context, self._port(f"s_axis_{name}_tready")):
                    words.popleft()
            await context.tick()
        for name in INPUTS:
            put(context, self._port(f"s_axis_{name}_tvalid"), 0)
        return None
