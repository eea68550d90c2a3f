"""Cell libraries and a browser for the tests of the flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from macsmith.library import resolve
from macsmith.library.technology import Technology
from tests.support.browsing import CHROMIUM
from tests.support.cells import PDK

LIBRARIES = [*sorted(str(folder) for folder in PDK.glob("*/")), "generic"]


@pytest.fixture(scope="session", params=LIBRARIES, ids=lambda text: Path(text).name)
def technology(request: pytest.FixtureRequest) -> Technology:
    """Each cell library on this machine."""
    return resolve.resolve(request.param)


@pytest.fixture(scope="session")
def generic() -> Technology:
    """The embedded library."""
    return resolve.resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
