"""The AdaComp packer: the reference's example, steps that follow each other, errors, its RTL."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import take, words_to_ints
from macsmith.golden.compact.adacomp import Step, step
from macsmith.golden.sparse.codecs import Beats
from macsmith.operands.packet_sources.packets import Packet, Traffic, sending, traffic
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.verify.packet_units import STALLS, verilated
from macsmith.verify.plan import Plan
from tests.support.amaranth_runs import streamed

NAME = "adacomp"

UNIT = 0.005
"""Of the example's numbers, such that their mean is a whole one too."""

RESIDUES = np.rint(np.array([0.10, -0.40, 0.05, 0.30, -0.02, 0.08, 0.20, -0.15]) / UNIT)
GRADIENTS = np.rint(np.array([0.05, -0.10, 0.20, 0.10, 0.01, -0.06, 0.02, -0.20]) / UNIT)


def example() -> Step:
    return step(RESIDUES.astype(int), GRADIENTS.astype(int), 4, most=127, most_bins=3)


def beats_of(residues: Any, gradients: Any, scale: int = 0, sent: Any = 0) -> Beats:
    """Return the beats of a layer."""
    drawn = np.broadcast_arrays(residues, gradients, sent, scale)
    names = ("residue", "gradient", "sent", "scale")
    return {name: one[:, None].astype(int) for name, one in zip(names, drawn, strict=True)}


def columns(spec: Any, due: Any) -> dict[str, list[int]]:
    """Return the fields of payloads."""
    fields = spec.outputs(spec.points[0])["o"].fields
    return {one.name: take(due, one.bits, one.offset, one.signed).tolist() for one in fields}


def test_the_example_by_hand() -> None:
    found = example()
    assert np.flatnonzero(found.sent).tolist() == [1, 3, 7]
    assert np.sign(found.kept[found.sent]).tolist() == [-1, 1, -1]
    assert found.scale * UNIT == pytest.approx(0.425) and not found.wrong
    residues = [0.15, -0.075, 0.25, -0.025, -0.01, 0.02, 0.22, 0.075]
    assert (found.residues * UNIT).tolist() == pytest.approx(residues)


def test_the_example_in_hardware() -> None:
    """Two steps of it: the second one takes away what the first sent."""
    spec = make_spec(NAME, {"bin": 4, "residue_width": 8, "count_width": 2})
    first = example()
    steps = [
        Packet("first", beats_of(RESIDUES, GRADIENTS)),
        Packet("second", beats_of(first.kept, GRADIENTS, first.scale, first.sent)),
    ]
    sent = sending(NAME, spec, steps, np.random.default_rng(1))
    got = streamed(build(NAME, spec), sent.payloads, len(sent.due))
    assert got == words_to_ints(sent.due)
    told = columns(spec, sent.due)
    items = [
        (told["index"][at], told["negative"][at], told["first"][at])
        for at in range(9)
        if told["item"][at]
    ]
    assert items == [(1, 1, 1), (3, 0, 0), (3, 1, 1)]
    assert told["residue"][:9] == [*first.kept.tolist(), 85] and told["last"][8] == 1
    second = step(first.residues, GRADIENTS.astype(int), 4, most=127, most_bins=3)
    assert told["residue"][9:] == [*second.kept.tolist(), second.scale]
    assert told["sent"][9:] == [*second.sent.tolist(), 0]


