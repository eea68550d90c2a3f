"""Liberty files as they should not be: tokens of a good one lost, doubled, swapped or replaced."""

import random
import re
from collections.abc import Iterable

_TOKEN = re.compile(r'"[^"]*"|[\w.+-]+|\s+|.', re.DOTALL)

_STRANGE = (
    "{", "}", "(", ")", ";", ":", '"', "\\", "/*", "*/", "//", "", "0", "-1", "1e999", "nan", "inf",
    "1e-400", '""', '"A B"', '"!A"', '"A &"', '"IQ"', '"(A"', "scalar", "t", "pin", "cell", "ff",
    "latch", "bus", "values", "index_1", "timing", "true", "\x00", "é", "\ufeff", "include_file",
    "statetable", '"1, 2, 3"', '"3, 2, 1"', "9" * 400, "input", "output", "internal", "clock",
)  # fmt: skip
"""What a token is replaced by."""


def excerpt(text: str, cells: Iterable[str]) -> str:
    """Return a library with a few of its cells, its text else as it is."""
    kept, place = [], 0
    for match in re.finditer(r"^[ \t]*cell\s*\(\s*\"?(\w+)\"?\s*\)\s*\{", text, re.MULTILINE):
        end, depth = match.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        kept.append(text[place : end if match[1] in cells else match.start()])
        place = end
    return "".join([*kept, text[place:]])


def mutated(text: str, seed: int) -> str:
    """Return a text with one to five of its tokens changed."""
    rng = random.Random(seed)
    tokens = _TOKEN.findall(text)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(tokens))
        kind = rng.randrange(6)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            other = rng.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 3:
            tokens[at] = rng.choice(tokens)
        elif kind == 4:
            tokens[at] = rng.choice(_STRANGE)
        else:
            length = rng.choice((2, 10, 100, 1000))
            del tokens[at : at + length]
    return "".join(tokens)
