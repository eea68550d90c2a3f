"""What the bits of a field mean: how values of a format become the codes that a stream carries.

A format is ``integer``, whose code is the value modulo the field's width, or a family's name and
its parameters, such as ``ebsp/float/6/3``.
"""

from collections.abc import Callable, Mapping

from macsmith.formats.ebsp_codes import encode
from macsmith.host.int64s import Int64s


def _ebsp(values: Int64s, code: str, bits: str, pattern: str) -> Int64s:
    return encode(values, int(bits), int(pattern), code)


_CODES: Mapping[str, Callable[..., Int64s]] = {
    "integer": lambda values: values,
    "ebsp": _ebsp,
}


def coded(values: Int64s, format_name: str) -> Int64s:
    """Return the codes of values in a format.

    Raises
    ------
    UserError
        If a value has none.
    """
    family, *parameters = format_name.split("/")
    return _CODES[family](values, *parameters)
