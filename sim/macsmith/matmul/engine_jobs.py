"""Matrix products on the simulated engine: words for its streams, and results back as matrices."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from macsmith.array.engine.register_map import MODE_SHIFT, Flags
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.contract.stream import Layout
from macsmith.host.int64s import Int64s

Bytes = NDArray[np.uint8]

STREAMS = ("act", "weight", "channel")
"""Streams of a job's operands."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Channels:
    """Bias, multiplier and shift of each column of C, shape (n,) each."""

    bias: Int64s
    mult: Int64s
    shift: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class EngineJob:
    """A product ``acts @ weights`` as the engine takes it.

    Parameters
    ----------
    acts:
        Shape (m, k).
    values:
        Of each column of C the weights that are multiplied in each step and pass, shape
        (n, steps, passes, lanes): `dense_values` of a matrix, or `bound_slots` of blocks.
    places:
        Of density-bound weights their places in their blocks, same shape.
    channels:
        How results are requantised; None for the accumulators themselves.
    mode:
        Index of the precision.
    keep:
        Whether weights and channels stay in the engine for the next job.
    kept:
        Whether they have stayed from the job before, so that they are not sent.
    """

    acts: Int64s
    values: Int64s
    places: Int64s | None = None
    channels: Channels | None = None
    mode: int = 0
    keep: bool = False
    kept: bool = False

    def schedule(self, spec: EngineSpec) -> Schedule:
        """Return how an engine runs it."""
        m, k = self.acts.shape
        n, _, passes, _ = self.values.shape
        return Schedule(
            spec=spec, m=m, k=k, n=n, passes=passes, mode=self.mode, raw=self.channels is None,
            keep=self.keep,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Packets:
    """What a job sends: words as bytes, shape (words, bytes), and where packets end, (words,)."""

    act: tuple[Bytes, Bytes]
    weight: tuple[Bytes, Bytes]
    channel: tuple[Bytes, Bytes]


@dataclass
class Result:
    """What came of a job.

    Members
    -------
    matrix:
        C, shape (m, n), or None after an error.
    error:
        Code of `macsmith.array.engine.register_map.Error`.
    counters:
        By how much each counter went on.
    started, last_result, last_busy, first_idle, last_act:
        Clock cycles in which the start was written, the last result was taken, the status last said
        busy and first said otherwise, and the last activations of all jobs so far were taken.
    """

    matrix: Int64s | None
    error: int
    counters: dict[str, int] = field(default_factory=dict)
    started: int = 0
    last_result: int = 0
    last_busy: int = 0
    first_idle: int = 0
    last_act: int = 0


def dense_values(spec: EngineSpec, weights: Int64s, mode: int = 0) -> Int64s:
    """Return weights (k, n) as `EngineJob.values`, filled up with zeros to whole steps."""
    length = spec.step_length(mode)
    k, n = weights.shape
    filled = np.pad(weights.T, ((0, 0), (0, -k % length)))
    return filled.reshape(n, -1, 1, length)


def bound_slots(spec: EngineSpec, slots: Int64s, idle: Int64s | int) -> Int64s:
    """Return what density-bound blocks keep, in the shape of `EngineJob.values`.

    Parameters
    ----------
    slots:
        Values or places, shape (passes, n, blocks, nonzeros).
    idle:
        What fills up the last step: zeros, or places that rise.
    """
    passes, n, blocks, _ = slots.shape
    array, each = spec.array, spec.array.b // spec.array.block
    steps = -(-blocks // each)
    beyond = (passes, n, steps * each - blocks, array.nonzeros)
    filled = np.concatenate([slots, np.broadcast_to(idle, beyond)], axis=2)
    return filled.reshape(passes, n, steps, array.lanes).transpose(1, 2, 0, 3)


def settings(job: Schedule) -> dict[str, int]:
    """Return what is written to the registers of a job, by their names."""
    flags = Flags.RAW * job.raw | Flags.HOLD_ACTS * job.hold_acts
    flags |= Flags.HOLD_WEIGHTS * job.hold_weights | Flags.HOLD_CHANNELS * job.hold_channels
    flags |= Flags.KEEP * job.keep
    return {
        "FLAGS": int(flags) | job.mode << MODE_SHIFT,
        "M": job.m, "K": job.k, "N": job.n, "PASSES": job.passes,
    }  # fmt: skip


def packets(spec: EngineSpec, job: EngineJob, junk: np.random.Generator | None = None) -> Packets:
    """Return what a job sends, in the order of its `Schedule`.

    Parameters
    ----------
    junk:
        What fills rows beyond M, columns beyond N, what is beyond K, and bits that no field has;
        it also cuts streams into packets wherever one may end. If None these are zeros, and each
        stream is one packet.
    """
    plan = job.schedule(spec)
    acts = _acts(spec, job, plan, junk)
    panels = np.repeat(acts.reshape(plan.row_tiles, plan.steps, -1), plan.act_repeats, axis=0)
    weights = _weights(spec, job, plan, junk)
    channels = _channels(spec, job)
    layouts = spec.inputs(spec.points[job.mode])
    sent = {
        "act": (panels.reshape(-1, acts.shape[1]), plan.steps),
        "weight": (
            np.tile(weights, (0 if job.kept else plan.weight_repeats, 1)),
            plan.weight_panel,
        ),
        "channel": (np.tile(channels, (0 if job.kept else plan.channel_repeats, 1)), plan.n),
    }
    return Packets(
        **{
            name: _stream(words, panel, layouts[f"s_axis_{name}"], junk)
            for name, (words, panel) in sent.items()
        }
    )


def _stream(
    words: Bytes, panel: int, layout: Layout, junk: np.random.Generator | None
) -> tuple[Bytes, Bytes]:
    """Return words and where packets end: at the last one, and with junk at some panels' ends."""
    last = np.zeros(len(words), np.uint8)
    if junk is not None:
        ends = last[panel - 1 :: panel]
        ends[:] = junk.random(len(ends)) < junk.choice([0.0, 0.5, 1.0])
        ignored = np.frombuffer(layout.ignored.to_bytes(words.shape[1], "little"), np.uint8)
        words = words | junk.integers(0, 256, words.shape, np.uint8) & ignored
    last[-1:] = 1
    return words, last


def _acts(
    spec: EngineSpec, job: EngineJob, plan: Schedule, junk: np.random.Generator | None
) -> Bytes:
    m, k = job.acts.shape
    length, rows = spec.step_length(job.mode), spec.tile_rows
    filled = _filler(junk, (m + -m % rows, k + -k % length))
    filled[:m, :k] = job.acts
    # (row tile, row, step, element): a word is a step of all rows of a tile.
    words = filled.reshape(plan.row_tiles, rows, plan.steps, length).transpose(0, 2, 1, 3)
    bits = spec.points[job.mode].act_bits
    return pack(words.reshape(-1, rows * length), bits, spec.act_bits)


def _weights(
    spec: EngineSpec, job: EngineJob, plan: Schedule, junk: np.random.Generator | None
) -> Bytes:
    n, steps, passes, lanes = job.values.shape
    if steps != plan.steps:
        raise ValueError(f"values must have {plan.steps} steps, not {steps}")
    whole = (n + -n % spec.tile_cols, steps, passes, lanes)

    def in_words(elements: Int64s) -> Int64s:
        tiles = elements.reshape(plan.col_tiles, spec.tile_cols, steps, passes, lanes)
        return tiles.transpose(0, 2, 3, 1, 4).reshape(plan.weight_matrix, -1)

    values = _filler(junk, whole)
    values[:n] = job.values
    bits = spec.points[job.mode].weight_bits
    if job.places is None:
        beyond = values[:n].reshape(n, -1)[:, job.acts.shape[1] :]
        beyond[:] = _filler(junk, beyond.shape)
        return pack(in_words(values), bits, spec.weight_word_bits)
    # Columns beyond N need legal places as well.
    places = np.broadcast_to(np.arange(lanes) % spec.array.nonzeros, whole).copy()
    places[:n] = job.places
    fields = [
        unpacked(in_words(values), bits),
        unpacked(in_words(places), spec.array.zeros.index_bits),
    ]
    return packed(np.concatenate(fields, axis=1), spec.weight_word_bits)


def _filler(junk: np.random.Generator | None, shape: tuple[int, ...]) -> Int64s:
    """Return operands of any value, or zeros."""
    if junk is None:
        return np.zeros(shape, np.int64)
    return junk.integers(-(1 << 15), 1 << 15, shape)


def _channels(spec: EngineSpec, job: EngineJob) -> Bytes:
    if job.channels is None:
        return np.zeros((0, -(-spec.channel_bits // 8)), np.uint8)
    each = job.channels
    fields = [(each.bias, 8 * spec.bias_bytes), (each.mult, 16), (each.shift, 16)]
    return packed(
        np.concatenate([unpacked(value[:, np.newaxis], bits) for value, bits in fields], axis=1),
        spec.channel_bits,
    )


def matrix_of(spec: EngineSpec, plan: Schedule, octets: Bytes) -> Int64s:
    """Return C of the bytes that a job's results keep, in order."""
    size = spec.result_bytes(plan.raw)
    signed = spec.array.mac.result_signed if plan.raw else spec.out_signed
    whole = np.zeros((octets.size // size, 8), np.uint8)
    whole[:, :size] = octets.reshape(-1, size)
    if signed:
        whole[:, size:] = np.where(whole[:, size - 1 : size] & 0x80, 0xFF, 0)
    elements = whole.view(np.int64)[:, 0]
    matrix = np.zeros((plan.m, plan.n), np.int64)
    for first in range(0, plan.m, spec.tile_rows):
        rows = matrix[first : first + spec.tile_rows]
        # All columns of C follow one another, tile by tile.
        rows[:] = elements[first * plan.n :][: rows.size].reshape(plan.n, -1).T
    return matrix


def unpacked(elements: Int64s, bits: int) -> Bytes:
    """Return the low bits of elements (words, count) one by one, the lowest first."""
    octets = np.ascontiguousarray(elements, np.int64)[..., np.newaxis].view(np.uint8)
    each = np.unpackbits(octets, axis=-1, bitorder="little", count=bits)
    return each.reshape(len(elements), -1)


def packed(single: Bytes, bits: int) -> Bytes:
    """Return words of single bits as bytes, filled up with zeros to ``bits`` bits."""
    filled = np.zeros((len(single), 8 * -(-bits // 8)), np.uint8)
    filled[:, : single.shape[1]] = single
    return np.packbits(filled, axis=1, bitorder="little")


def pack(elements: Int64s, bits: int, word_bits: int) -> Bytes:
    """Return words of elements (words, count) of ``bits`` bits each as bytes."""
    return packed(unpacked(elements, bits), word_bits)


def split_counters(reports: Sequence[Sequence[int]], names: Sequence[str]) -> list[dict[str, int]]:
    """Return by how much counters modulo 2^32 went on from report to report."""
    before = [0] * len(names)
    steps = []
    for now in reports:
        steps.append({name: (new - old) % 2**32
                      for name, new, old in zip(names, now, before, strict=True)})  # fmt: skip
        before = list(now)
    return steps
