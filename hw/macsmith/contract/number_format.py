"""Number formats: what a code of so many bits means, floating point and fixed point.

A floating-point code is sign, exponent e, fraction m, from the top. With the bias B and M fraction
bits it means

    (-1)^s 2^(e-B) (1 + m/2^M)        e > 0
    (-1)^s 2^(1-B) (m/2^M)            e = 0, where the first binade is subnormal

and what the other fields of `NumberFormat` say of the codes at either end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError, nearest

FIRST = ("subnormal", "normal", "power")
"""What exponent 0 means: subnormal numbers; one more binade, whose fraction 0 is zero; one more
binade, and no zero at all."""

ROUNDINGS = ("nearest-even", "ties-away", "toward-zero", "down", "stochastic")
"""How a number that lies between two of a format becomes one of them; ``down`` is the lesser."""

TOP = ("ieee", "nan", "inf", "number")
"""What lies at the top: a binade of infinities and NaN; one NaN; one infinity; numbers alone."""


@dataclass(frozen=True)
class NumberFormat:
    """A format of numbers.

    Parameters
    ----------
    name:
        What users call it.
    exponent_bits, fraction_bits:
        Bits of a code's fields. Without exponent bits codes are two's complement, one bit more
        than ``fraction_bits``, with the point ``bias`` bits from the right.
    bias:
        Of the exponent.
    first:
        What exponent 0 means, one of `FIRST`.
    top:
        What the top codes mean, one of `TOP`; where ``nan`` is the one code for all that is no
        number, infinity is NaN.
    negative_zero:
        ``zero``, or ``nan``: the code of a negative zero is NaN.
    saturates:
        Whether overflow gives the greatest number, where nothing else is asked for; formats
        without NaN and infinity always saturate.
    signed:
        Whether there is a sign.

    Raises
    ------
    UserError
        If a field breaks its rule.
    """

    name: str
    exponent_bits: int
    fraction_bits: int
    bias: int
    first: str = "subnormal"
    top: str = "ieee"
    negative_zero: str = "zero"
    saturates: bool = False
    signed: bool = True

    def __post_init__(self) -> None:
        check_int("exponent_bits", self.exponent_bits, range(9))
        check_int("fraction_bits", self.fraction_bits, range(24))
        check_choice("first", self.first, FIRST)
        check_choice("top", self.top, TOP)
        check_choice("negative_zero", self.negative_zero, ("zero", "nan"))
        if self.integer and not self.fraction_bits:
            raise UserError(f"fraction_bits of {self.name} must be 1 or more without an exponent")
        if self.top == "ieee" and not self.integer and not self.fraction_bits:
            raise UserError(
                f"top of {self.name} must be nan, inf or number, not ieee: a NaN needs a fraction"
            )

    def __str__(self) -> str:
        return self.name

    @property
    def integer(self) -> bool:
        """Whether codes are two's complement."""
        return self.exponent_bits == 0

    @property
    def width(self) -> int:
        """Bits of a code."""
        return self.signed + self.exponent_bits + self.fraction_bits

    @property
    def significand_bits(self) -> int:
        """Bits of a significand: fraction and leading one, or the magnitude of an integer."""
        return self.fraction_bits + 1

    @property
    def subnormal(self) -> bool:
        """Whether there are subnormal numbers."""
        return self.first == "subnormal" and not self.integer

    @property
    def lsb(self) -> int:
        """The exponent of 2 that is a unit of the significand where the exponent is least."""
        if self.integer:
            return -self.bias
        return self.subnormal - self.bias - self.fraction_bits

    @property
    def magnitudes(self) -> int:
        """How many codes there are without the sign."""
        return 1 << self.exponent_bits + self.fraction_bits

    @property
    def greatest(self) -> int:
        """The code of the greatest number."""
        if self.top == "ieee" and not self.integer:
            return self.magnitudes - (1 << self.fraction_bits) - 1
        return self.magnitudes - 1 - (self.top in ("nan", "inf") and not self.integer)

    @property
    def span(self) -> int:
        """How many binades lie above that of `lsb`: the greatest distance to move a significand."""
        if self.integer:
            return 0
        return (self.greatest >> self.fraction_bits) - self.subnormal

    @property
    def infinity(self) -> int | None:
        """The code of infinity without sign; None if there is none."""
        if self.integer or self.top in ("nan", "number"):
            return None
        return self.greatest + 1

    @property
    def nan(self) -> int | None:
        """The code of a quiet NaN; None if there is none."""
        if self.integer:
            return None
        if self.negative_zero == "nan":
            return self.magnitudes
        above = self.greatest + 1
        return {"ieee": above + (1 << self.fraction_bits) // 2, "nan": above}.get(self.top)

    @property
    def special(self) -> bool:
        """Whether some codes are no numbers."""
        return self.nan is not None or self.infinity is not None


def _fixed(name: str, width: int, point: int) -> NumberFormat:
    return NumberFormat(name, 0, width - 1, point, top="number", saturates=True)


def _ocp(name: str, exponent_bits: int, fraction_bits: int, bias: int) -> NumberFormat:
    """Return a small format of the OCP without NaN and infinity."""
    return NumberFormat(name, exponent_bits, fraction_bits, bias, top="number", saturates=True)


FORMATS = {
    one.name: one
    for one in (
        NumberFormat("fp32", 8, 23, 127),
        NumberFormat("tf32", 8, 10, 127),
        NumberFormat("e8m13", 8, 13, 127),
        NumberFormat("bf16", 8, 7, 127),
        NumberFormat("fp16", 5, 10, 15),
        NumberFormat("dlfloat16", 6, 9, 31, first="normal", top="nan"),
        NumberFormat("hfp8-fwd", 4, 3, 11, first="normal", top="number", saturates=True),
        NumberFormat("hfp8-bwd", 5, 2, 15),
        NumberFormat("dl8", 4, 3, 7, first="normal", top="nan"),
        NumberFormat("e5m2", 5, 2, 15),
        NumberFormat("e4m3fn", 4, 3, 7, top="nan"),
        NumberFormat("e4m3", 4, 3, 7),
        NumberFormat("e3m4", 3, 4, 3),
        NumberFormat("e4m3fnuz", 4, 3, 8, top="number", negative_zero="nan"),
        NumberFormat("e5m2fnuz", 5, 2, 16, top="number", negative_zero="nan"),
        NumberFormat("e4m3b11fnuz", 4, 3, 11, top="number", negative_zero="nan"),
        NumberFormat("k8p4", 4, 3, 8, top="inf", negative_zero="nan"),
        NumberFormat("k8p3", 5, 2, 16, top="inf", negative_zero="nan"),
        _ocp("e3m2", 3, 2, 3),
        _ocp("e2m3", 2, 3, 1),
        _ocp("e2m1", 2, 1, 1),
        NumberFormat("e8m0", 8, 0, 127, first="power", top="nan", signed=False),
        _fixed("mxint8", 8, 6),
        _fixed("int8", 8, 0),
        _fixed("int4", 4, 0),
        _fixed("int2", 2, 0),
    )
}
"""Formats by name: IEEE 754, Google, NVIDIA, IBM, OCP, P3109, integers."""

_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "normal": {"first": "normal"},
    "nan": {"top": "nan"},
    "inf": {"top": "inf"},
    "number": {"top": "number"},
    "nuz": {"negative_zero": "nan"},
    "sat": {"saturates": True},
}


