"""A stream unit as machine code: 64 copies side by side, driven from numpy arrays.

Each gate is one C statement on 64-bit words, one bit a copy, so that one operation of the processor
evaluates a gate in all copies. Straight-line code needs no optimiser, so it compiles in a moment.
"""

import ctypes
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from macsmith.formats.stream_words import Words, words_for
from macsmith.host import cxx
from macsmith.host.kept_files import kept_library
from macsmith.netlist.gate_netlist import CLOCK_GATE, GateNetlist, read_netlist
from macsmith.rtlsim.subject import MUTANT

COPIES = 64
"""Independent copies of the unit."""

PATIENCE = 4096
"""More cycles than any unit takes for a beat."""

OPTIMISED_ROWS = 1500
"""Units with fewer nets are optimised: serial ones, which run for many cycles."""

_STATEMENTS = {
    "$_AND_": "{0} & {1}",
    "$_OR_": "{0} | {1}",
    "$_XOR_": "{0} ^ {1}",
    "$_NOT_": "~{0}",
    "$_MUX_": "{0} ^ (({0} ^ {1}) & {2})",
    CLOCK_GATE: "{0} & {1}",
}

_TYPES = """\
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

/* Cycles after the last result in which none may follow. */
static const int64_t AFTER = 64;

typedef uint64_t word;
typedef std::vector<int> rows;
"""

_DRIVER = """\
#include "dice.h"

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

/* A flip-flop whose clock is gated keeps what it has where its pulse does not come. Plain arrays:
   units with many gates are compiled without an optimiser. */
static void clock(word *v) {
    settle(v);
    static thread_local word next[FLIP_FLOPS + 1];
    const int *from = next_state;
    for (word *to = next; to != next + FLIP_FLOPS; to++) *to = v[*from++];
    if (GATED) {
        const int *pulse = clocks;
        const word *now = v + FIRST_STATE;
        for (word *to = next; to != next + FLIP_FLOPS; to++, now++)
            *to = *now ^ ((*now ^ *to) & v[*pulse++]);
    }
    memcpy(v + FIRST_STATE, next, FLIP_FLOPS * sizeof(word));
}

/* What the unit must keep to: a result that waits stays, and stays the same, in all copies. */
struct rules {
    bool waiting = false;
    std::vector<word> held;
    bool keeps(const word *v, bool valid, bool ready, word all) {
        if (waiting) {
            if (!valid) return false;
            for (size_t k = 0; k < o__payload.size(); k++)
                if ((v[o__payload[k]] ^ held[k]) & all) return false;
        }
        waiting = valid && !ready;
        if (waiting) {
            held.clear();
            for (int row : o__payload) held.push_back(v[row]);
        }
        return true;
    }
};

/* Beats of each input and results are chains, one a copy; all copies move in step.

   A run is given up after `patience` cycles without a transfer. Before it, `cut` cycles of the same
   beats from other places on are broken off by a reset. Return the cycles from the first beat to
   the last result, -1 for more results than there is room for, -2 for fewer when the deadline has
   passed, -3 where copies fall out of step, -4 for a result that did not wait. */
extern "C" int64_t run(int copies, const word *const *beats, const int64_t *beat_counts,
                       word *results, int64_t result_count, unsigned stall_rate, uint64_t seed,
                       int64_t deadline, int64_t patience, int64_t cut,
                       int64_t chosen) {
    const word all = copies == 64 ? ~word(0) : (word(1) << copies) - 1;
    std::vector<word> values(ROWS);
    word *v = values.data();
    v[1] = ~word(0);
    for (int row : initial_ones) v[row] = ~word(0);
    for (size_t bit = 0; bit < mutant.size(); bit++)
        v[mutant[bit]] = chosen >> bit & 1 ? ~word(0) : 0;
    /* Stalls are drawn apart, so that another driver makes the same ones. */
    Dice dice(seed), junk(~seed);
    if (RANDOM_START)
        for (int k = 0; k < FLIP_FLOPS; k++) v[FIRST_STATE + k] = junk.word();
    int64_t taken = 0, cycle = 0, waiting = 0, after = 0, quiet = 0, sent[INPUTS] = {};
    bool offered[INPUTS] = {}, prelude = cut > 0;
    rules output;
    for (int k = 0; k < INPUTS; k++) {
        waiting += beat_counts[k];
        if (prelude && beat_counts[k]) sent[k] = junk.word() % beat_counts[k];
    }
    v[rst[0]] = ~word(0);
    clock(v);
    v[rst[0]] = 0;
    while (prelude || ((waiting || taken < result_count || after < AFTER) && cycle < deadline
                       && quiet++ < patience)) {
        if (prelude && cut-- == 0) {
            prelude = false;
            output = rules();
            for (int k = 0; k < INPUTS; k++) {
                sent[k] = 0;
                offered[k] = false;
                v[inputs[k].valid] = junk.word() & 1 ? ~word(0) : 0;
            }
            v[rst[0]] = ~word(0);
            clock(v);
            v[rst[0]] = 0;
            continue;
        }
        bool ended = !prelude && !waiting && taken == result_count;
        after += ended;
        for (int k = 0; k < INPUTS; k++) {
            const input &in = inputs[k];
            offered[k] = sent[k] < beat_counts[k] && (offered[k] || !dice.draw(stall_rate));
            v[in.valid] = offered[k] ? ~word(0) : 0;
            const word *next = beats[k] + sent[k] * in.words;
            if (offered[k]) put(v, in.payload, next, beat_counts[k] * in.words, copies);
            else for (int row : in.payload) v[row] = junk.word();
        }
        bool ready = !dice.draw(stall_rate);
        v[o__ready[0]] = ready ? ~word(0) : 0;
        settle(v);
        word valid = v[o__valid[0]] & all;
        if (valid && valid != all) return -3;
        if (!output.keeps(v, valid, ready, all)) return -4;
        if (ready && valid && !prelude) {
            if (taken == result_count) return -1;
            get(v, o__payload, results + taken++ * OUT_WORDS, result_count * OUT_WORDS, copies);
            quiet = 0;
        }
        for (int k = 0; k < INPUTS; k++) {
            word accepts = v[inputs[k].ready] & all;
            if (accepts && accepts != all) return -3;
            if (!offered[k] || !accepts) continue;
            sent[k]++;
            waiting -= !prelude;
            offered[k] = false;
            quiet = 0;
        }
        clock(v);
        cycle += !prelude && !ended;
    }
    return taken == result_count ? cycle : -2;
}
"""


