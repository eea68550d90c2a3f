"""Codecs at length: ten million symbols of each density through the RTL, and back."""

import os

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.stream import Layout
from macsmith.formats.stream_words import Words, pack, unpack
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.codecs import Beats
from macsmith.verify.packet_units import verilated
from macsmith.verify.plan import Plan

SYMBOLS = int(os.environ.get("MACSMITH_LONG_SYMBOLS", 10_000_000))

DENSITIES = (0.0, 0.05, 0.1, 0.25, 0.35, 0.5, 0.75, 1.0)

PACKET = 50_000
"""Beats of a packet; a few go through the unit at a time."""

AT_A_TIME = 8

STALLS = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.0), (0.0, 0.5))
"""Shares of cycles in which the sender and the receiver pause, density by density."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bitmask", "zero-run", "rlc", "csc", "block", "ebpc"])
@pytest.mark.parametrize("density", DENSITIES)
def test_round_trip(name: str, density: float) -> None:
    """The encoder's words are the numpy codec's, and the decoder's elements those encoded.

    Without stalls neither takes more cycles than its model states.
    """
    rng = np.random.default_rng(round(100 * density))
    number = DENSITIES.index(density)
    stalls = STALLS[number % len(STALLS)]
    encoder, decoder = (make_spec(f"{name}-{side}") for side in ("encoder", "decoder"))
    model = golden(f"{name}-encoder", encoder)
    units = [
        verilated(f"{name}-{side}", spec, Plan(()))
        for side, spec in (("encoder", encoder), ("decoder", decoder))
    ]
    (elements,), (encoded,) = encoder.inputs(None).values(), encoder.outputs(None).values()
    (decoded,) = decoder.outputs(None).values()
    done = 0
    while done < SYMBOLS:
        values, sent, words, most = [], [], [], 8
        for _ in range(AT_A_TIME):
            shape = (PACKET // encoder.lanes, encoder.lanes)
            # Zeros of a block stand together, or the block has no use.
            kept = rng.random((shape[0], 1)) < density
            packet = np.where(kept, rng.integers(1, 2**encoder.width, shape), 0)
            answer, cycles = model.answer({"value": packet})
            last = np.arange(len(packet)) == len(packet) - 1
            values.append(packet)
            sent.append(pack(elements, {"value": packet}, 0, last))
            words.append(answer)
            most += cycles
        due = [pack(encoded, one, 0, _ends(one["word"])) for one in words]
        got, cycles = units[0].run_timed(
            np.concatenate(sent), sum(map(len, due)), stalls, 1 + number
        )
        assert np.array_equal(got, np.concatenate(due))
        assert any(stalls) or cycles <= most
        back = [
            np.concatenate([_packed(coded, *one) for one in zip(words, values, strict=True)])
            for coded in decoder.inputs(None).values()
        ]
        got, cycles = units[1].run_timed(back, sum(map(len, values)), stalls, 1 + number)
        found = unpack(decoded, got)
        assert np.array_equal(found["value"], np.concatenate(values)) and not found["error"].any()
        assert any(stalls) or cycles <= sum(map(len, values)) + decoder.settling * AT_A_TIME + 8
        done += AT_A_TIME * PACKET


def _packed(coded: Layout, encoded: Beats, values: np.ndarray) -> Words:
    """Return what a decoder's input gets of a packet: its own string's words, if there are two."""
    blocks = encoded.get("blocks", np.zeros_like(encoded["word"])) != 0
    name = coded.values[0].name
    words = encoded["word"][blocks if name == "block_word" else ~blocks][:, np.newaxis]
    fields = {name: words, "count": np.full_like(words, len(values))}
    return pack(coded, {field.name: fields[field.name] for field in coded.values}, 0, _ends(words))


def _ends(words: np.ndarray) -> np.ndarray:
    return np.arange(len(words)) == len(words) - 1
