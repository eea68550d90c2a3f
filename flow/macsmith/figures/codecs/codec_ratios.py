"""The table of docs/codecs.md that shows how much smaller codecs make the project's networks."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.catalog.catalog import make_spec
from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.formats.codecs.huffman import optimal
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s
from macsmith.networks import pruned_digits
from macsmith.networks.digits import quantise_images

WIDTH, IMAGES = 8, 16

NETWORKS = ("dense", "2/8")

CODECS: dict[str, dict[str, Any]] = {
    "bitmask": {}, "zero-run": {}, "rlc": {"word": 40}, "csc": {}, "block": {}, "huffman": {},
    "ebpc": {},
}  # fmt: skip
"""Settings by codec, beside the width of values."""


def ratios() -> Shown:
    """Return bits of values over bits of coded words, of weights and of activations."""
    rows = []
    for label, values in _tensors():
        density = np.count_nonzero(values) / values.size
        sizes = (_bits(name, settings, values) for name, settings in CODECS.items())
        cells = (f"{WIDTH * values.size / size:.2f}" for size in sizes)
        rows.append([label, f"{density:.0%}", *cells, f"{WIDTH / _entropy(values):.2f}"])
    return Shown(table(["values", "not zero", *CODECS, "entropy"], rows))


def _tensors() -> Iterator[tuple[str, Int64s]]:
    """Yield weights and activations, as codes of 8 bits, in the order of their memories."""
    mask = 2**WIDTH - 1
    for name in NETWORKS:
        network = pruned_digits.load(name)
        weights = [layer.weights.reshape(-1) for layer in network.layers[1:]]
        yield f"weights, {name}", np.concatenate(weights) & mask
    network = pruned_digits.load(NETWORKS[0])
    codes = quantise_images(network.images[:IMAGES], WIDTH, network.pixel_max)
    for layer in network.layers[:-1]:
        codes = layer.forward(codes)
        yield f"after {layer.name}", codes.reshape(-1)


def _bits(name: str, settings: dict[str, Any], values: Int64s) -> int:
    """Return the bits of the words of one packet, and of a table if there is one."""
    spec: Any = make_spec(f"{name}-encoder", {"width": WIDTH, **settings})
    model = golden(f"{name}-encoder", spec)
    spent, load = 0, np.zeros((1, 1), np.int64)
    if "table" in spec.element_fields:
        counts = np.bincount(values, minlength=2**WIDTH)
        lengths = optimal(counts, spec.longest)[:, np.newaxis]
        model.answer({"value": lengths, "table": load + 1})
        spent = 4 * len(lengths)
    beats = np.append(values, np.zeros(-len(values) % spec.lanes, np.int64))
    answer, _ = model.answer({"value": beats.reshape(-1, spec.lanes), "table": load})
    return spent + len(answer["word"]) * int(spec.word)


def _entropy(values: Int64s) -> float:
    """Return the bits of a value by how often each occurs."""
    shares = np.bincount(values) / values.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


REGION = Region("ratios", ratios)
