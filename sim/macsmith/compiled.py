"""A stream unit compiled to a shared library by cxxrtl, driven from numpy arrays."""

import ctypes
import hashlib
import tempfile
from functools import cached_property
from pathlib import Path

import numpy as np
import pyosys

from macsmith import compiler
from macsmith.cache import cache_folder
from macsmith.packing import Words, words_for
from macsmith.yosys import run_yosys

_DRIVER = """\
#include "model.cc"
#include <cstdint>
#include <cstring>

using Top = cxxrtl_design::p_unit;

template<size_t Bits> static chunk_t *chunks(cxxrtl::value<Bits> &v) { return v.data; }
template<size_t Bits> static chunk_t *chunks(cxxrtl::wire<Bits> &w) { return w.curr.data; }

template<class Port> static void put(Port &port, const uint64_t *words, size_t count) {
    chunk_t *to = chunks(port);
    for (size_t k = 0; k < count; k++) to[k] = chunk_t(words[k / 2] >> (k % 2 * 32));
}
template<class Port> static void get(Port &port, uint64_t *words, size_t count) {
    chunk_t *from = chunks(port);
    for (size_t k = 0; k < count; k++) words[k / 2] |= uint64_t(from[k]) << (k % 2 * 32);
}

/* A small generator for stalls: true in `rate` of 256 draws. */
static bool draw(uint64_t &state, unsigned rate) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (state >> 24 & 255) < rate;
}

extern "C" int64_t run(const uint64_t *beats, int64_t beat_count, uint64_t *results,
                       int64_t result_count, unsigned stall_rate, uint64_t seed,
                       int64_t deadline) {
    Top top;
    uint64_t state = seed | 1;
    int64_t sent = 0, taken = 0, cycle = 0;
    bool offered = false;
    auto clock = [&] {
        top.p_clk.set<bool>(false); top.step();
        top.p_clk.set<bool>(true); top.step();
    };
    top.p_rst.set<bool>(true); clock();
    top.p_rst.set<bool>(false);
    while ((sent < beat_count || taken < result_count) && cycle < deadline) {
        offered = sent < beat_count && (offered || !draw(state, stall_rate));
        bool ready = !draw(state, stall_rate);
        top.p_i____valid.set<bool>(offered);
        if (offered) put(top.p_i____payload, beats + sent * IN_WORDS, IN_CHUNKS);
        top.p_o____ready.set<bool>(ready);
        top.p_clk.set<bool>(false); top.step();
        bool accepted = offered && chunks(top.p_i____ready)[0];
        if (ready && chunks(top.p_o____valid)[0]) {
            if (taken == result_count) return -1;
            get(top.p_o____payload, results + taken++ * OUT_WORDS, OUT_CHUNKS);
        }
        top.p_clk.set<bool>(true); top.step();
        if (accepted) { sent++; offered = false; }
        cycle++;
    }
    return taken == result_count ? cycle : -2;
}
"""


class CompiledUnit:
    """A unit with streams ``i`` and ``o`` as machine code, 10 to 80 million cycles a second.

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
        """Send beats after a reset and return the results, shape (result_count, words).

        Parameters
        ----------
        beats:
            Input payloads, shape (beats, words).
        stalls:
            Share of cycles in which the sender or the receiver pauses.

        Raises
        ------
        RuntimeError
            If there are fewer or more results than expected.
        """
        return self.run_timed(beats, result_count, stalls, seed)[0]

    def run_timed(
        self, beats: Words, result_count: int, stalls: float = 0.0, seed: int = 1
    ) -> tuple[Words, int]:
        """Do as `run` and also return the cycles from the first beat to the last result."""
        beats = np.ascontiguousarray(beats, np.uint64)
        results = np.zeros((result_count, words_for(self.out_bits)), np.uint64)
        rate = round(stalls * 256)
        deadline = 1000 + len(beats) * 512
        cycles = self._library.run(
            beats.ctypes.data, len(beats), results.ctypes.data, result_count, rate, seed, deadline
        )
        if cycles < 0:
            count = "more" if cycles == -1 else "fewer"
            raise RuntimeError(f"the unit gave {count} results than the {result_count} expected")
        return results, cycles

    @cached_property
    def _library(self) -> ctypes.CDLL:
        library = ctypes.CDLL(str(self._build()))
        library.run.restype = ctypes.c_int64
        library.run.argtypes = [
            ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64,
            ctypes.c_uint, ctypes.c_uint64, ctypes.c_int64,
        ]  # fmt: skip
        return library

    def _build(self) -> Path:
        defines = {
            "IN_WORDS": words_for(self.in_bits),
            "IN_CHUNKS": -(-self.in_bits // 32),
            "OUT_WORDS": words_for(self.out_bits),
            "OUT_CHUNKS": -(-self.out_bits // 32),
        }
        source = "".join(f"#define {name} {value}\n" for name, value in defines.items()) + _DRIVER
        key = hashlib.sha256((self._rtlil + source).encode()).hexdigest()[:32]
        library = cache_folder("compiled") / f"{key}.so"
        if library.exists():
            return library
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            (folder / "unit.il").write_text(self._rtlil)
            (folder / "driver.cc").write_text(source)
            run_yosys(
                [
                    "read_rtlil unit.il",
                    "hierarchy -top unit",
                    "proc",
                    "flatten",
                    "opt",
                    "write_cxxrtl -g0 -O6 model.cc",
                ],
                folder,
            )
            runtime = Path(pyosys.__file__).parent / "share/include/backends/cxxrtl/runtime"
            compiler.shared_library(folder / "driver.cc", library, "-O1", f"-I{runtime}")
        return library
