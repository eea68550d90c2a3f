"""The dataflows of the systolic array: formulas, modules, and what specifications refuse."""

import re
from fractions import Fraction
from typing import Any

import pytest

from macsmith.array.dataflow import MOVEMENTS
from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.rtl.emit import to_verilog


@pytest.mark.parametrize("size", [1, 8, 24])
@pytest.mark.parametrize("steps", [1, 7, 64])
def test_one_dot_product_moves_the_words_of_the_slides(size: int, steps: int) -> None:
    # Output-reuse spatial unrolling, S wide and T deep: words a cycle of weights, inputs, outputs.
    s, t = size, Fraction(steps)
    published = {"weight": (s / t, s, 1), "input": (s, s / t, 1), "output": (s, s, 1 / t)}
    for dataflow, (weights, acts, sums) in published.items():
        side: dict[str, Any] = {"b": s} if dataflow == "output" else {"rows": s}
        spec = make_spec("systolic", {"rows": 1, "cols": 1} | side | {"dataflow": dataflow})
        traffic = spec.movement.traffic_per_cycle(steps)
        assert (traffic.weights, traffic.acts, traffic.sums) == (weights, acts, sums)
        assert traffic.kept == 0
        assert spec.movement.intensity(steps) == s / (weights + acts + sums)


@pytest.mark.parametrize("dataflow", ["weight", "input"])
def test_words_of_a_gemm_are_its_steps_times_those_of_a_cycle(dataflow: str) -> None:
    spec = make_spec("systolic", {"rows": 4, "cols": 4, "depth": 16, "dataflow": dataflow})
    whole = spec.movement.traffic(32, 32, 12)
    each = spec.movement.traffic_per_cycle(16, layers=3)
    steps = 32 * 32 * 12 // 16
    assert whole.words == steps * each.words
    assert whole.kept == 2 * 32 * 32 * 2


@pytest.mark.parametrize("dataflow", MOVEMENTS)
def test_long_tiles_keep_the_grid_busy(dataflow: str) -> None:
    spec = make_spec("systolic", {"dataflow": dataflow})
    products = spec.products(spec.modes[0])
    assert 256**3 / products / spec.movement.cycles(256, 256, 256) > 0.99


@pytest.mark.parametrize("dataflow", MOVEMENTS)
def test_parts_are_written_once(dataflow: str) -> None:
    texts = []
    for side in (4, 24):
        spec = make_spec("systolic", {"rows": side, "cols": side, "dataflow": dataflow})
        texts.append(to_verilog(build("systolic", spec), "systolic"))
    small, large = (re.findall(r"^module (\S+) \(", text, re.M) for text in texts)
    assert small == large and len(large) < 15
    assert [name for name in large if name.endswith(("_pe", "_dot"))] == [
        "systolic_pe", "systolic_dot",
    ]  # fmt: skip
    assert len(texts[1]) < 200_000


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"dataflow": "weights"},
            "dataflow must be one of output, weight, input, not 'weights'; did you mean weight",
        ),
        ({"depth": 1}, "depth must be from 2 to 4096, not 1; the nearest is 2"),
        (
            {"dataflow": "input", "mac": "subword-st",
             "modes": (Mode.parse("8x8"), Mode.parse("4x4"))},
            "modes must be one alone for dataflow = 'input', where tiles follow one another within "
            "the grid, not 8x8, 4x4",
        ),
        (
            {"mac": "serial-1d", "stages": 2, "modes": (Mode.parse("8x1"),)},
            "mac must be one of data-gated, subword-sa, subword-st, dnc-1d-sa, dnc-1d-st, "
            "dnc-2d-sa, dnc-2d-st, ebsp, fp-dot, not 'serial-1d'",
        ),
    ],
)  # fmt: skip
def test_a_broken_rule_is_one_sentence(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        make_spec("systolic", parameters)