@pytest.mark.parametrize(
    ("residues", "gradients", "due"),
    [
        # Too great either way: the greatest there is.
        ([127, -127], [1, -1], {"residue": [127, -127, 127], "error": [0, 0, 1]}),
        # The least code, which no packer gives.
        ([-128, 0], [1, 0], {"residue": [-127, 0, 127], "sent": [0, 0, 0], "error": [0, 0, 0]}),
        # A bin of zeros says so, and what is zero is not sent though its gradient is great.
        ([9, 0], [-9, 0], {"item": [0, 1, 0], "index": [0, 2, 0], "first": [0, 1, 0], "sent": [0] * 3}),
        ([60, -2], [-60, 5], {"item": [0, 1, 0], "index": [0, 1, 0], "residue": [0, 3, 3]}),
        # Four bins are more than three: no scale, but what is sent is told.
        ([5] * 8, [1] * 8, {"sent": [1] * 8 + [0], "residue": [6] * 8 + [0], "error": [0] * 8 + [1]}),
        # A mean of halves goes up: 3 and 4.
        ([2, 1, 3, 1], [1, 1, 1, 1], {"residue": [3, 2, 4, 2, 4]}),
    ],
)  # fmt: skip
def test_what_a_layer_becomes(
    residues: list[int], gradients: list[int], due: dict[str, list[int]]
) -> None:
    spec = make_spec(NAME, {"bin": 2, "residue_width": 8, "count_width": 2})
    layer = [Packet("layer", beats_of(residues, gradients))]
    sent = sending(NAME, spec, layer, np.random.default_rng(1))
    told = columns(spec, sent.due)
    assert {name: told[name] for name in due} == due
    got = streamed(build(NAME, spec), sent.payloads, len(sent.due))
    assert got == words_to_ints(sent.due)


def layers(spec: Any, lengths: list[int]) -> Traffic:
    rng = np.random.default_rng(2)
    some = [rng.integers(-8, 8, (2, length)) for length in lengths]
    return sending(NAME, spec, [Packet("layer", beats_of(*one)) for one in some], rng)


def test_an_element_a_cycle_and_one_a_layer() -> None:
    """Where bins are as long as a division takes; stalls at either end change no result."""
    spec = make_spec(NAME, {"bin": 20, "residue_width": 8})
    unit = verilated(NAME, spec, Plan(simulators=()))
    taken = []
    for lengths in ([60], [60, 47, 60, 1, 3]):
        sent = layers(spec, lengths)
        for number, stalls in enumerate(STALLS):
            got, cycles = unit.run_timed(list(sent.sent.values()), len(sent.due), stalls, number)
            assert np.array_equal(got, sent.due), stalls
            taken += [cycles] if not any(stalls) else []
    fill = taken[0] - 61
    assert fill <= spec.bin + 5
    assert taken[1] <= 61 + 48 + 61 + fill + 2 * (spec.residue_width + 4)
    one = layers(spec, [1])
    _, cycles = unit.run_timed(list(one.sent.values()), 2, (0.0, 0.0), 1)
    # The transfer itself, and the cycles to the layer's last beat.
    assert cycles == 1 + spec.latency(spec.points[0])


@pytest.mark.parametrize("kind", ["bins of 4, few of them", "default"])
def test_layers_by_the_model(kind: str) -> None:
    cls = lookup(NAME).spec
    spec = make_spec(
        NAME, cls.mutated()["", kind] if kind == "default" else cls.variants()["", kind]
    )
    sent = traffic(NAME, spec, 12, np.random.default_rng(3))
    got = streamed(
        build(NAME, spec), sent.payloads, len(sent.due),
        deadline=1000 + 10 * sent.most_cycles,
    )  # fmt: skip
    assert got == words_to_ints(sent.due)


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize("kind", [kind for _, kind in lookup(NAME).spec.variants()])
def test_variants(kind: str, tmp_path: Any) -> None:
    spec = make_spec(NAME, lookup(NAME).spec.variants()["", kind])
    plan = Plan(simulators=("icarus",))
    runs = lookup(NAME).load("verification")(NAME).bulk(spec, plan)
    runs = [*runs, *run_bench(NAME, spec, "icarus", tmp_path, seed=2, packets=60)]
    assert [one for run in runs for one in run.examples] == []


def test_an_empty_layer_in_software() -> None:
    with pytest.raises(ValueError) as raised:
        step(np.zeros(0, int), np.zeros(0, int), 4, most=127, most_bins=3)
    assert str(raised.value) == "a layer must have at least one gradient, not none"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"bin": 1}, "bin must be from 2 to 1024, not 1; the nearest is 2"),
        ({"width": 25}, "width must be from 2 to 24, not 25; the nearest is 16"),
        ({"residue_width": 7}, "residue_width must be from 8 to 32, not 7; the nearest is 8"),
        ({"count_width": 1}, "count_width must be from 2 to 24, not 1; the nearest is 2"),
    ],
)
def test_sentences(parameters: dict[str, int], sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        make_spec(NAME, parameters)
    assert str(raised.value) == sentence
