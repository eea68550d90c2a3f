"""A user's own operands as a stimulus, from a CSV, NPY or NPZ file.

pairs       CSV with the columns ``act`` and ``weight``, NPY of shape (n, 2), or NPZ with ``acts``
            and ``weights`` of one dimension: operands in the order in which they come. A beat
            takes as many of each as the mode has lanes; what does not fill an accumulation at
            the end is left out.
matrices    NPZ with ``acts`` of shape (rows, k) and ``weights`` of shape (columns, k): a layer,
            whose dot products ``acts @ weights.T`` are laid out as those of the built-in
            network.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.catalog.catalog import lookup
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import operand_range
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch, mac_batch
from macsmith.operands.layer_batches import laid_out
from macsmith.operands.stimulus import (
    ProductMaker,
    UnfitError,
    check_beats,
    check_some_mode,
    drawn,
    no_products,
)

ENDINGS = (".csv", ".npy", ".npz")

BEATS = 4_000
"""Beats of a layer that are run, in dot products drawn at random."""

MOST_PRODUCTS = 1 << 24
"""Products of a layer that are laid out in memory."""


@dataclass(frozen=True)
class OwnOperands:
    """Operands of a file; see the module for what it holds.

    A mode whose range does not hold every operand, or that takes so many in a beat that they fill
    no accumulation, has none.

    Members
    -------
    length
        Beats of an accumulation of pairs; the dot products of matrices have their own.
    """

    name: str
    sha256: str
    length: int
    acts: Int64s = field(repr=False, compare=False)
    weights: Int64s = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        file = f"{self.name}, SHA-256 {self.sha256[:8]}"
        if self.acts.ndim == 1:
            return f"{file}, {len(self.acts)} pairs, cleared every {self.length}"
        rows, columns, terms = *map(len, (self.acts, self.weights)), self.acts.shape[1]
        return f"{file}, layer of {rows} x {columns} dot products of {terms}"

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `macsmith.operands.stimulus.Stimulus.parts`."""
        precision = spec.modes[mode]
        check_operands(self.acts, self.weights, spec, precision, f" of {self.name}")
        model = golden(name, spec)
        if self.acts.ndim == 2:
            layer = laid_out(model, self.name, mode, self.acts, self.weights)
            return [(1.0, drawn(layer, BEATS, np.random.default_rng([1, mode])))]
        lanes = model.lanes(precision)
        beats = min(len(self.acts) // lanes.acts, len(self.weights) // lanes.weights)
        check_beats(beats, self.length)
        count = beats // self.length
        acts, weights = (
            operands[: count * self.length * width].reshape(count, self.length, width)
            for operands, width in ((self.acts, lanes.acts), (self.weights, lanes.weights))
        )
        return [(1.0, mac_batch(self.name, mode, acts, weights))]

    def on_array(self, array: ProductMaker) -> list[Any]:
        """See `macsmith.operands.stimulus.Stimulus.on_array`; pairs are no matrices."""
        if self.acts.ndim == 1:
            raise no_products(self.label)
        return array.product(self.acts, self.weights.T, BEATS, seed=1)

    def check(self, name: str, spec: Any) -> None:
        """Refuse a unit none of whose modes takes these operands.

        Raises
        ------
        UnfitError
            Of the mode that comes first.
        """
        if not lookup(name).precisions:
            raise UnfitError(f"{self.name} holds operands of MACs, which {name} is not")
        check_some_mode(spec, lambda mode: self.parts(name, spec, mode))


def check_operands(acts: Int64s, weights: Int64s, spec: Any, mode: Any, source: str = "") -> None:
    """Refuse operands that a mode does not hold.

    Parameters
    ----------
    source:
        What is said of where they are from.

    Raises
    ------
    UnfitError
        If there is one.
    """
    for what, values, bits, signed in (
        ("activations", acts, mode.act_bits, spec.act_signed),
        ("weights", weights, mode.weight_bits, spec.weight_signed),
    ):
        low, high = operand_range(bits, signed)
        wrong = values[(values < low) | (values > high)]
        if wrong.size:
            raise UnfitError(
                f"{what}{source} must be from {low} to {high} in mode {mode}, not {wrong.flat[0]}"
            )


def read_operands(path: Path, length: int) -> OwnOperands:
    """Read a user's operands.

    Raises
    ------
    UserError
        If the file cannot be read, or holds anything else.
    """
    check_beats(length, length)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"stimulus {path} could not be read: {error.strerror}") from None
    acts, weights = _READERS[path.suffix.lower()](path, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return OwnOperands(path.name, sha256, length, acts, weights)


def _csv(path: Path, content: bytes) -> tuple[Int64s, Int64s]:
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    heading = lines[0].replace(" ", "").lower() if lines else ""
    if heading != "act,weight":
        raise UserError(f"stimulus {path} must begin with the line act,weight, not {heading!r}")
    rows = [(number, line.split(",")) for number, line in enumerate(lines, 1) if line.strip()]
    pairs = []
    for number, row in rows[1:]:
        try:
            act, weight = map(int, row)
        except ValueError:
            text = ",".join(row)
            raise UserError(
                f"line {number} of stimulus {path} must be two whole numbers, not {text!r}"
            ) from None
        pairs.append((act, weight))
    return _columns(path, np.array(pairs, dtype=object).reshape(-1, 2))


def _npy(path: Path, content: bytes) -> tuple[Int64s, Int64s]:
    return _columns(path, _loaded(path, content))


def _npz(path: Path, content: bytes) -> tuple[Int64s, Int64s]:
    arrays = _loaded(path, content)
    names = sorted(getattr(arrays, "files", ()))
    if names != ["acts", "weights"]:
        held = ", ".join(names) or "neither"
        raise UserError(f"stimulus {path} must hold the arrays acts and weights, not {held}")
    acts, weights = (_integers(path, _member(path, arrays, name)) for name in names)
    pairs = acts.ndim == 1 and acts.shape == weights.shape
    layer = acts.ndim == weights.ndim == 2 and acts.shape[1] == weights.shape[1]
    if not pairs and not layer:
        raise UserError(
            f"acts and weights of stimulus {path} must have shapes (n) and (n), or (rows, k) and "
            f"(columns, k), not {_shape(acts)} and {_shape(weights)}"
        )
    if layer and not acts.size * weights.size:
        raise UserError(f"stimulus {path} must hold at least one dot product, not {_shape(acts)}")
    products = len(acts) * weights.size
    if layer and products > MOST_PRODUCTS:
        raise UserError(
            f"stimulus {path} must have at most {MOST_PRODUCTS:,} products, not {products:,}; "
            "take fewer rows or columns"
        )
    return acts, weights


_READERS = dict(zip(ENDINGS, (_csv, _npy, _npz), strict=True))


def _columns(path: Path, pairs: Any) -> tuple[Int64s, Int64s]:
    if getattr(pairs, "ndim", 0) != 2 or pairs.shape[1] != 2:
        raise UserError(f"stimulus {path} must have the shape (n, 2), not {_shape(pairs)}")
    return _integers(path, pairs[:, 0]), _integers(path, pairs[:, 1])


def _loaded(path: Path, content: bytes) -> Any:
    """Return what numpy makes of a file, which must not run code of its own."""
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile):
        raise UserError(f"stimulus {path} must be arrays of numbers as numpy saves them") from None


def _member(path: Path, arrays: Any, name: str) -> Any:
    try:
        return arrays[name]
    except (ValueError, EOFError, OSError, zipfile.BadZipFile):
        raise UserError(f"{name} of stimulus {path} must be an array of numbers") from None


def _integers(path: Path, values: NDArray[Any]) -> Int64s:
    """Return whole numbers, which may be stored as floating-point ones, of 32 bits at most."""
    if values.dtype.kind not in "biufO":
        raise UserError(f"stimulus {path} must hold whole numbers, not {values.dtype}")
    bad = values[(abs(values) >= 1 << 31) | (values != values // 1)]
    if bad.size:
        raise UserError(f"stimulus {path} must hold whole numbers of 32 bits, not {bad.flat[0]}")
    return values.astype(np.int64)


def _shape(values: Any) -> str:
    return f"({', '.join(map(str, getattr(values, 'shape', ())))})"
