"""A stream unit as machine code: 64 copies side by side, driven from numpy arrays.

Each gate is one C statement on 64-bit words, one bit a copy, so that one operation of the processor
evaluates a gate in all copies. Straight-line code needs no optimiser, so it compiles in a moment.
"""

import ctypes
import hashlib
import tempfile
from functools import cached_property
from pathlib import Path

import numpy as np

from macsmith import compiler
from macsmith.cache import cache_folder
from macsmith.netlist import Netlist, read_netlist
from macsmith.packing import Words, words_for

COPIES = 64
"""Independent copies of the unit."""

OPTIMISED_ROWS = 1500
"""Units with fewer nets are optimised: serial ones, which run for many cycles."""

_STATEMENTS = {
    "$_AND_": "{0} & {1}",
    "$_OR_": "{0} | {1}",
    "$_XOR_": "{0} ^ {1}",
    "$_NOT_": "~{0}",
    "$_MUX_": "{0} ^ (({0} ^ {1}) & {2})",
}

_TYPES = """\
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

typedef uint64_t word;
typedef std::vector<int> rows;
"""

_DRIVER = """\
/* Exchange bit and row: bit i of word j becomes bit j of word i. */
static void transpose(word *square) {
    word mask = 0x00000000FFFFFFFFu;
    for (int size = 32; size; size >>= 1, mask ^= mask << size)
        for (int k = 0; k < 64; k = (k + size + 1) & ~size) {
            word swap = (square[k] >> size ^ square[k + size]) & mask;
            square[k] ^= swap << size;
            square[k + size] ^= swap;
        }
}

/* Drive a port from numbers, or read it; copies lie `stride` words apart. */
static void put(word *v, const rows &port, const word *numbers, int64_t stride, int copies) {
    for (size_t first = 0; first < port.size(); first += 64, numbers++) {
        size_t bits = std::min<size_t>(64, port.size() - first);
        word square[64] = {};
        for (int copy = 0; copy < copies; copy++) square[copy] = numbers[copy * stride];
        transpose(square);
        for (size_t bit = 0; bit < bits; bit++) v[port[first + bit]] = square[bit];
    }
}
static void get(const word *v, const rows &port, word *numbers, int64_t stride, int copies) {
    for (size_t first = 0; first < port.size(); first += 64, numbers++) {
        size_t bits = std::min<size_t>(64, port.size() - first);
        word square[64] = {};
        for (size_t bit = 0; bit < bits; bit++) square[bit] = v[port[first + bit]];
        transpose(square);
        for (int copy = 0; copy < copies; copy++) numbers[copy * stride] = square[copy];
    }
}

static void clock(word *v) {
    settle(v);
    std::vector<word> next;
    for (int row : next_state) next.push_back(v[row]);
    if (!next.empty()) memcpy(v + FIRST_STATE, next.data(), next.size() * sizeof(word));
}

/* A small generator for stalls: true in `rate` of 256 draws. */
static bool draw(uint64_t &state, unsigned rate) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (state >> 24 & 255) < rate;
}

/* Beats and results are chains, one a copy; all copies move in step. */
extern "C" int64_t run(int copies, const word *beats, int64_t beat_count, word *results,
                       int64_t result_count, unsigned stall_rate, uint64_t seed,
                       int64_t deadline) {
    const word all = copies == 64 ? ~word(0) : (word(1) << copies) - 1;
    std::vector<word> values(ROWS);
    word *v = values.data();
    v[1] = ~word(0);
    for (int row : initial_ones) v[row] = ~word(0);
    uint64_t state = seed | 1;
    int64_t sent = 0, taken = 0, cycle = 0;
    bool offered = false;
    v[rst[0]] = ~word(0);
    clock(v);
    v[rst[0]] = 0;
    while ((sent < beat_count || taken < result_count) && cycle < deadline) {
        offered = sent < beat_count && (offered || !draw(state, stall_rate));
        bool ready = !draw(state, stall_rate);
        v[i__valid[0]] = offered ? ~word(0) : 0;
        v[o__ready[0]] = ready ? ~word(0) : 0;
        if (offered) put(v, i__payload, beats + sent * IN_WORDS, beat_count * IN_WORDS, copies);
        settle(v);
        word valid = v[o__valid[0]] & all, accepts = v[i__ready[0]] & all;
        if ((valid && valid != all) || (accepts && accepts != all)) return -3;
        if (ready && valid) {
            if (taken == result_count) return -1;
            get(v, o__payload, results + taken++ * OUT_WORDS, result_count * OUT_WORDS, copies);
        }
        clock(v);
        if (offered && accepts) { sent++; offered = false; }
        cycle++;
    }
    return taken == result_count ? cycle : -2;
}
"""


