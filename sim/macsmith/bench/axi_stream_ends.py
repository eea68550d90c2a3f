"""Drives and watches a unit in its AXI4-Stream wrapper: the models of cocotbext-axi at all ends.

Payloads are those of the unit's own streams; what lies where in ``tdata`` its specification says.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

from macsmith.bench.stream_drivers import Streams, known
from macsmith.contract.axi_stream import BYTE, AxiPorts, Beat, axi_name, beat_of


class AxiStreamEnds(Streams):
    """See `Streams`, of which it does all.

    The models act at the rising edge, as registers do. So a reset falls right after one, together
    with the first offers, and whether a receiver is ready follows what it was told by a cycle or
    two. What a receiver has is compared with what was seen on its lines.
    """

    def __init__(self, dut: Any, random: Random, spec: Any) -> None:
        super().__init__(dut, random, spec)
        layouts = {**self.inputs, **self.outputs}
        self._beats = {name: beat_of(layout) for name, layout in layouts.items()}
        self._prefix = {name: axi_name(name, inward=name in self.inputs) for name in layouts}
        self._sources: dict[str, AxiStreamSource] = {}
        self._sinks: dict[str, AxiStreamSink] = {}
        self._at_source = dict.fromkeys(self.inputs, 0)
        self._received = dict.fromkeys(self.outputs, 0)

    def _bus(self, name: str) -> AxiStreamBus:
        return AxiStreamBus.from_prefix(self.dut, self._prefix[name])

    def _known(self, name: str, line: str) -> int:
        """Return what a line holds, each bit of which must be known."""
        port = f"{self._prefix[name]}_{line}"
        return known(getattr(self.dut, port), port)

    def driven(self) -> Iterator[Any]:
        """See `Streams.driven`."""
        yield self.dut.rst
        for name in self.inputs:
            lines = ("tvalid", "tdata", *(("tlast",) if self._beats[name].last is not None else ()))
            yield from (getattr(self.dut, f"{self._prefix[name]}_{line}") for line in lines)
        for name in self.outputs:
            yield getattr(self.dut, f"{self._prefix[name]}_tready")

    async def start(self) -> None:
        """See `Streams.start`; the models, which know no unknown line, come when all are known."""
        await super().start()
        clock = self.dut.clk
        self._sources = {name: AxiStreamSource(self._bus(name), clock) for name in self.inputs}
        self._sinks = {name: AxiStreamSink(self._bus(name), clock) for name in self.outputs}
        await self.reset()

    async def reset(self, cycles: int = 1) -> None:
        """See `Streams.reset`; it ends with the first cycle that follows."""
        await FallingEdge(self.dut.clk)
        self.dut.rst.value = 1
        for host in (*self._sources.values(), *self._sinks.values()):
            host.assert_reset()
            host.clear()
        for _ in range(cycles):
            await FallingEdge(self.dut.clk)
        self.forget()
        self._at_source = dict.fromkeys(self.inputs, 0)
        self._received = dict.fromkeys(self.outputs, 0)

    async def cycle(self, send_stall: float, ready: Mapping[str, bool]) -> dict[str, bool]:
        """See `Streams.cycle`."""
        for name, source in self._sources.items():
            source.pause = self.random.random() < send_stall
            for frame in self._frames(name):
                source.send_nowait(AxiStreamFrame(frame))
        for name, up in ready.items():
            self._sinks[name].pause = not up
        await RisingEdge(self.dut.clk)
        if self._begun:
            self.dut.rst.value = 0
            self._begun = False
        await FallingEdge(self.dut.clk)
        for name, sink in self._sinks.items():
            while not sink.empty():
                self._compare(name, bytes(sink.recv_nowait()))
        await ReadOnly()
        self.cycles += 1
        for name, waiting in self.pending.items():
            if self._known(name, "tready") and self._known(name, "tvalid"):
                waiting.popleft()
                self._at_source[name] -= 1
        return {name: self._see(name) for name in self.outputs}

    def _see(self, name: str) -> bool:
        """Look at an output and return whether it is valid."""
        ready, payload = bool(self._known(name, "tready")), None
        if self._known(name, "tvalid"):
            beat = self._beats[name]
            last = beat.last is not None and bool(self._known(name, "tlast"))
            payload = payload_of(beat, self._known(name, "tdata"), last)
        self.monitors[name].see(payload, ready)
        if payload is not None and ready:
            self.results[name].append(payload)
        return payload is not None

    def _compare(self, name: str, frame: bytes) -> None:
        """Fail unless a frame that a receiver has is made of what was seen of its stream."""
        beat = self._beats[name]
        size = beat.bits // BYTE
        for start in range(0, len(frame), size):
            tdata = int.from_bytes(frame[start : start + size], "little")
            # Without `tlast` each beat is a frame.
            last = beat.last is not None and start + size == len(frame)
            payload, seen = payload_of(beat, tdata, last), self.results[name][self._received[name]]
            assert payload == seen, f"{name}: a receiver has {payload:#x} of {seen:#x}"
            self._received[name] += 1

    def _frames(self, name: str) -> Iterator[bytes]:
        """Yield packets that are to be sent and that the source has not been given yet."""
        waiting, beat = self.pending[name], self._beats[name]
        frame = b""
        for payload in islice(waiting, self._at_source[name], None):
            wires = AxiPorts().on_wires(self.inputs[name], payload, inward=True)
            tdata = wires & (1 << beat.bits) - 1 | self._junk(beat)
            frame += tdata.to_bytes(beat.bits // BYTE, "little")
            if beat.last is None or payload >> beat.last & 1:
                yield frame
                frame = b""
        assert not frame, f"{name} must be sent whole packets, for tlast ends each of a source"
        self._at_source[name] = len(waiting)

    def _junk(self, beat: Beat) -> int:
        """Return random bits where ``tdata`` has no field."""
        held = sum((1 << part.bits) - 1 << part.at for part in beat.parts)
        return self.random.getrandbits(beat.bits) & ~held


def payload_of(beat: Beat, tdata: int, last: bool) -> int:
    """Return the payload of what has come out.

    Raises
    ------
    AssertionError
        If the bits up to a field's last byte are not as they must be.
    """
    payload = int(last) << beat.last if beat.last is not None else 0
    for part in beat.parts:
        word = tdata >> part.at & (1 << part.end - part.at) - 1
        value = word & (1 << part.bits) - 1
        payload |= value << part.field.offset
        filled = f"{part.field.name} is filled up wrongly: {word:#x}"
        assert word >> part.bits == part.fill(value), filled
    return payload
