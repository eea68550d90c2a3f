"""What the bits of a field mean: how values of a format become the codes that a stream carries.

A format is ``integer``, whose code is the value modulo the field's width, or a family's name and
its parameters, such as ``ebsp/float/6/3``. Of ``code/e4m3fn`` the values are the format's codes.
"""

from collections.abc import Callable, Mapping

import numpy as np

from macsmith.formats.ebsp_codes import encode, readable
from macsmith.host.int64s import Int64s


def _ebsp(values: Int64s, code: str, bits: str, pattern: str) -> Int64s:
    return encode(values, int(bits), int(pattern), code)


_CODES: Mapping[str, Callable[..., Int64s]] = {
    "integer": lambda values: values,
    "code": lambda values, name: values,
    "ebsp": _ebsp,
}


_READABLE: Mapping[str, Callable[..., tuple[Int64s, Int64s]]] = {
    "ebsp": lambda code, bits, pattern: readable(int(bits), int(pattern), code),
}
"""All codes of formats in which a value may have several, and what they mean."""


def coded(values: Int64s, format_name: str) -> Int64s:
    """Return the codes of values in a format.

    Raises
    ------
    UserError
        If a value has none.
    """
    family, *parameters = format_name.split("/")
    return _CODES[family](values, *parameters)


def coded_anyhow(values: Int64s, format_name: str, rng: np.random.Generator) -> Int64s:
    """Return codes of values in a format, any of those that a unit reads so.

    Raises
    ------
    UserError
        If a value has none.
    """
    usual = coded(values, format_name)
    family, *parameters = format_name.split("/")
    if family not in _READABLE:
        return usual
    codes, meanings = _READABLE[family](*parameters)
    order = np.argsort(meanings, kind="stable")
    first, end = (np.searchsorted(meanings[order], values, side) for side in ("left", "right"))
    return codes[order][rng.integers(first, end)]
