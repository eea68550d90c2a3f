"""A library in um2 and ns that every machine has, and a checkout with a page."""

from pathlib import Path

import pytest

from macsmith.library import generic_liberty
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology


@pytest.fixture(scope="session")
def liberty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded library's cells in a file of another name, which is a library as any other."""
    path = tmp_path_factory.mktemp("libraries") / "textbook.lib"
    text = generic_liberty.render()
    renamed = text.replace(f"library ({generic_liberty.NAME})", "library (textbook)")
    assert renamed != text
    path.write_text(renamed)
    return path


@pytest.fixture(scope="session")
def textbook(liberty: Path) -> Technology:
    """That library."""
    return resolve(str(liberty))
