"""What the self-test sends: a plain description, read by its hardware and by its model."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class LfsrSpec:
    """A shift register sequence and how fast it is taken.

    Its bits follow ``b[t + degree] = b[t + tap] ^ b[t]``, the primitive polynomial
    ``x^degree + x^tap + 1``.

    Parameters
    ----------
    degree, tap:
        The recurrence.
    width:
        Bits a step. Up to ``reach = degree - tap``, each is the XOR of two that are there.
    seed:
        The first ``degree`` bits, ``b[0]`` lowest; not all zero.
    """

    degree: int
    tap: int
    width: int
    seed: int

    def __post_init__(self) -> None:
        if not 1 <= self.width <= self.reach:
            raise ValueError(f"width must be 1 to {self.reach}, not {self.width}")
        if not 0 < self.seed < 1 << self.degree:
            raise ValueError(f"seed must be 1 to {(1 << self.degree) - 1}, not {self.seed}")

    @property
    def reach(self) -> int:
        """Most bits a step."""
        return self.degree - self.tap

    @classmethod
    def labelled(cls, label: str, *, degree: int, tap: int, width: int) -> Self:
        """Return a sequence with a seed that is arbitrary but depends on ``label`` alone."""
        digest = int.from_bytes(hashlib.sha256(label.encode()).digest(), "little")
        return cls(degree=degree, tap=tap, width=width, seed=digest % ((1 << degree) - 1) + 1)


PAUSES = LfsrSpec.labelled("pauses", degree=15, tap=1, width=4)
"""Two bits for the sender and two for the receiver, which pause when theirs are zero."""

LENGTH_BITS = 3
"""Bits of a beat that end the accumulation when all are zero: one beat in eight, on average."""

SIGNATURE_BITS = 32
"""Least bits of the signature: wrong results pass with a chance of 2 ** -SIGNATURE_BITS."""


def operands(spec: Any) -> tuple[LfsrSpec, ...]:
    """Return the sequences whose bits, side by side, are the beats.

    A beat is the activation field, the weight field, then ``LENGTH_BITS``; bits that the mode
    does not use are as random as the others.
    """
    bits = spec.act_port_width + spec.weight_port_width + LENGTH_BITS
    degree, tap = 127, 30
    count = -(-bits // (degree - tap))
    return tuple(
        LfsrSpec.labelled(f"operands {k}", degree=degree, tap=tap, width=(bits + k) // count)
        for k in range(count)
    )


def signature_width(spec: Any) -> int:
    """Return the bits of the signature register: room for a whole result."""
    return max(SIGNATURE_BITS, spec.result_width)