Inputs = Words | Sequence[Words]
"""Beats of a unit's input, or of each of several."""


class CompiledUnit:
    """A unit with an output stream ``o`` and some input streams as machine code.

    64 copies take 1 to 20 us a clock cycle, by the number of gates.

    Parameters
    ----------
    unit:
        The RTLIL with top module ``unit``, or gates, such as those of a mapped netlist.
    in_bits:
        Payload width of the input stream ``i``, or those of several by name.
    out_bits:
        Payload width of ``o``.
    random_start:
        Whether registers start at random, otherwise in each copy, rather than at initial values: no
        chip has these, so nothing that comes out after the reset may depend on them.
    mutant:
        The fault that is switched on, where the unit has an input that chooses one.

    Raises
    ------
    RuntimeError
        If the C++ compiler fails.
    """

    def __init__(
        self, unit: str | GateNetlist, in_bits: int | Mapping[str, int], out_bits: int,
        random_start: bool = False, mutant: int = 0,
    ) -> None:  # fmt: skip
        self.inputs = {"i": in_bits} if isinstance(in_bits, int) else dict(in_bits)
        self.out_bits, self.mutant = out_bits, mutant
        self._unit, self._random_start = unit, random_start

    @staticmethod
    def available() -> bool:
        """Return whether there is a C++ compiler."""
        return cxx.available()

    def run(
        self, beats: Inputs, result_count: int, stalls: float = 0.0, seed: int = 1, cut: int = 0,
        patience: int = PATIENCE,
    ) -> Words:  # fmt: skip
        """Send beats after a reset and return the results, shape (..., result_count, words).

        Parameters
        ----------
        beats:
            Input payloads, shape (beats, words), or (copies, beats, words) for up to `COPIES`
            copies; all stall alike, as nothing in a unit depends on operands. Of several inputs
            those of each, in the order of ``in_bits``; each stalls by itself.
        result_count:
            Results of each copy.
        stalls:
            Share of cycles in which the sender or the receiver pauses.
        cut:
            Cycles of other work that a reset breaks off before.
        patience:
            Cycles without a transfer after which the run is given up.

        Raises
        ------
        RuntimeError
            If there are fewer or more results than expected, a result does not wait until it is
            taken, or copies fall out of step.
        """
        return self.run_timed(beats, result_count, stalls, seed, cut, patience)[0]

    def run_timed(
        self, beats: Inputs, result_count: int, stalls: float = 0.0, seed: int = 1, cut: int = 0,
        patience: int = PATIENCE,
    ) -> tuple[Words, int]:  # fmt: skip
        """Do as `run` and also return the cycles from the first beat to the last result."""
        chains = [np.ascontiguousarray(one, np.uint64) for one in _each(beats)]
        copies = chains[0].shape[0] if chains[0].ndim == 3 else 1
        counts = np.array([chain.shape[-2] for chain in chains], np.int64)
        starts = np.array([chain.ctypes.data for chain in chains], np.uintp)
        results = np.zeros(
            (*chains[0].shape[:-2], result_count, words_for(self.out_bits)), np.uint64
        )
        rate = round(stalls * 256)
        cycles = self._library.run(
            copies, starts.ctypes.data, counts.ctypes.data, results.ctypes.data, result_count, rate,
            seed, 1000 + int(counts.sum()) * 512, patience, cut, self.mutant,
        )  # fmt: skip
        if cycles == -4:
            raise RuntimeError("o.valid fell, or o.payload changed, before o.ready rose")
        if cycles == -3:
            raise RuntimeError("o.valid or i.ready depends on the operands")
        if cycles < 0:
            fault = "more" if cycles == -1 else "fewer"
            raise RuntimeError(f"the unit gave {fault} results than the {result_count} expected")
        return results, cycles

    @cached_property
    def _library(self) -> ctypes.CDLL:
        library = self._compiled()
        library.run.restype = ctypes.c_int64
        library.run.argtypes = [
            ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64,
            ctypes.c_uint, ctypes.c_uint64, *[ctypes.c_int64] * 4,
        ]  # fmt: skip
        return library

    def _compiled(self) -> ctypes.CDLL:
        inputs = ", ".join(
            f"{{{name}__valid[0], {name}__ready[0], {name}__payload, {words_for(bits)}}}"
            for name, bits in self.inputs.items()
        )
        source = cxx.whole(
            f"#define OUT_WORDS {words_for(self.out_bits)}\n#define INPUTS {len(self.inputs)}\n"
            f"#define RANDOM_START {int(self._random_start)}\n"
            f"struct input {{ int valid, ready; const rows &payload; int words; }};\n"
            f"static const input inputs[] = {{{inputs}}};\n{_DRIVER}"
        )
        unit = self._unit if isinstance(self._unit, str) else _gates(self._unit)
        key = hashlib.sha256((unit + source).encode()).hexdigest()[:32]

        def build(folder: Path) -> Path:
            netlist = self._unit
            if isinstance(netlist, str):
                netlist = read_netlist(netlist, "unit", folder)
            (folder / "unit.cc").write_text(_gates(netlist) + source)
            level = "-O1" if netlist.rows < OPTIMISED_ROWS else "-O0"
            return cxx.shared_library(folder / "unit.cc", level)

        return kept_library(f"{key}.so", build)


def _each(beats: Inputs) -> Sequence[Words]:
    return [beats] if isinstance(beats, np.ndarray) else beats


def _gates(netlist: GateNetlist) -> str:
    """Return tables of the ports and flip-flops, and a function that settles the gates."""
    ones = np.arange(netlist.rows)[netlist.state][netlist.initial]
    tables = {name: port.rows for name, port in netlist.ports.items()}
    tables |= {"initial_ones": ones}
    tables.setdefault(MUTANT, np.array([], np.intp))
    numbers = {
        "ROWS": netlist.rows,
        "FIRST_STATE": netlist.state.start,
        "FLIP_FLOPS": len(netlist.next_state),
        "GATED": int((netlist.clocks != 1).any()),
    }
    lines = [_TYPES, *(f"#define {name} {value}" for name, value in numbers.items())]
    # C++ has no array without an element.
    lines += [
        f"static const int {name}[] = {{{', '.join(map(str, [*rows, 0]))}}};"
        for name, rows in {"next_state": netlist.next_state, "clocks": netlist.clocks}.items()
    ]
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
