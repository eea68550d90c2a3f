"""Records as columns: what they have in common, such as parameters and versions, stands once."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Columns = dict[str, dict[str, list[Any]]]
"""For each key its distinct ``values``, and for each record the place of its own in ``at``."""


def columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Return rows of the same keys by column; page.js makes rows of them again."""
    return {key: _column([row[key] for row in rows]) for key in rows[0]}


def _column(values: Sequence[Any]) -> dict[str, list[Any]]:
    # Values may be dictionaries, and 1 and true are not the same.
    texts = [json.dumps(value) for value in values]
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    distinct = {text: value for text, value in zip(texts, values, strict=True)}
    return {"values": [distinct[text] for text in places], "at": [places[text] for text in texts]}
