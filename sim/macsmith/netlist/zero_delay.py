"""Gate-level simulation of many independent copies of a design at once, with numpy alone.

Each net of the netlist is a row of 64-bit words, one bit a copy ("lane"), so that one vector
operation evaluates a gate in 64 lanes a word. Gates of a kind whose inputs are known are evaluated
together: a group costs a few microseconds of calls plus the memory traffic, so thousands of lanes
cost little more than one. This is the bulk engine where there is no C++ compiler.
"""

import operator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from macsmith.netlist.gate_netlist import CLOCK_GATE, GateNetlist, Port

Words: TypeAlias = NDArray[np.uint64]

_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_LOW_HALVES = {size: _ONES // np.uint64((1 << size) + 1) for size in (32, 16, 8, 4, 2, 1)}
"""Words whose bits are set in the low half of each ``2 * size`` bits."""

_BINARY = {
    "$_AND_": np.bitwise_and,
    "$_OR_": np.bitwise_or,
    "$_XOR_": np.bitwise_xor,
    CLOCK_GATE: np.bitwise_and,
}


class GateEngine:
    """A design in ``lanes`` independent copies.

    Ports hold unsigned values. ``set`` changes inputs, ``tick`` makes a rising clock edge, ``get``
    reads any port; outputs follow inputs without a tick where the logic is combinational.

        engine = GateEngine(read_netlist(rtlil.convert(counter, name="top"), "top", folder))
        engine.reset(lanes=4096)
        engine.set("en", enables)
        engine.tick()
        counts = engine.get("count")
    """

    def __init__(self, netlist: GateNetlist) -> None:
        self.netlist = netlist
        self.reset(lanes=1)

    def reset(self, lanes: int) -> None:
        """Start again with ``lanes`` copies: flip-flops at their initial values, inputs at 0."""
        if lanes < 1:
            raise ValueError(f"lanes must be at least 1, not {lanes}")
        self.lanes = lanes
        netlist, words = self.netlist, -(-lanes // 64)
        self._values: Words = np.zeros((netlist.rows, words), dtype=np.uint64)
        self._values[1] = _ONES
        self._values[netlist.state] = np.where(netlist.initial, _ONES, 0)[:, np.newaxis]
        widest = max((group.inputs.shape[1] for group in netlist.groups), default=0)
        self._scratch: Words = np.empty((3, widest, words), dtype=np.uint64)
        self._gated = bool((netlist.clocks != 1).any())
        self._settled = False

    def set(self, name: str, values: int | ArrayLike) -> None:
        """Drive an input port, in every lane alike (an int) or lane by lane.

        Arrays are (lanes,) of integers, or (lanes, words) of uint32 or uint64 with the low word
        first. Bits above the port's width are ignored, so negative values mean two's complement.
        """
        port = self._port(name, "input port")
        if np.ndim(values) == 0:
            number, width = operator.index(values), len(port.rows)  # type: ignore[arg-type]
            bits = np.array([number >> bit & 1 for bit in range(width)], dtype=bool)
            self._values[port.rows] = np.where(bits, _ONES, 0)[:, np.newaxis]
        else:
            words = self._to_words(name, np.asarray(values), len(port.rows))
            for first in range(0, len(port.rows), 64):
                rows = port.rows[first : first + 64]
                square = np.zeros((self._values.shape[1], 64), dtype=np.uint64)
                square.ravel()[: self.lanes] = words[:, first // 64]
                self._values[rows] = _transpose(square.T)[: len(rows)]
        self._settled = False

    def start_anywhere(self, rng: np.random.Generator) -> None:
        """Give every flip-flop of every copy a random value, as the registers of a chip have."""
        state = self._values[self.netlist.state]
        self._values[self.netlist.state] = rng.integers(
            0, 2**64 - 1, state.shape, np.uint64, endpoint=True
        )
        self._settled = False

    def get(self, name: str) -> Words:
        """Values of a port: (lanes,), or (lanes, words) with the low word first if over 64 bits."""
        port = self._port(name, "port")
        if not self._settled:
            self.settle()
        words = np.empty((self.lanes, -(-len(port.rows) // 64)), dtype=np.uint64)
        for first in range(0, len(port.rows), 64):
            rows = port.rows[first : first + 64]
            square = np.zeros((64, self._values.shape[1]), dtype=np.uint64)
            square[: len(rows)] = self._values[rows]
            words[:, first // 64] = _transpose(square).T.ravel()[: self.lanes]
        return words[:, 0] if words.shape[1] == 1 else words

    def rows(self) -> Words:
        """Values of all nets, shape (rows, words): bit k of word w is lane 64 w + k; a view.

        Bits beyond the last lane mean nothing.
        """
        if not self._settled:
            self.settle()
        return self._values

    def set_rows(self, name: str, rows: Words) -> None:
        """Drive an input port with rows of another engine of as many lanes, lowest bit first."""
        self._values[self._port(name, "input port").rows] = rows
        self._settled = False

    def settle(self) -> None:
        """Evaluate the combinational logic."""
        values = self._values
        for group in self.netlist.groups:
            out = values[group.rows]
            # mode="clip" spares numpy a copy through a buffer; the indices are always in range
            pins = [
                values.take(rows, axis=0, out=self._scratch[pin, : len(rows)], mode="clip")
                for pin, rows in enumerate(group.inputs)
            ]
            if group.kind == "$_NOT_":
                np.invert(pins[0], out=out)
            elif group.kind == "$_MUX_":  # a ^ ((a ^ b) & s)
                np.bitwise_xor(pins[0], pins[1], out=out)
                np.bitwise_and(out, pins[2], out=out)
                np.bitwise_xor(out, pins[0], out=out)
            else:
                _BINARY[group.kind](pins[0], pins[1], out=out)
        self._settled = True

    def tick(self) -> None:
        """Make a rising clock edge, with the inputs as they are set."""
        if not self._settled:
            self.settle()
        values, netlist = self._values, self.netlist
        following = values[netlist.next_state]
        if self._gated:
            kept = values[netlist.state]
            following = kept ^ ((kept ^ following) & values[netlist.clocks])
        values[netlist.state] = following
        self._settled = False

    def _port(self, name: str, kind: str) -> Port:
        ports = self.netlist.ports
        names = [key for key, port in ports.items() if port.is_input or kind == "port"]
        if name not in names:
            raise ValueError(f"{kind} must be one of {', '.join(names)}, not {name!r}")
        return ports[name]

    def _to_words(self, name: str, values: NDArray[Any], width: int) -> Words:
        """Values of the lanes as (lanes, 64-bit words), low word first."""
        if values.ndim == 1 and values.dtype.kind in "iub" and width <= 64:
            wide = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64)
            words: Words = wide.view(np.uint64)[:, np.newaxis]
        elif values.ndim == 2 and values.dtype in (np.uint32, np.uint64):
            octets = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
            octets = octets.view(np.uint8)
            words = np.pad(octets, ((0, 0), (0, -octets.shape[1] % 8))).view("<u8")
        else:
            rule = "(lanes,) of integers or " if width <= 64 else ""
            raise ValueError(
                f"values of {name} must be {rule}(lanes, words) of uint32 or uint64, "
                f"not {values.shape} of {values.dtype}"
            )
        if len(words) != self.lanes or 64 * words.shape[1] < width:
            raise ValueError(
                f"values of {name} must have {self.lanes} lanes of {width} bits, "
                f"not {len(words)} of {64 * words.shape[1]}"
            )
        return words


def _transpose(square: Words) -> Words:
    """Exchange bit and row: bit i of row j of (64, n) becomes bit j of row i."""
    square = square.copy(order="C")
    for size, low_half in _LOW_HALVES.items():
        low, high = np.moveaxis(square.reshape(32 // size, 2, size, -1), 1, 0)
        swap = ((low >> size) ^ high) & low_half
        low ^= swap << size
        high ^= swap
    return square
