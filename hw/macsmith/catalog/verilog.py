"""Verilog of a unit as a user takes it away, with a header that says what it is."""

import hashlib
import json
import re
from importlib.metadata import version
from textwrap import wrap

from macsmith.catalog.catalog import build, cut, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec, module_name
from macsmith.rtl.emit import leaf_names, to_verilog
from macsmith.rtl_text.lines.dialect import DIALECTS
from macsmith.rtl_text.lines.line_breaks import LONGEST
from macsmith.rtl_text.words.identifiers import Identifiers, is_identifier

_DIGITS = 8
_UNBROKEN = "\0"
_KEPT = '(* keep_hierarchy = "yes" *)'


def top_name(name: str, spec: UnitSpec, boundary: str) -> str:
    """Return the module of a unit, with a hash of the parameters where they are not the default.

    >>> top_name("data-gated", make_spec("data-gated"), "core")
    'data_gated_core'
    """
    stem = _stem(name, boundary)
    if spec == make_spec(name):
        return stem
    text = json.dumps(spec.parameters(), sort_keys=True)
    return f"{stem}_{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"


def _stem(name: str, boundary: str) -> str:
    """Return the module of a boundary; a unit whose name is a word of Verilog is ``NAME_unit``."""
    stem = module_name(name, boundary)
    return stem if is_identifier(stem) else f"{stem}_unit"


def given_name(
    name: str, spec: UnitSpec, boundary: str, top: str | None = None, prefix: str = ""
) -> str:
    """Return the module of a unit where a user has chosen its name, or what it begins with."""
    return prefix + (top or top_name(name, spec, boundary))


def generate(
    name: str,
    spec: UnitSpec,
    boundary: str,
    *,
    keep_hierarchy: bool = False,
    top: str | None = None,
    prefix: str = "",
    language: str = "verilog",
) -> str:
    """Return the Verilog of a unit; the same specification gives the same bytes.

    The names of all its modules begin with the prefix and the name of the top, so that several
    units meet in a design. With ``keep_hierarchy`` modules carry the attribute by which Yosys,
    Vivado and others leave a module as it is; adder cells and clock gates, which a library
    replaces, do not.

    Parameters
    ----------
    top:
        Name of the top module; None for `top_name`.
    prefix:
        What the names of all modules begin with.
    language:
        ``verilog``, which is Verilog-2005, or ``systemverilog``.

    Raises
    ------
    UserError
        If a name is none that Verilog takes, or the language is unknown.
    """
    if language not in DIALECTS:
        raise UserError(f"language must be {' or '.join(DIALECTS)}, not {language!r}")
    asked = prefix + (top or _stem(name, boundary))
    if not is_identifier(asked):
        near = Identifiers().give(asked)
        raise UserError(
            f"name must be an identifier of Verilog, not {asked!r}; the nearest is {near}"
        )
    component = build(name, spec, boundary)
    module = given_name(name, spec, boundary, top, prefix)
    header = [
        f"{module}: {type(spec).summary}",
        f"macsmith {version('macsmith')}, amaranth {version('amaranth')}",
        f"unit {name}, boundary {boundary}",
        f"parameters {json.dumps(spec.parameters())}",
        *cut(name, boundary).notes(spec),
    ]
    text = to_verilog(component, module, language, leaves=module)
    if keep_hierarchy:
        leaves = "|".join(leaf_names(module).values())
        text = re.sub(rf"^(?=module (?!(?:{leaves})\b))", f"{_KEPT}\n", text, flags=re.MULTILINE)
    lines = (part for line in header for part in _wrapped(line))
    return "".join(f"{line}\n" for line in lines) + f"\n{text}"


def _wrapped(line: str) -> list[str]:
    """Return a line of the header as comments; what follows the first is further in.

    A parameter and its value stay together.
    """
    together = line.replace('": ', f'":{_UNBROKEN}')
    lines = wrap(together, LONGEST, initial_indent="// ", subsequent_indent="//   ")
    return [one.replace(_UNBROKEN, " ") for one in lines]
