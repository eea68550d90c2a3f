"""AdaComp in numpy: a step of a layer, and the beats that a packer makes of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.golden.sparse.codecs import Beats, last_alone
from macsmith.host.int64s import Int64s

SETTLING = 8
"""Cycles that a layer may take beyond its two passes and the division."""


@dataclass(frozen=True)
class Step:
    """What a step makes of a layer.

    Members
    -------
    kept:
        G of each element.
    sent:
        Which are sent.
    scale:
        The mean of the greatest of all bins, rounded to nearest, halves up; 0 if there are more
        bins than can be counted.
    wrong:
        Whether there are, or some G was beyond the bits of a residue.
    """

    kept: Int64s
    sent: Any
    scale: int
    wrong: bool

    @property
    def residues(self) -> Int64s:
        """Residues without what is sent."""
        return self.kept - np.where(self.sent, np.sign(self.kept) * self.scale, 0)


def step(residues: Int64s, gradients: Int64s, bin_size: int, most: int, most_bins: int) -> Step:
    """Return what a step makes of residues and gradients, whole numbers of one unit.

    Parameters
    ----------
    most:
        The greatest magnitude of a residue.
    most_bins:
        Bins that can be counted.

    Raises
    ------
    ValueError
        If the layer is empty.
    """
    if not len(gradients):
        raise ValueError("a layer must have at least one gradient, not none")
    total = residues + gradients
    kept = total.clip(-most, most)
    bins = -(-len(kept) // bin_size)
    filled = np.zeros(bins * bin_size, np.int64)
    filled[: len(kept)] = np.abs(kept)
    greatest = filled.reshape(bins, bin_size).max(axis=1)
    bounds = np.repeat(greatest, bin_size)[: len(kept)]
    sent = (np.abs(kept + gradients) >= bounds) & (kept != 0)
    scale = (2 * int(greatest.sum()) + bins) // (2 * bins) if bins <= most_bins else 0
    return Step(kept, sent, scale, bins > most_bins or bool((kept != total).any()))


class AdaCompModel:
    """What a packer makes of layers."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of layers, and the most cycles that they take without stalls."""
        for beats in packets:
            yield self.answer(beats), self.most_cycles(len(beats["residue"]))

    def most_cycles(self, elements: int) -> int:
        """Return the most cycles of a layer: its own, and the second pass of its last bin."""
        spec = self.spec
        return elements + max(min(elements, spec.bin), spec.residue_width) + SETTLING

    def answer(self, beats: Beats) -> Mapping[str, Int64s]:
        """Return the beats that become of one."""
        spec = self.spec
        stored, gradient = (beats[name][:, 0] for name in ("residue", "gradient"))
        scale = int(beats["scale"][0, 0])
        taken = np.where(beats["sent"][:, 0] == 1, np.where(stored < 0, -scale, scale), 0)
        most, most_bins = (1 << spec.residue_width - 1) - 1, (1 << spec.count_width) - 1
        found = step(stored - taken, gradient, spec.bin, most, most_bins)
        place = np.arange(len(stored)) % spec.bin
        number = np.arange(len(stored)) // spec.bin
        some = np.bincount(number, found.sent) > 0
        ends = (place == spec.bin - 1) | (np.arange(len(stored)) == len(stored) - 1)
        empty = ends & ~some[number]
        before = np.cumsum(found.sent) - found.sent
        first = found.sent & (before == before[number * spec.bin])
        fields = {
            "sent": found.sent, "item": found.sent | empty,
            "index": np.where(found.sent, place, np.where(empty, spec.bin, 0)),
            "negative": found.sent & (found.kept < 0), "first": first | empty,
        }  # fmt: skip
        rows = {name: np.append(one, 0)[:, None].astype(np.int64) for name, one in fields.items()}
        return {
            "residue": np.append(found.kept, found.scale)[:, None], **rows,
            "error": last_alone(len(stored) + 1, int(found.wrong)),
        }  # fmt: skip
