"""A stream unit on Verilator, driven from numpy arrays: one copy, but of any size."""

import ctypes
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from macsmith.formats.stream_words import Words, words_for
from macsmith.host.int64s import Int64s
from macsmith.rtlsim.verilator_model import model

DRIVER = Path(__file__).with_name("stream_driver.cc")

CYCLES_PER_BEAT = 512
"""More than any unit takes for a beat, stalls included; past it a run is given up."""


class VerilatedStream:
    """A unit with streams in and a stream ``o`` out as a Verilator model.

    Parameters
    ----------
    verilog:
        The unit with top module ``unit``.
    in_bits:
        Payload width of the input, or of each.
    out_bits:
        Payload width of ``o``.
    part:
        A module of which there are many, as in `macsmith.rtlsim.verilator_model.model`.
    fault:
        Whether the unit has an output ``fault``, which must stay down.
    inputs:
        Names of the inputs; if None, ``i``, or ``i_a`` and ``i_w`` of two.

    Raises
    ------
    UserError
        If Verilator cannot run here.
    RuntimeError
        If Verilator or the C++ compiler fails.
    """

    def __init__(
        self, verilog: str, in_bits: int | tuple[int, ...], out_bits: int,
        part: str | None = None, fault: bool = False, inputs: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.widths = in_bits if isinstance(in_bits, tuple) else (in_bits,)
        self.out_bits = out_bits
        self._verilog, self._part, self._fault = verilog, part, fault
        self._inputs = inputs or (("i",) if len(self.widths) == 1 else ("i_a", "i_w"))

    def run_timed(
        self, beats: Words | Sequence[Words], result_count: int,
        stalls: float | tuple[float, float] = 0.0, seed: int = 1, cut: int = 0,
        wrong: bool = False, after: Sequence[Int64s | None] | None = None,
    ) -> tuple[Words, int]:  # fmt: skip
        """Send beats after a reset; return the results and the cycles to the last of them.

        While an input pauses, its payload is junk.

        Parameters
        ----------
        beats:
            Input payloads, shape (beats, words), of each input.
        result_count:
            Results that are expected.
        stalls:
            Share of cycles in which the senders and the receiver pause, or the share of each.
        cut:
            Cycles of other work that a reset breaks off before.
        wrong:
            Whether the beats are such that the unit must report a fault, else it must not.
        after:
            Of each input how many results must have been taken before each of its beats is
            offered; None if that does not matter.

        Returns
        -------
        Output payloads, shape (result_count, words), and clock cycles.

        Raises
        ------
        RuntimeError
            If there are fewer or more results than expected, a result does not wait until it is
            taken, or the unit reports a fault or none and should not.
        """
        each = [beats] if isinstance(beats, np.ndarray) else beats
        chains = [np.ascontiguousarray(one, np.uint64) for one in each]
        starts = np.array([chain.ctypes.data for chain in chains], np.uintp)
        sizes = np.array([chain.shape for chain in chains], np.int64).T.copy()
        waits = [None if one is None else np.ascontiguousarray(one, np.int64)
                 for one in after or [None] * len(chains)]  # fmt: skip
        waiting = np.array([0 if one is None else one.ctypes.data for one in waits], np.uintp)
        each_end = stalls if isinstance(stalls, tuple) else (stalls, stalls)
        bits = np.array(self.widths, np.int64)
        results = np.zeros((result_count, words_for(self.out_bits)), np.uint64)
        fault = ctypes.c_int64()
        cycles = int(
            self.library.run(
                starts.ctypes.data, waiting.ctypes.data, sizes[0].ctypes.data,
                sizes[1].ctypes.data, bits.ctypes.data,
                results.ctypes.data, *results.shape, *(round(share * 256) for share in each_end),
                seed, 1000 + (int(sizes[0].sum()) + result_count) * CYCLES_PER_BEAT, cut,
                ctypes.byref(fault),
            )
        )  # fmt: skip
        if fault.value != wrong:
            raise RuntimeError(f"the unit reports {'a' if fault.value else 'no'} fault")
        if cycles == -4:
            raise RuntimeError("o.valid fell, or o.payload changed, before o.ready rose")
        if cycles < 0:
            found = "more" if cycles == -1 else "fewer"
            raise RuntimeError(f"the unit gave {found} results than the {result_count} expected")
        return results, cycles

    @cached_property
    def library(self) -> ctypes.CDLL:
        """The compiled model."""
        # Verilator writes an underscore that follows another as ___05F.
        each = " ".join(f"DO({at}, {name}___05F)" for at, name in enumerate(self._inputs))
        defines = ["-DFAULT"] * self._fault
        if len(self._inputs) > 1:
            defines += [f"-DINPUTS={len(self._inputs)}", f"-DFOR_EACH_INPUT(DO)={each}"]
        library = model(self._verilog, "unit", DRIVER, *defines, part=self._part)
        library.run.restype = ctypes.c_int64
        library.run.argtypes = [
            *[ctypes.c_void_p] * 6, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_uint64,
            ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p,
        ]  # fmt: skip
        return library