class CompiledUnit:
    """A unit with streams ``i`` and ``o`` as machine code.

    64 copies take 1 to 20 us a clock cycle, by the number of gates.

    Parameters
    ----------
    rtlil:
        The unit with top module ``unit``.
    in_bits, out_bits:
        Payload widths.

    Raises
    ------
    RuntimeError
        If the C++ compiler fails.
    """

    def __init__(self, rtlil: str, in_bits: int, out_bits: int) -> None:
        self.in_bits, self.out_bits = in_bits, out_bits
        self._rtlil = rtlil

    @staticmethod
    def available() -> bool:
        """Return whether there is a C++ compiler."""
        return compiler.available()

    def run(self, beats: Words, result_count: int, stalls: float = 0.0, seed: int = 1) -> Words:
        """Send beats after a reset and return the results, shape (..., result_count, words).

        Parameters
        ----------
        beats:
            Input payloads, shape (beats, words), or (copies, beats, words) for up to `COPIES`
            copies; all stall alike, as nothing in a unit depends on operands.
        result_count:
            Results of each copy.
        stalls:
            Share of cycles in which the sender or the receiver pauses.

        Raises
        ------
        RuntimeError
            If there are fewer or more results than expected, or copies fall out of step.
        """
        return self.run_timed(beats, result_count, stalls, seed)[0]

    def run_timed(
        self, beats: Words, result_count: int, stalls: float = 0.0, seed: int = 1
    ) -> tuple[Words, int]:
        """Do as `run` and also return the cycles from the first beat to the last result."""
        beats = np.ascontiguousarray(beats, np.uint64)
        copies = beats.shape[0] if beats.ndim == 3 else 1
        count = beats.shape[-2]
        results = np.zeros((*beats.shape[:-2], result_count, words_for(self.out_bits)), np.uint64)
        rate = round(stalls * 256)
        cycles = self._library.run(
            copies, beats.ctypes.data, count, results.ctypes.data, result_count, rate, seed,
            1000 + count * 512,
        )  # fmt: skip
        if cycles == -3:
            raise RuntimeError("o.valid or i.ready depends on the operands")
        if cycles < 0:
            fault = "more" if cycles == -1 else "fewer"
            raise RuntimeError(f"the unit gave {fault} results than the {result_count} expected")
        return results, cycles

    @cached_property
    def _library(self) -> ctypes.CDLL:
        library = ctypes.CDLL(str(self._build()))
        library.run.restype = ctypes.c_int64
        library.run.argtypes = [
            ctypes.c_int, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64,
            ctypes.c_uint, ctypes.c_uint64, ctypes.c_int64,
        ]  # fmt: skip
        return library

    def _build(self) -> Path:
        words = {"IN_WORDS": words_for(self.in_bits), "OUT_WORDS": words_for(self.out_bits)}
        source = "".join(f"#define {name} {value}\n" for name, value in words.items()) + _DRIVER
        key = hashlib.sha256((self._rtlil + source).encode()).hexdigest()[:32]
        library = cache_folder("compiled") / f"{key}.so"
        if library.exists():
            return library
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            netlist = read_netlist(self._rtlil, "unit", folder)
            (folder / "unit.cc").write_text(_gates(netlist) + source)
            level = "-O1" if netlist.rows < OPTIMISED_ROWS else "-O0"
            compiler.shared_library(folder / "unit.cc", library, level)
        return library


def _gates(netlist: Netlist) -> str:
    """Return tables of the ports and flip-flops, and a function that settles the gates."""
    ones = np.arange(netlist.rows)[netlist.state][netlist.initial]
    tables = {name: port.rows for name, port in netlist.ports.items()}
    tables |= {"next_state": netlist.next_state, "initial_ones": ones}
    lines = [_TYPES, f"#define ROWS {netlist.rows}", f"#define FIRST_STATE {netlist.state.start}"]
    lines += [
        f"static const rows {name} = {{{', '.join(map(str, rows))}}};"
        for name, rows in tables.items()
    ]
    lines += ["static void settle(word *v) {"]
    for group in netlist.groups:
        outputs = range(group.rows.start, group.rows.stop)
        for row, pins in zip(outputs, group.inputs.T, strict=True):
            value = _STATEMENTS[group.kind].format(*(f"v[{pin}]" for pin in pins))
            lines.append(f"v[{row}] = {value};")
    return "\n".join([*lines, "}\n"])
