"""Networks with EBSP weights: digits and letters, 8-bit activations.

``ebsp_train`` trains them; those that held out fold 0 at seed 1 are in ``ebsp.npz`` beside this
file, and all figures in ``ebsp.json``. Weights are legal whole numbers
(``macsmith.formats.ebsp_values``), ready for ``macsmith.formats.ebsp_codes.encode``:

    >>> network = load("digits", Setting(bits=6, pattern=3))
    >>> int(abs(network.layers[1].weights).max())
    28
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.contract.errors import UserError, nearest
from macsmith.formats.ebsp_values import check_format
from macsmith.networks import digits, letters
from macsmith.networks.digits import QuantisedNetwork

MODULES = {"digits": digits, "letters": letters}
TASKS = tuple(MODULES)

ARCHIVE = Path(__file__).with_name("ebsp.npz")
FIGURES = Path(__file__).with_name("ebsp.json")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What weights are trained to: EBSP of ``bits`` bits, or INT8 if ``pattern`` is None."""

    bits: int = 8
    pattern: int | None = None
    reading: str = "window"
    admm: bool = False
    """Whether the penalty of ``macsmith.networks.training.ebsp_admm`` pulls the weights."""

    def __post_init__(self) -> None:
        if self.pattern is not None:
            check_format(self.bits, self.pattern, self.reading)

    @property
    def name(self) -> str:
        """``int8``, or such as ``6-3``, ``6-3-run``, ``6-3-admm``."""
        if self.pattern is None:
            return f"int{self.bits}"
        parts = [str(self.bits), str(self.pattern)]
        parts += ["run"] * (self.reading == "run") + ["admm"] * self.admm
        return "-".join(parts)

    @property
    def precision(self) -> str:
        """Activation bits x weight bits."""
        return f"8x{self.bits}"


INT8 = Setting()

GRID = tuple(
    Setting(bits=bits, pattern=pattern)
    for bits in range(4, 9)
    for pattern in range(1, min(5, bits))
)
"""N 4 to 8, L 1 to 4."""

VARIANTS = tuple(
    Setting(bits=bits, pattern=3, reading=reading, admm=admm)
    for bits in (5, 6)
    for reading, admm in (("run", False), ("window", True))
)
"""The stricter reading, and training with the penalty."""

COMMITTED = (INT8, Setting(bits=6, pattern=3), Setting(bits=5, pattern=3))
"""Trained with all seeds."""

PATTERNED = {f"ebsp-{one.name}": one for one in COMMITTED if one.pattern is not None}
"""Those of EBSP, by the name that a user gives."""

OTHERS = tuple(setting for setting in (*GRID, *VARIANTS) if setting not in COMMITTED)
"""Trained with ``FEW_SEEDS``: what they cost to train grows with their number."""

SEEDS = (1, 2, 3, 4, 5)
FEW_SEEDS = (1,)


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """A task, trained with a seed, a fold held out."""

    task: str
    seed: int
    fold: int

    @property
    def name(self) -> str:
        return f"{self.task}-{self.seed}-{self.fold}"

    @property
    def committed(self) -> bool:
        """Whether its networks are in the archive."""
        return (self.seed, self.fold) == (SEEDS[0], 0)


def runs(seeds: Iterable[int], folds: Iterable[int]) -> list[TrainingRun]:
    """Return all runs, seed by seed, fold by fold."""
    return [
        TrainingRun(task=task, seed=seed, fold=fold)
        for seed, fold in product(seeds, folds)
        for task in TASKS
    ]


def load(task: str, setting: Setting) -> QuantisedNetwork:
    """Return a committed network, with the examples that it was not trained on.

    Raises
    ------
    UserError
        If there is none.
    """
    if task not in TASKS:
        raise UserError(f"task must not be {task!r}: {nearest(task, TASKS)}")
    if setting not in COMMITTED:
        known = ", ".join(one.name for one in COMMITTED)
        raise UserError(f"network must be one of {known}, not {setting.name}")
    with np.load(ARCHIVE) as arrays:
        whole = dict(arrays)
    if task == "digits":
        with np.load(digits.ARCHIVE) as known_arrays:
            whole |= {key: known_arrays[key] for key in ("images", "labels")}
    else:
        features, labels = letters.read_data()
        held_out = np.unpackbits(whole["letters/held_out"], count=len(labels)) == 1
        whole |= {"images": features[held_out], "labels": labels[held_out]}
    module = MODULES[task]
    return digits.assemble(
        whole,
        setting.precision,
        f"{task}/{setting.name}",
        shapes=module.SHAPES,
        pixel_max=module.PIXEL_MAX,
    )


def figures() -> dict[str, Any]:
    """Return the record of the training: settings, and accuracies by task and setting."""
    recorded: dict[str, Any] = json.loads(FIGURES.read_text())
    return recorded


def loss(task: str, setting: Setting) -> tuple[float, float]:
    """Return mean and deviation of the accuracy lost to INT8, run by run, in points."""
    accuracy = figures()["accuracy"][task]
    own = accuracy[setting.name]["runs"]
    lost = np.subtract(accuracy[INT8.name]["runs"][: len(own)], own) * 100
    return float(lost.mean()), float(lost.std(ddof=1))
