"""The systolic array in its three dataflows: GEMMs bit by bit, cycles and words by formula."""

from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import take, words_to_ints
from macsmith.matmul.array_gemm import Gemm
from macsmith.netlist.gate_netlist import GateNetlist, read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.compiled_rtl import CompiledUnit
from macsmith.verify.arrays import run_array_bench
from tests.support.sample import every

DATAFLOWS = ("output", "weight", "input")
SMALL = {"act_width": 4, "weight_width": 4, "acc_width": 16}
SPECS: dict[str, dict[str, Any]] = {
    "dense": {"rows": 3, "cols": 2, "depth": 8, "act_width": 5, "weight_width": 3, "acc_width": 10},
    "tensor PE": SMALL | {"rows": 2, "cols": 2, "a": 2, "c": 3, "stages": 2, "act_signed": True,
                          "depth": 5},
    "one PE": {"rows": 1, "cols": 1, "depth": 2, "stages": 2, "weight_signed": False},
    "zero-gated": SMALL | {"rows": 2, "cols": 3, "b": 2, "sparsity": "zero-gated", "depth": 12},
    "2:4": SMALL | {"rows": 4, "cols": 1, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 2,
                    "depth": 7},
    "3:8": SMALL | {"rows": 1, "cols": 2, "b": 16, "sparsity": "dbb", "nonzeros": 3,
                    "stages": 2, "depth": 3},
    "sum together": SMALL | {"rows": 2, "cols": 2, "mac": "subword-st", "depth": 9,
                             "modes": (Mode.parse("2x2"),)},
    "ebsp": {"rows": 2, "cols": 2, "mac": "ebsp", "act_width": 5, "weight_width": 6, "depth": 6,
             "acc_width": 13},
    "ebsp bank": {"rows": 1, "cols": 2, "b": 2, "c": 2, "mac": "ebsp", "lut": "bank",
                  "act_width": 3, "act_signed": True, "weight_width": 5, "acc_width": 14,
                  "stages": 2, "depth": 5},
}  # fmt: skip
"""Accumulators of ``dense`` wrap, the others hold every sum."""

LONGEST = 1000
"""Cycles of a GEMM that a test has time for."""


def spec_of(kind: str, dataflow: str) -> Any:
    return make_spec("systolic", SPECS[kind] | {"dataflow": dataflow})


def compiled(spec: Any) -> CompiledUnit:
    unit: Any = build("systolic", spec)
    streams = tuple(spec.inputs(spec.points[0]))
    widths = {name: len(getattr(unit, name).payload.as_value()) for name in streams}
    return CompiledUnit(to_rtlil(unit, "unit"), widths, len(unit.o.payload.as_value()))


def run(unit: CompiledUnit, jobs: list[Gemm], stalls: float, seed: int) -> tuple[bool, int]:
    """Run jobs one after the other; return whether all sums are right, and the cycles."""
    beats = [job.beats() for job in jobs]
    sent = [np.concatenate([one[name] for one in beats]) for name in unit.inputs]
    counts = [job.result_count() for job in jobs]
    results, cycles = unit.run_timed(sent, sum(counts), stalls, seed)
    parts = np.split(results, np.cumsum(counts)[:-1])
    right = [
        (job.sums(part) == job.expected()).all() for job, part in zip(jobs, parts, strict=True)
    ]
    return all(right), cycles


@pytest.mark.parametrize(("kind", "dataflow"), every(2, product(SPECS, DATAFLOWS)))
def test_gemms_are_exact_and_take_the_cycles_of_the_formula(kind: str, dataflow: str) -> None:
    spec, seed = spec_of(kind, dataflow), 5
    rng = np.random.default_rng(seed)
    shapes = [(1, 1, 1), (70, 3, 2), (2, 70, 5), (1, 2, 70)]
    while len(shapes) < 9:
        m, n, k = map(int, rng.integers(1, 71, 3))
        if spec.movement.cycles(m, n, k) < LONGEST:
            shapes.append((m, n, k))
    unit = compiled(spec)
    jobs = [Gemm.random(spec, shape, rng) for shape in shapes]
    for job, shape in zip(jobs, shapes, strict=True):
        assert run(unit, [job], 0.0, seed) == (True, spec.movement.cycles(*shape)), (shape, seed)
    for stalls in (0.0, 0.4):
        assert run(unit, jobs, stalls, seed)[0], (stalls, seed)