def number_format(text: str) -> NumberFormat:
    """Return the format of a name, or of fields: ``e4m3b11+normal+number``.

    The bias is ``2^(E-1) - 1`` if none is given. Options are ``normal``, for the first binade;
    ``nan``, ``inf`` or ``number`` for the top codes, which are IEEE's otherwise; ``nuz`` if the
    code of a negative zero is NaN; ``sat`` if overflow saturates.

    Raises
    ------
    UserError
        If there is no such format.
    """
    if text in FORMATS:
        return FORMATS[text]
    fields, *options = text.split("+")
    found = re.fullmatch(r"e([1-8])m(\d{1,2})(?:b(-?\d{1,3}))?", fields)
    if found is None:
        hint = nearest(text, FORMATS)
        raise UserError(
            f"format must be a name, or fields such as e4m3b11+normal+number, not {text!r}; {hint}"
        )
    for option in options:
        check_choice(f"option of format {text}", option, _OPTIONS)
    exponent_bits, fraction_bits = int(found[1]), int(found[2])
    bias = (1 << exponent_bits - 1) - 1 if found[3] is None else int(found[3])
    check_int("bias", bias, range(-127, 256))
    more = {field: value for option in options for field, value in _OPTIONS[option].items()}
    return NumberFormat(text, exponent_bits, fraction_bits, bias, **more)
