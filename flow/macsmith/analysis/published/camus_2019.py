"""What was published about these MAC styles, as orderings that records can confirm or refute.

The source compares them in a closed 28 nm library, after synthesis, at the core boundary:
V. Camus, L. Mei, C. Enz and M. Verhelst, Review and Benchmarking of Precision-Scalable
Multiply-Accumulate Unit Architectures for Embedded Neural-Network Processing, IEEE JETCAS 9(4),
pages 697-711, 2019. Page numbers below are its own.
"""

from dataclasses import dataclass

SOURCE = "Camus, Mei, Enz and Verhelst, IEEE JETCAS 9(4), 697-711, 2019"

PARAMETERS = {
    "act_width": 8, "weight_width": 8, "act_signed": False, "weight_signed": True, "headroom": 4,
    "levels": 2, "digit": 1, "stages": 2, "length": 1, "rows": 1,
}  # fmt: skip
"""The specification that the source's figures below belong to; a style has some of these."""

SUBWORD = ("subword-sa", "subword-st")
BRICKS_1D = ("dnc-1d-sa", "dnc-1d-st")
BRICKS_2D = ("dnc-2d-sa", "dnc-2d-st")
SERIAL = ("serial-1d", "serial-2d")


@dataclass(frozen=True)
class Ordering:
    """A published ordering: in one mode, each group of units has less of a metric than the next.

    ``published`` has the source's figures, relative to ``data-gated`` in ``reference_mode``.
    """

    claim: str
    metric: str
    mode: str
    groups: tuple[tuple[str, ...], ...]
    published: str
    page: str
    reference_mode: str


def _ordering(
    claim: str,
    metric: str,
    mode: str,
    *groups: tuple[str, ...],
    published: str,
    page: str,
    reference_mode: str = "",
) -> Ordering:
    return Ordering(claim, metric, mode, groups, published, page, reference_mode or mode)


GATED = ("data-gated",)

ORDERINGS = (
    _ordering(
        "Serial units are smaller than a data-gated one.",
        "area", "8x8", SERIAL, GATED,
        published="down to 0.6", page="705",
    ),
    _ordering(
        "Summing subwords in one multiplier takes little more area than data gating.",
        "area", "8x8", GATED, ("subword-st",),
        published="subword-st 1.18", page="705",
    ),
    _ordering(
        "Dividing both operands takes the most area.",
        "area", "8x8", (*GATED, *SUBWORD, *SERIAL), BRICKS_2D,
        published="up to 4.4", page="705",
    ),
    _ordering(
        "At full precision nothing has more throughput per area than data gating.",
        "density", "8x8", (*SUBWORD, *BRICKS_1D, *BRICKS_2D, *SERIAL), GATED,
        published="all below 1", page="705",
    ),
    _ordering(
        "At full precision data gating needs the least energy.",
        "energy", "8x8", GATED, (*SUBWORD, *BRICKS_1D, *BRICKS_2D, *SERIAL),
        published="spatial units from 1.2", page="705",
    ),
    _ordering(
        "At full precision a serial unit needs more energy than any spatial one, "
        "and most of all if both operands are serial.",
        "energy", "8x8", (*GATED, *SUBWORD, *BRICKS_1D, *BRICKS_2D), ("serial-1d",), ("serial-2d",),
        published="serial-1d 3.3, serial-2d 14", page="705",
    ),
    _ordering(
        "At two bits, summing subwords saves energy over data gating.",
        "energy", "2x2", ("subword-st",), GATED,
        published="subword-st 0.32", page="707",
    ),
    _ordering(
        "At two bits, dividing both operands and summing saves as much.",
        "energy", "2x2", ("dnc-2d-st",), GATED,
        published="dnc-2d-st 0.32", page="707",
    ),
    _ordering(
        "At two bits, dividing both operands has the highest throughput.",
        "rate", "2x2", (*GATED, *SUBWORD, *BRICKS_1D, *SERIAL), BRICKS_2D,
        published="dnc-2d-sa 14.5 times data-gated at 8x8", page="705", reference_mode="8x8",
    ),
)  # fmt: skip
