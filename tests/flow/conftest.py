"""Cell libraries and a browser for the tests of the flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import CHROMIUM
from dark import dark_library
from playwright.sync_api import Browser, sync_playwright

from macsmith.library import resolve
from macsmith.library.technology import Technology

# The developers' PDKs lie beside the repository; elsewhere the embedded library stands for them.
PDK = Path(__file__).parents[3] / "shared" / "pdk"
LIBRARIES = [*sorted(str(folder) for folder in PDK.glob("*/")), "generic"]


@pytest.fixture(scope="session", params=LIBRARIES, ids=lambda text: Path(text).name)
def technology(request: pytest.FixtureRequest) -> Technology:
    """Each cell library on this machine."""
    return resolve.resolve(request.param)


@pytest.fixture(scope="session")
def generic() -> Technology:
    """The embedded library."""
    return resolve.resolve()


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a library that states no energies."""
    return str(dark_library(tmp_path_factory.mktemp("dark")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
