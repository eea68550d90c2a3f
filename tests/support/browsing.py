"""A page in a real browser, and what it shows."""

import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

EVERYTHING = ("modes", "netlists")


class Opened:
    """A page opened from disk, and what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("#scatter svg")

    def choose(self, **choices: str) -> None:
        """Set controls by name, as a person would, and wait for the charts."""
        for name, value in choices.items():
            control = self.page.locator(f"[name={name}]")
            if control.first.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                self.page.locator(f"[name={name}][value='{value}']").check(force=True)
        self.page.evaluate("Promise.all(Object.values(views)).then(() => null)")

    def everything(self) -> None:
        """List every netlist in every mode."""
        for name in EVERYTHING:
            self.page.locator(f"[name={name}]").check()

    def bars(self) -> dict[str, float]:
        """Return the bars by unit, as a screen reader has them."""
        labels = self.page.locator("#bars .mark-rect path").evaluate_all(
            "marks => marks.map(mark => mark.getAttribute('aria-label'))"
        )
        found = [re.match(r".*?: ([^;]+); unit: ([^;]+);", label) for label in labels]
        return {match[2]: float(match[1].replace(",", "")) for match in found if match}

    def table(self) -> list[dict[str, str]]:
        """Return the table of records as text, by heading."""
        heads, *lines = self.page.locator("#records tr").evaluate_all(
            "lines => lines.map(line => [...line.cells].map(cell => cell.textContent.trim()))"
        )
        heads = [head.rstrip(" ↓↑") for head in heads]
        return [dict(zip(heads, line, strict=True)) for line in lines]
