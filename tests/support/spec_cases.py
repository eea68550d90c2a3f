"""Random specifications, as users write them, for any unit of the catalogue.

A strategy starts from a variant that `verify --all` tries and changes some parameters. What values a
parameter may have it learns from the sentences that refuse one: "must be from 2 to 16, not ...".
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from macsmith.catalog.catalog import lookup, units
from macsmith.catalog.settings import spec_of
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.unit import UnitSpec

Case = tuple[str, list[str]]
"""A unit, and its settings, such as ``act_width=4``."""

MOST_OPERATIONS, MOST_BITS = 32, 400
"""Of a beat of a unit that is built: larger ones only take longer."""

_NEAR = 6
"""Most values of a parameter are so near to the least one, where units are small."""

_FORMATS = (
    "e4m3fn", "e5m2", "e2m1", "fp16", "bf16", "int8", "e5m2xe4m3fn", "hfp8-fwdxhfp8-bwd", "mxfp4",
    "mxfp8", "nvfp4", "mx-e3m2xe2m1", "e3m1b2+normal+nan", "dlfloat16",
)  # fmt: skip
"""Formats of dot products."""

_JUNK = st.one_of(
    st.sampled_from(["", " ", "-1", "0", "1e3", "0x10", "999999999999999999999", "None", "true",
                     "auto", "8x8", "8x8,8x8", "99x1", ",", "=", "\u0661", "4.0", "\x00"]),
    st.text(max_size=6),
)  # fmt: skip


@st.composite
def cases(draw: st.DrawFn, names: Sequence[str] = ()) -> Case:
    """Return a unit, one of these or any, with settings, most of them legal ones."""
    name = draw(st.sampled_from(names or list(units())))
    spec = lookup(name).spec
    base = draw(st.sampled_from(list(spec.variants().values())))
    settings = {key: _written(value) for key, value in base.items()}
    changed = draw(st.lists(st.sampled_from(list(spec.parameter_types())), max_size=4, unique=True))
    for parameter in changed:
        settings[parameter] = draw(_texts(name, parameter))
    if draw(st.integers(0, 19)) == 0:
        settings[draw(st.text(max_size=8))] = draw(_JUNK)
    return name, [f"{key}={value}" for key, value in settings.items()]


def small(spec: UnitSpec) -> bool:
    """Return whether a unit is worth its simulation."""
    for point in spec.points:
        streams = {**spec.inputs(point), **spec.outputs(point)}
        if max(layout.width for layout in streams.values()) > MOST_BITS:
            return False
        if spec.operations(point) > MOST_OPERATIONS:
            return False
    return True


def _written(value: Any) -> str:
    """Return a value as a user writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _texts(name: str, parameter: str) -> st.SearchStrategy[str]:
    """Return texts for a parameter: legal values by its rule, values beside them, and junk."""
    kind = lookup(name).spec.parameter_types()[parameter]
    legal: st.SearchStrategy[str]
    if kind is bool:
        legal = st.sampled_from(["true", "false"])
    elif kind is int:
        legal = st.sampled_from(_numbers(name, parameter)).map(str)
    elif kind is str:
        legal = st.sampled_from(_choices(name, parameter))
    elif kind == tuple[str, ...]:
        legal = st.lists(st.sampled_from(_FORMATS), min_size=1, max_size=3).map(",".join)
    else:
        assert kind == tuple[Mode, ...], kind
        legal = _modes()
    # One in twelve is no value by the rule; together with other rules half of the cases are none.
    return st.integers(0, 11).flatmap(
        lambda turn: legal if turn else st.one_of(_beside(kind), _JUNK)
    )


def _beside(kind: Any) -> st.SearchStrategy[str]:
    return st.integers(-2, 300).map(str) if kind is int else _JUNK


def _modes() -> st.SearchStrategy[str]:
    mode = st.builds("{}x{}".format, st.integers(1, 8), st.integers(1, 8))
    return st.lists(mode, min_size=1, max_size=4).map(",".join)


@cache
def _refusal(name: str, parameter: str, value: str) -> str:
    """Return the sentence that refuses a value."""
    try:
        spec_of(name, [f"{parameter}={value}"])
    except UserError as error:
        return str(error)
    raise AssertionError(f"{name} must refuse {parameter} = {value}")


def _numbers(name: str, parameter: str) -> list[int]:
    """Return the numbers that the rule names; those near the least ones many times."""
    sentence = _refusal(name, parameter, str(10**9))
    if found := re.search(r"must be from (\d+) to (\d+),", sentence):
        first, last = map(int, found.groups())
        return [*range(first, min(last, first + _NEAR) + 1)] * 3 + [last, (first + last) // 2]
    found = re.search(r"must be ([\d, or]+?),? not", sentence)
    if found is None:  # the default of a choice has no such parameter
        return list(range(1, _NEAR))
    return [int(number) for number in re.findall(r"\d+", found[1])]


def _choices(name: str, parameter: str) -> list[str]:
    """Return the words that the rule names."""
    found = re.search(r"must be one of (.*), not", _refusal(name, parameter, "?"))
    return found[1].split(", ") if found else ["auto"]


def counted(case: Case) -> UnitSpec | None:
    """Return the specification of a case, or None if one sentence refuses it.

    Raises
    ------
    AssertionError
        If what refuses it is more or less than a sentence.
    """
    name, settings = case
    try:
        spec: UnitSpec = spec_of(name, settings)
    except UserError as error:
        check_sentence(str(error))
        return None
    return spec


def check_sentence(text: str) -> None:
    """Fail if an error is not one line that says something."""
    assert len(text.splitlines()) == 1 and len(text.split()) > 3, repr(text)
