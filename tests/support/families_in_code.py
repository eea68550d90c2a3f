"""What code says of single families of units: their names, and switches on their types."""

import ast
import inspect
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module

from amaranth.lib import wiring

from macsmith.contract.unit import UnitSpec
from tests.support.checkout import ROOT

SUBJECTS = frozenset({"spec", "unit", "component", "dut"})
"""What specifications, components and simulated ones are called."""

Found = tuple[int, str]
"""A line, and what is said there."""


def named_units(source: str, names: Collection[str]) -> Iterator[Found]:
    """Yield the texts of a module that name a unit; docstrings are no code."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in prose:
            continue
        if isinstance(node.value, str) and word.search(node.value):
            yield node.lineno, node.value


def type_switches(source: str, classes: Collection[str]) -> Iterator[Found]:
    """Yield where a module asks of what class a specification or component is, or what it has.

    Ports of a simulated unit that are taken by name are none: ``getattr(dut, "o__valid")``.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.MatchClass):
            asked = _last(node.cls) in classes
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            asked = _asks(node.func.id, node.args, classes)
        else:
            continue
        if asked:
            yield node.lineno, ast.unparse(node)


def _asks(function: str, args: list[ast.expr], classes: Collection[str]) -> bool:
    subject = _last(args[0])
    if function in ("isinstance", "issubclass"):
        named = {_last(node) for node in ast.walk(args[1])}
        return bool(named.intersection(classes)) or subject in SUBJECTS
    if function == "getattr" and len(args) == 2 and subject == "dut":
        return False
    return function in ("hasattr", "getattr", "type") and subject in SUBJECTS


def _last(node: ast.AST) -> str | None:
    """Return the last name of an expression of names and dots."""
    return getattr(node, "id", None) or getattr(node, "attr", None)


@cache
def classes_of_hardware() -> frozenset[str]:
    """Return the names of all classes of specifications and components."""
    found = {"UnitSpec", "Component"}
    for path in sorted((ROOT / "hw" / "macsmith").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT / "hw").with_suffix("").parts)
        module = import_module(name.removesuffix(".__init__"))
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, UnitSpec | wiring.Component):
                found.add(one.__name__)
    return frozenset(found)