@cache
def netlist_of(spec: Any) -> GateNetlist:
    with TemporaryDirectory() as folder:
        return read_netlist(to_rtlil(build("systolic", spec), "unit"), "unit", Path(folder))


ON_ICARUS = [
    *((one, "zero-gated") for one in DATAFLOWS),
    ("weight", "ebsp bank"),
    ("output", "ebsp"),
]


QUICK = (("weight", "ebsp bank"),)
"""Those that are no slow tests."""


@pytest.mark.parametrize(
    ("simulator", "dataflow", "kind"),
    [
        *(
            pytest.param(
                "icarus",
                *one,
                marks=[pytest.mark.needs("icarus"), *[pytest.mark.slow] * (one not in QUICK)],
            )
            for one in ON_ICARUS
        ),
        ("verilator", "weight", "zero-gated"),
    ],
)
def test_simulators_agree(simulator: str, dataflow: str, kind: str, tmp_path: Path) -> None:
    run_array_bench("systolic", spec_of(kind, dataflow), simulator, tmp_path, seed=4)


@dataclass
class Streams:
    """A unit of three streams, clocked by hand; each stream pauses in its own share of cycles."""

    spec: Any
    pauses: dict[str, float] = field(default_factory=dict)

    def run(self, beats: dict[str, list[int]], results: int, cycles: int) -> list[int]:
        """Return the payloads that came out in the end or when ``cycles`` are over."""
        engine = GateEngine(netlist_of(self.spec))
        rng = np.random.default_rng(2)
        waiting = {name: list(payloads) for name, payloads in beats.items()}
        offered = dict.fromkeys(beats, False)
        taken: list[int] = []
        for _ in range(cycles):
            for name, payloads in waiting.items():
                pause = rng.random() < self.pauses.get(name, 0.0)
                offered[name] = bool(payloads) and (offered[name] or not pause)
                engine.set(f"{name}__valid", int(offered[name]))
                engine.set(f"{name}__payload", payloads[0] if payloads else 0)
            ready = rng.random() >= self.pauses.get("o", 0.0)
            engine.set("o__ready", int(ready))
            if ready and engine.get("o__valid")[0]:
                taken += words_to_ints(engine.get("o__payload").reshape(1, -1))
            for name, payloads in waiting.items():
                if offered[name] and engine.get(f"{name}__ready")[0]:
                    payloads.pop(0)
                    offered[name] = False
            engine.tick()
            if len(taken) >= results and not any(waiting.values()):
                break
        self.fault, self.left = bool(engine.get("fault")[0]), waiting
        return taken


@pytest.mark.parametrize("slow", ["i_a", "i_w", "o"])
@pytest.mark.parametrize("dataflow", ["weight", "input"])
def test_one_slow_stream_loses_nothing(dataflow: str, slow: str) -> None:
    spec = make_spec("systolic", SMALL | {"rows": 2, "cols": 2, "depth": 4, "dataflow": dataflow})
    job = Gemm.random(spec, (9, 7, 5), np.random.default_rng(3))
    streams = Streams(spec, {slow: 0.9})
    beats = job.beats()
    sent = {name: words_to_ints(payloads) for name, payloads in beats.items()}
    taken = streams.run(sent, job.result_count(), 5000)
    words = np.array(taken, np.uint64)[:, None]
    assert (job.sums(words) == job.expected()).all() and not streams.fault


STEP = {"fresh": 1, "final": 2, "last": 4}


