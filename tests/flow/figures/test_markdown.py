"""Tables, and the marked regions of a page."""

import re

import pytest

from macsmith.contract.errors import UserError
from macsmith.figures.markdown import filled, region_of, table

PAGE = "# Page\n\n<!-- sizes -->\n\nold\n\n<!-- /sizes -->\n\nBetween.\n\n<!-- speeds -->\n<!-- /speeds -->\nEnd.\n"


def test_numbers_stand_to_the_right() -> None:
    assert table(["unit", "um2"], [["`a`", 3]]) == "| unit | um2 |\n| --- | --: |\n| `a` | 3 |"


def test_regions_are_filled_and_nothing_else_changes() -> None:
    text = filled("page.md", PAGE, {"sizes": "new", "speeds": "fast"})
    assert region_of("page.md", text, "sizes") == "new"
    assert region_of("page.md", text, "speeds") == "fast"
    assert (
        text.replace("\n\nnew\n\n", "\n\nold\n\n")
        .replace("\nfast\n\n", "")
        .replace("<!-- speeds -->\n<", "<!-- speeds -->\n<")
        == PAGE
    )
    assert filled("page.md", text, {"sizes": "new", "speeds": "fast"}) == text


def test_a_page_without_the_place_is_one_sentence() -> None:
    sentence = "page.md must have a place <!-- size --> ... <!-- /size -->, but has none; did you mean sizes"
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        filled("page.md", PAGE, {"size": "new"})
