"""What timing diagrams show of arrays and of the engine.

Their cycles depend neither on operands nor on how a MAC is made, so a like array is simulated whose
MACs are written with operators, of 8 x 8 PEs at the most: it is ready in seconds. Those of floating
point are not: of their arrays 2 x 2 PEs are simulated.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from macsmith.array.engine.register_map import Control, Register
from macsmith.bundle.diagrams.scene import Access, Scene
from macsmith.bundle.vectors.job_vectors import result_beats, words_of
from macsmith.formats.stream_words import words_to_ints
from macsmith.matmul.array_gemm import Gemm
from macsmith.matmul.engine_jobs import packets, settings
from macsmith.matmul.engine_products import Products

SIDE = 8
"""Most rows and columns of PEs that are simulated."""

LONG_SIDE = 2
"""The same of MACs that cannot be written with operators."""

STEPS = 3
"""Of a tile."""

UNKNOWN = 0xFC
"""An address without a register."""

_WRITE = ("awaddr", "awvalid", "awready", "wdata", "wvalid", "wready", "bresp", "bvalid", "bready")
_READ = ("araddr", "arvalid", "arready", "rdata", "rresp", "rvalid", "rready")


def _alike(array: Any) -> Any:
    """Return an array of the same cycles, or a smaller one of its kind."""
    written = array.mac.arithmetic == "integer"
    mac = replace(array.mac, arith="operators") if written else array.mac
    side = SIDE if written else LONG_SIDE
    return replace(array, mac=mac, rows=min(array.rows, side), cols=min(array.cols, side))


def _size(m: int, k: int, n: int, array: Any, alike: Any) -> str:
    """Return what is multiplied, and by which array if it is a smaller one."""
    sides = f"{m} x {k} by {k} x {n}"
    if (array.rows, array.cols) == (alike.rows, alike.cols):
        return sides
    return f"{sides} on an array of its kind with {alike.rows} x {alike.cols} PEs"


def array_scenes(name: str, spec: Any) -> list[Scene]:
    """Return a product of two tiles after a reset."""
    alike = _alike(spec)
    m, n, k = alike.rows * alike.a, 2 * alike.cols * alike.c, STEPS * alike.b
    gemm = Gemm.random(alike, (m, n, k), np.random.default_rng(1))
    sent = {stream: words_to_ints(words) for stream, words in gemm.beats().items()}
    title = f"A product of {_size(m, k, n, spec, alike)} at {spec.points[0]}"
    return [Scene(title=title, spec=alike, sent=sent, results=gemm.result_count())]


def engine_scenes(name: str, spec: Any) -> list[Scene]:
    """Return accesses of registers, and a job of two tiles."""
    array = _alike(spec.array)
    alike = replace(spec, array=array, out_lanes=min(spec.out_lanes, array.rows * array.a))
    m, n, k = alike.tile_rows, 2 * alike.tile_cols, STEPS * alike.step_length()
    product = Products(alike, np.random.default_rng(1)).product(m, k, n, raw=False)
    written = settings(product.job.schedule(alike))
    setting = [Access(register=one, address=Register[one], value=v) for one, v in written.items()]
    start = Access(register="CONTROL", address=Register.CONTROL, value=Control.START)
    accesses = [
        Access(register="M", address=Register.M, value=m),
        Access(register="M", address=Register.M),
        Access(register="STATUS", address=Register.STATUS),
        Access(register="none", address=UNKNOWN, value=1),
        Access(register="none", address=UNKNOWN),
    ]
    words = words_of(alike, packets(alike, product.job))
    sent = dict(zip(alike.inputs(alike.points[0]), words, strict=True))
    size = _size(m, k, n, spec.array, alike.array)
    return [
        Scene(
            title="Accesses of registers, two of them of an address that has none", spec=alike,
            accesses=accesses, lines=(*_WRITE, *_READ), name="registers",
        ),
        Scene(
            title=f"A job, requantised: {size} at {spec.points[0]}", spec=alike, sent=sent,
            results=len(result_beats(alike, product)), accesses=[*setting, start],
            lines=_WRITE[:6], name="job",
        ),
    ]  # fmt: skip
