"""Operands at the ports of a user's MAC, cycle by cycle, as the map of its ports says.

cycle        0     1     2     3          with cycles = 2, first_delay = 0, latency = 1
a, w         beat 0      beat 1           the same in both, or digit after digit
first        1     0     0     0
start        1     0     1     0
result                         the sum of beats 0 and 1 comes in cycle 4
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from macsmith.contract.stream import Field
from macsmith.formats.stream_words import WORD, Words, place, take, words_for
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.batches import Batch
from macsmith.user_rtl.pins import Pins
from macsmith.user_rtl.port_map import OPERANDS
from macsmith.user_rtl.spec import MappedMacSpec

RESET_CYCLES = 4
"""Cycles with the reset up, before operands come."""

_START = 1
"""Seed of what registers hold before the reset."""

_CHUNK = 32
"""Bits that are copied at a time: of such a field a word holds at least a part."""


class PortTraffic:
    """Drives copies of a module, an accumulation in each."""

    def __init__(self, spec: MappedMacSpec, engine: GateEngine, copies: int) -> None:
        self.spec, self.engine, self.copies = spec, engine, copies
        self.roles = spec.roles
        # The clock is none of the engine's ports.
        self._widths = {
            name: port.width
            for name, port in spec.ports
            if port.is_input and name in engine.netlist.ports
        }

    def send(self, batches: Sequence[Batch], idle: int = 0) -> Iterator[int]:
        """Reset the module, send batches of one mode, packet after packet, and then nothing.

        Registers start anywhere, as cells do, which have no initial values.

        Yields in each cycle, its nets settled, the number of the cycle, the first beat's first
        being 0; then the clock ticks. Nothing comes for ``idle`` cycles.
        """
        mode = batches[0].point
        self.engine.reset(self.copies)
        self.engine.start_anywhere(np.random.default_rng(_START))
        for _ in range(RESET_CYCLES):
            self._set(mode, {"reset": 1}, {})
            self.engine.tick()
        cycles = self.spec.cycles(self.spec.points[mode])
        beats = [beat for batch in batches for beat in self._beats(batch)]
        starts = np.cumsum([0, *(batch.length for batch in batches[:-1])]).tolist()
        firsts = {start * cycles + self.roles.first_delay for start in starts}
        for cycle in range(len(beats) * cycles + idle):
            beat, within = divmod(cycle, cycles)
            busy = beat < len(beats)
            steering = {
                "first": int(cycle in firsts),
                "start": int(busy and not within),
                "valid": int(busy),
            }
            self._set(mode, steering, beats[beat][within] if busy else {})
            yield cycle
            self.engine.tick()

    def result(self) -> Words:
        """Return what ``result`` holds, shape (copies, words)."""
        pins = self.roles.result
        held = self.engine.get(pins.port).reshape(self.copies, -1)
        return _cut(held, pins.low, pins.width)

    def _beats(self, batch: Batch) -> Iterator[list[dict[str, Words]]]:
        """Yield the operands of each beat, cycle by cycle, as words of their pins."""
        point = self.spec.points[batch.point]
        (layout,) = self.spec.inputs(point).values()
        payloads = batch.payloads(self.spec).reshape(batch.packets, batch.length, -1)
        for number in range(batch.length):
            words = payloads[:, number]
            yield [
                {name: self._digit(words, name, layout[name], cycle) for name in OPERANDS}
                for cycle in range(self.spec.cycles(point))
            ]

    def _digit(self, words: Words, name: str, field: Field, cycle: int) -> Words:
        """Return what an operand's pins have in a cycle of a beat: all of it, or the digit due."""
        width = self.roles.operand(name).width
        digits = max(1, -(-field.width // width))
        digit = min(cycle, digits - 1)
        if name in self.roles.msb_first:
            digit = digits - 1 - digit
        end = field.top or field.offset + field.width
        low = field.offset + digit * width
        return _cut(words, low, min(width, end - low))

    def _set(self, mode: int, steering: Mapping[str, int], operands: Mapping[str, Words]) -> None:
        """Drive all inputs; a role that is not given is down, an operand 0."""
        ports = {
            name: np.zeros((self.copies, words_for(width)), np.uint64)
            for name, width in self._widths.items()
        }

        def put(pins: Pins, words: Words) -> None:
            if pins.port in ports:
                _copy(words, 0, ports[pins.port], pins.low, pins.width)

        of_mode = self.spec.of(self.spec.points[mode]).value
        for role, pins in self.roles.steering.items():
            value = of_mode if role == "mode" else steering.get(role, 0) ^ pins.inverted
            put(pins, _words_of(value, pins.width, self.copies))
        for pins, value in self.roles.constants:
            put(pins, _words_of(value, pins.width, self.copies))
        for name, words in operands.items():
            put(self.roles.operand(name), words)
        for name, words in ports.items():
            self.engine.set(name, words)


def _copy(source: Words, low: int, target: Words, offset: int, width: int) -> None:
    """Write ``width`` bits of a source from bit ``low`` up into a target's zeros."""
    for start in range(0, min(width, WORD * source.shape[1] - low), _CHUNK):
        bits = min(_CHUNK, width - start)
        place(target, take(source, bits, low + start, signed=False), bits, offset + start)


def _cut(source: Words, low: int, width: int) -> Words:
    """Return some bits of words, from bit 0 up."""
    cut = np.zeros((len(source), words_for(width)), np.uint64)
    _copy(source, low, cut, 0, width)
    return cut


def _words_of(value: int, width: int, copies: int) -> Words:
    """Return one number in all copies."""
    octets = value.to_bytes(8 * words_for(width), "little")
    return np.tile(np.frombuffer(octets, np.uint64), (copies, 1))
