"""Codecs at length: ten million symbols of each density through the RTL, and back."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.stream import Layout
from macsmith.formats.codecs.huffman import optimal
from macsmith.formats.stream_words import Words, pack, unpack
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.codecs import Beats
from macsmith.host.int64s import Int64s
from macsmith.verify.packet_units import verilated
from macsmith.verify.plan import Plan

SYMBOLS = int(os.environ.get("MACSMITH_LONG_SYMBOLS", 10_000_000))

DENSITIES = (0.0, 0.05, 0.1, 0.25, 0.35, 0.5, 0.75, 1.0)

ADVERSE = ("alternating", "longest runs", "longest codes")
"""What is worst for one codec or another; a tenth of the symbols each."""

PACKET = 50_000
"""Beats of a packet; a few go through the unit at a time."""

AT_A_TIME = 8

STALLS = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.0), (0.0, 0.5))
"""Shares of cycles in which the sender and the receiver pause, kind by kind."""

KINDS = (*DENSITIES, *ADVERSE)

UNITS: dict[str, dict[str, Any]] = {
    **{name: {} for name in ("bitmask", "zero-run", "rlc", "csc", "block", "ebpc", "huffman")},
    "huffman, serial": {"search": "serial"},
}
"""Settings of the decoder by what is tried."""


def drawn(spec: Any, kind: float | str, rng: np.random.Generator) -> Int64s:
    """Return the elements of a packet."""
    shape = (PACKET // spec.lanes, spec.lanes)
    values = rng.integers(1, 2**spec.width, shape)
    beats = np.arange(shape[0])[:, np.newaxis]
    if kind == "alternating":
        return np.where(beats % 2, values, 0)
    if kind == "longest runs":
        # About as long as a field of four, five or eight bits tells.
        period = int(2 ** rng.choice([4, 5, 8])) + int(rng.integers(-1, 3))
        return np.where(beats % period == period - 1, values, 0)
    if kind == "longest codes":
        return np.full(shape, 2**spec.width - 1) - rng.integers(0, 2, shape)
    # Zeros of a block stand together, or the block has no use.
    return np.where(rng.random((shape[0], 1)) < kind, values, 0)


def table(kind: float | str, spec: Any, rng: np.random.Generator) -> Int64s:
    """Return the lengths of a Huffman code for what is drawn, or for the reverse of it."""
    symbols = 2**spec.width
    if kind == "longest codes":
        counts = np.floor(1.7 ** np.arange(symbols, 0, -1.0).clip(max=60)).astype(np.int64)
    else:
        counts = np.bincount(drawn(spec, kind, rng)[:, 0], minlength=symbols) + 1
    return optimal(counts, spec.longest)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(name: str, kind: float | str) -> None:
    """The encoder's words are the numpy codec's, and the decoder's elements those encoded.

    Without stalls neither takes more cycles than its model states.
    """
    number = KINDS.index(kind)
    rng = np.random.default_rng(number)
    stalls = STALLS[number % len(STALLS)]
    codec = name.partition(",")[0]
    encoder = make_spec(f"{codec}-encoder")
    decoder = make_spec(f"{codec}-decoder", UNITS[name])
    model, inverse = golden(f"{codec}-encoder", encoder), golden(f"{codec}-decoder", decoder)
    units = [
        verilated(f"{codec}-{side}", spec, Plan(()))
        for side, spec in (("encoder", encoder), ("decoder", decoder))
    ]
    coded = "huffman" in name
    lengths = table(kind, encoder, rng)[:, np.newaxis] if coded else np.zeros((0, 1), np.int64)
    done = 0
    while done < SYMBOLS // (1 if kind in DENSITIES else 10):
        # A table goes before, where there is one.
        values = [lengths] * coded + [drawn(encoder, kind, rng) for _ in range(AT_A_TIME)]
        loads = [coded and at == 0 for at in range(len(values))]
        if coded:
            model.begin()
            inverse.begin()
        answers = [
            model.answer({"value": one, "table": np.full_like(one, loading)})
            for one, loading in zip(values, loads, strict=True)
        ]
        got, cycles = units[0].run_timed(
            _all(encoder.inputs(None), [{"value": one} for one in values], loads)[0],
            sum(len(one["word"]) for one, _ in answers), stalls, 1 + number,
        )  # fmt: skip
        (encoded,) = encoder.outputs(None).values()
        due = [pack(encoded, one, 0, _ends(one["word"])) for one, _ in answers]
        assert np.array_equal(got, np.concatenate(due))
        assert any(stalls) or cycles <= sum(most for _, most in answers) + 8
        sent = [
            {"word": one, "count": 0} if loading else {**found, "count": len(one)}
            for one, (found, _), loading in zip(values, answers, loads, strict=True)
        ]
        back = [
            np.zeros((1, 1), np.int64) if loading else one
            for one, loading in zip(values, loads, strict=True)
        ]
        most = 8 + sum(
            inverse.load({"word": one, "value": one})[1] if loading
            else _most(decoder, one, lengths)
            for one, loading in zip(values, loads, strict=True)
        )  # fmt: skip
        got, cycles = units[1].run_timed(
            _all(decoder.inputs(None), sent, loads), sum(map(len, back)), stalls, 1 + number
        )
        (decoded,) = decoder.outputs(None).values()
        found = unpack(decoded, got)
        assert np.array_equal(found["value"], np.concatenate(back)) and not found["error"].any()
        assert any(stalls) or cycles <= most
        done += AT_A_TIME * PACKET


def _most(decoder: Any, values: Int64s, lengths: Int64s) -> int:
    """Return the most cycles of a packet without stalls."""
    serial = getattr(decoder, "search", "") == "serial"
    spent = int(lengths[values[:, 0], 0].sum()) if serial else 0
    return len(values) + decoder.settling + spent


def _all(
    inputs: dict[str, Layout], packets: Sequence[dict[str, Any]], loads: Sequence[bool]
) -> list[Words]:
    """Return what each input gets of packets."""
    return [
        np.concatenate(
            [_packed(layout, one, loading) for one, loading in zip(packets, loads, strict=True)]
        )
        for layout in inputs.values()
    ]


def _packed(layout: Layout, packet: Beats, loading: bool) -> Words:
    """Return what an input gets of a packet: its own string's words, if there are two."""
    name = layout.values[0].name
    own = packet.get("value", packet.get("word"))
    assert own is not None
    if "blocks" in packet:
        own = own[(packet["blocks"][:, 0] != 0) == (name == "block_word")]
    fields = {
        name: own, "table": np.full_like(own[:, :1], loading),
        "count": np.full_like(own[:, :1], packet.get("count", 0)),
    }  # fmt: skip
    return pack(layout, {field.name: fields[field.name] for field in layout.values}, 0, _ends(own))


def _ends(words: Int64s) -> np.ndarray:
    return np.arange(len(words)) == len(words) - 1