@pytest.mark.parametrize(
    ("tiles", "fault"),
    [
        ([["fresh"] * 4, ["final"] * 4], False),
        ([["fresh"] * 4, [""] * 4, ["final"] * 4, ["fresh final"]], False),
        ([["fresh"] * 5, ["final"] * 5], True),  # more than depth
        ([["final"]], True),  # nothing is kept
        ([["fresh"] * 3, ["final"] * 2, ["fresh final"]], True),  # one sum never leaves
        ([["fresh"] * 2, ["final"] * 3], True),
        ([["fresh"] * 3, [""] * 2, ["final"] * 3], True),
        ([["fresh"] * 2, [""] * 3, ["final"] * 2], True),
    ],
)
def test_tiles_that_do_not_fit_are_a_fault_and_no_hang(tiles: list[list[str]], fault: bool) -> None:
    spec = make_spec("systolic", SMALL | {"rows": 2, "cols": 1, "depth": 4, "dataflow": "weight"})
    flags = [
        sum(STEP[flag] for flag in step.split()) | (4 if index == len(tile) - 1 else 0)
        for tile in tiles
        for index, step in enumerate(tile)
    ]
    streams = Streams(spec)
    steps = [flag << spec.rows * spec.act_width | 0x11 for flag in flags]
    final = sum(flag >> 1 & 1 for flag in flags)
    taken = streams.run({"i_a": steps, "i_w": [1] * spec.rows * len(tiles)}, final, 200)
    assert (streams.fault, len(taken)) == (fault, final)
    assert not any(streams.left.values())


@pytest.mark.parametrize("dataflow", ["weight", "input"])
def test_index_that_a_slot_cannot_have_is_a_fault(dataflow: str) -> None:
    spec = make_spec(
        "systolic",
        SMALL | {"rows": 1, "cols": 1, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 2,
                 "dataflow": dataflow},
    )  # fmt: skip
    flags = sum(STEP.values())
    for indices, fault in ((0b1100, False), (0b1011, True), (0b0010, True)):
        weights, acts = indices << 8, 0
        if dataflow == "weight":
            acts |= flags << 16
        else:
            weights |= flags << 12
        streams = Streams(spec)
        streams.run({"i_a": [acts], "i_w": [weights]}, 1, 50)
        assert streams.fault == fault


@pytest.mark.parametrize("dataflow", DATAFLOWS)
@pytest.mark.parametrize("kind", ["dense", "tensor PE", "2:4"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (17, 23, 9), (40, 31, 70)])
def test_words_on_the_streams_are_those_of_the_formula(
    shape: tuple[int, int, int], kind: str, dataflow: str
) -> None:
    spec = spec_of(kind, dataflow)
    job = Gemm.random(spec, shape, np.random.default_rng(1))
    moved = dict.fromkeys(("acts", "weights", "sums", "kept"), 0)
    bits = {"a": ("acts", spec.act_width), "w": ("weights", spec.weight_width)}
    for name, beats in job.beats().items():
        layout = spec.movement.input_structs[name]
        for operand, (word, width) in bits.items():
            if operand in layout.members:
                moved[word] += len(beats) * (layout[operand].width // width)
        if "fresh" in layout.members:
            flags = [beat >> layout["fresh"].offset for beat in words_to_ints(beats)]
            step = spec.a * spec.c * spec.cols
            moved["kept"] = step * sum((not flag & 1) + (not flag & 2) for flag in flags)
    sums = spec.movement.output_struct["sums"]
    moved["sums"] = job.result_count() * sums.width // spec.acc_width
    traffic = spec.movement.traffic(*shape)
    assert {name: getattr(traffic, name) for name in moved} == moved


@pytest.mark.parametrize("dataflow", ["weight", "input"])
@pytest.mark.parametrize("c", [1, 2])
def test_places_of_blocks_that_fill_up_a_tile_rise_too(dataflow, c):
    spec = make_spec("systolic", {
        "dataflow": dataflow, "rows": 2, "cols": 2, "c": c, "b": 8, "sparsity": "dbb", "block": 4,
        "nonzeros": 2,
    })  # fmt: skip
    gemm = Gemm.random(spec, (3, 3, 9), np.random.default_rng(1))
    index = spec.inputs(spec.points[0])["i_w"]["index"]
    places = np.stack(
        [take(gemm.beats()["i_w"], index.bits, index.offset + lane * index.bits, False)
         for lane in range(index.lanes)], axis=-1
    )  # fmt: skip
    assert (np.diff(places.reshape(-1, spec.nonzeros), axis=1) > 0).all()
