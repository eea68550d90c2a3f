"""Codecs in Amaranth's simulator, and what their specifications refuse."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.codec.codecs import CODECS
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import words_to_ints
from macsmith.operands.packet_sources.packets import traffic
from tests.support.amaranth_runs import streamed

SMALLEST = [(name, variant) for name in CODECS for _, variant in CODECS[name].spec.mutated()]


@pytest.mark.parametrize(("name", "variant"), SMALLEST)
def test_packets_by_the_model(name: str, variant: str) -> None:
    """The smallest of each, where ends of words and counts fall everywhere."""
    spec = make_spec(name, dict(CODECS[name].spec.mutated())[("", variant)])
    for seed in range(3):
        sent = traffic(name, spec, 10, np.random.default_rng(seed))
        got = streamed(
            build(name, spec), sent.payloads, len(sent.due), seed=seed,
            deadline=1000 + 10 * sent.most_cycles,
        )  # fmt: skip
        assert got == words_to_ints(sent.due)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("bitmask-encoder", {"width": 1}, "width must be from 2 to 16, not 1; the nearest is 2"),
    ("bitmask-decoder", {"block": 33}, "block must be from 2 to 32, not 33; the nearest is 24"),
    (
        "bitmask-encoder", {"block": 32},
        "word must be at least 40, for the most bits that an element takes, not 32; "
        "the nearest is 40",
    ),
    ("csc-encoder", {"index": 0}, "index must be from 1 to 8, not 0; the nearest is 1"),
    (
        "rlc-encoder", {"word": 60},
        "word must be 1 more than pairs of 21 bits if end_bit = True, not 60; the nearest is 43",
    ),
    ("rlc-decoder", {"end_bit": 1}, "end_bit must be true or false, not 1"),
    ("ebpc-encoder", {"block": 6}, "block must be 4, 8 or 16, not 6; the nearest is 4"),
    ("ebpc-decoder", {"planes": 3}, "planes must be 1 or 2, not 3; the nearest is 2"),
    (
        "ebpc-decoder", {"word": 8},
        "word must be at least 16, for the most bits that an element takes, not 8; "
        "the nearest is 16",
    ),
    ("huffman-decoder", {"longest": 16}, "longest must be from 4 to 15, not 16; the nearest is 15"),
    ("huffman-decoder", {"search": "quick"}, "search must be one of parallel, serial, not 'quick'"),
    ("block-decoder", {"count_width": 1}, "count_width must be from 2 to 24, not 1; the nearest is 2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "sentence"), REFUSED)
def test_refused_parameters(name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        make_spec(name, parameters)
    assert str(refused.value) == sentence
