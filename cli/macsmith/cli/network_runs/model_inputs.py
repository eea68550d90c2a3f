"""What a user's model is run on: arrays of a file by the names of its inputs, or random ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError

Array = NDArray[Any]


def inputs_of(
    model: Any, path: Path, data: Path | None, seed: int
) -> tuple[list[dict[str, Array]], Array | None]:
    """Return what a model is run on, one run a batch that it takes, and labels if there are any."""
    from onnx import helper

    constants = {one.name for one in model.graph.initializer}
    wanted = {
        value.name: (
            helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type),
            [dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in model.graph.input
        if value.name not in constants
    }
    if data is None:
        rng = np.random.default_rng(seed)
        return [{name: _random(rng, *what) for name, what in wanted.items()}], None
    given = _archive(data)
    if missing := sorted(set(wanted) - set(given)):
        raise UserError(
            f"{data} must hold an array for each input of {path.name}, but lacks "
            f"{', '.join(missing)}"
        )
    for name, (_, shape) in wanted.items():
        have = given[name].shape
        fits = len(have) == len(shape) and all(
            size in (0, one) for size, one in zip(shape[1:], have[1:], strict=True)
        )
        if not fits or not have or not all(have):
            raise UserError(
                f"{data} must hold {name} of {' x '.join(str(one or '?') for one in shape)}, "
                f"not of {' x '.join(map(str, have))}"
            )
    labels = given["labels"].reshape(-1) if "labels" in given and "labels" not in wanted else None
    counts = {len(given[name]) for name in wanted}
    fixed = {shape[0] for _, shape in wanted.values() if shape}
    if len(counts) > 1 or (labels is not None and len(labels) not in counts):
        raise UserError(f"{data} must hold as many labels as images, and as many of each input")
    batch = max(fixed, default=0)
    (count,) = counts
    if batch and count % batch:
        raise UserError(f"{data} must hold a multiple of {batch} images, the model's batch")
    runs = range(0, count, batch) if batch else range(1)
    return [
        {
            name: given[name][start : start + batch if batch else None].astype(kind)
            for name, (kind, _) in wanted.items()
        }
        for start in runs
    ], labels


def _random(rng: np.random.Generator, kind: Any, shape: Sequence[int]) -> Array:
    sizes = [size or 1 for size in shape]
    if np.dtype(kind).kind == "f":
        return rng.random(sizes).astype(kind)
    return rng.integers(0, 100, sizes).astype(kind)


def _archive(path: Path) -> Mapping[str, Array]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # of zip, of numpy, of the file system
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"data {path} must be an NPZ file of arrays: {first}") from None
