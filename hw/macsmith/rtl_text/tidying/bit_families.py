"""Numbered bits as words: ``sum_0``, ``sum_1``, ... become ``sum[0]``, ``sum[1]``, ...

Only bits of which none depends on another are a word: a simulator that orders words would see a
loop in a carry chain that is one. Registers are a word only if one clock moves them all.
"""

import re
from collections import Counter

from macsmith.rtl_text.parsed.bit_uses import Directions, renamed
from macsmith.rtl_text.parsed.modules import REGISTERS, Bit, Bits, RtlModule, Wire
from macsmith.rtl_text.parsed.word_loops import looped_words

_NUMBERED = re.compile(r"(?P<stem>.*[A-Za-z])_(?P<number>\d+)(?P<rest>(_[A-Za-z]\w*)?)")


def gather_bits(module: RtlModule, directions: Directions, memoryless: set[str]) -> None:
    """Make words of the numbered bits of a module.

    Parameters
    ----------
    memoryless:
        The modules whose outputs depend on their inputs in the same cycle.
    """
    families = _families(module, directions)
    while families:
        words = {wire.name: word for word, wires in families.items() for wire in wires}
        bad = looped_words(module, directions, memoryless, words) & set(families)
        if not bad:
            break
        for word in bad:
            del families[word]
    places: dict[Bit, Bit] = {}
    for word, wires in families.items():
        for place, wire in enumerate(wires):
            places[wire.name, 0] = (word, place)
            del module.wires[wire.name]
        module.wires[word] = Wire(word, len(wires))

    def put(bits: Bits) -> Bits:
        return tuple(places.get(bit, bit) for bit in bits)

    if places:
        renamed(module, directions, put, put)


def _families(module: RtlModule, directions: Directions) -> dict[str, list[Wire]]:
    clocks = {
        bit[0]: cell.ports["CLK"]
        for cell in module.cells if cell.kind in REGISTERS for bit in cell.ports["Q"]
    }  # fmt: skip
    numbered: dict[tuple[str, Bits | None], dict[int, Wire]] = {}
    for wire in module.wires.values():
        found = _NUMBERED.fullmatch(wire.name)
        if found and wire.width == 1 and not wire.direction:
            word = found["stem"] + found["rest"]
            group = numbered.setdefault((word, clocks.get(wire.name)), {})
            group[int(found["number"])] = wire
    times = Counter(word for word, _ in numbered)
    return {
        word: [group[place] for place in range(len(group))]
        for (word, _), group in numbered.items()
        if len(group) > 1 and max(group) == len(group) - 1
        if word not in module.wires and times[word] == 1
    }
