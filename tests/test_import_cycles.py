"""No file of the product imports itself by way of others, be it for types or within a function."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules() -> dict[str, Path]:
    """Return all files of the product by module name."""
    files = {
        ".".join(path.relative_to(ROOT / room).with_suffix("").parts): path
        for room in ("hw", "sim", "flow", "boards", "cli")
        for path in (ROOT / room).rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in files.items()}


def imported(text: str, known: Mapping[str, object]) -> Iterator[str]:
    """Yield the modules of ``known`` that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{one.name}" for one in node.names]
            names = [name if name in known else str(node.module) for name in inner]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        yield from (name for name in names if name in known)


def test_imports_have_no_cycle() -> None:
    files = modules()
    assert len(files) > 200
    graph = {name: set(imported(path.read_text(), files)) for name, path in files.items()}
    assert "macsmith.array.spec" in graph["macsmith.array.engine.spec"]
    list(TopologicalSorter(graph).static_order())


def test_a_cycle_would_be_found() -> None:
    texts = {"a": "from b import x", "b": "def f():\n    import a", "c": "import a"}
    graph = {name: set(imported(text, texts)) for name, text in texts.items()}
    with pytest.raises(CycleError):
        list(TopologicalSorter(graph).static_order())
