"""A page in a real browser, and what it shows."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

DEADLINE_MS = 300_000
"""Ends a wait for what never comes; no test measures time."""

EVERYTHING = ("modes", "netlists")

Box = dict[str, Any]
"""The text of a mark, and its edges on the screen in pixels."""


def apart(one: Box, other: Box) -> bool:
    """Return whether two boxes have no area in common, half a pixel left to rounding."""
    return bool(
        one["right"] <= other["left"] + 0.5
        or other["right"] <= one["left"] + 0.5
        or one["bottom"] <= other["top"] + 0.5
        or other["bottom"] <= one["top"] + 0.5
    )


class Opened:
    """A page opened from disk, and what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.page.set_default_timeout(DEADLINE_MS)
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

    def boxes(self, selector: str) -> list[Box]:
        """Return what of some marks can be seen: text and box on the screen."""
        found: list[Box] = self.page.locator(selector).evaluate_all(
            """marks => marks.filter(mark => mark.getAttribute("opacity") !== "0").map(mark => {
              const {left, right, top, bottom} = mark.getBoundingClientRect();
              return {text: mark.textContent, left, right, top, bottom};
            })"""
        )
        return found

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
