"""Rows of partial products as words: ``pp_row_3 = act & {8{weight[3]}}``.

A multiplier is written bit by bit, ``act[i] & weight[j]`` wherever an adder takes one. Where a
module has such bits of several rows of two words, those of a row become one word.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from macsmith.rtl_text.parsed.bit_uses import Directions, renamed
from macsmith.rtl_text.parsed.modules import Bit, Bits, Cell, RtlModule, Wire, without

FEWEST_ROWS = 2
"""Rows of two words from which they are a product."""

SHORTEST_ROW = 3
"""Bits of a row: shorter ones are read as well where they are used."""


Pair = tuple[str, str]
"""A word along which rows lie, and the word whose bits have a row each."""


@dataclass(frozen=True)
class _Row:
    """The cells of ``word[i] & bit``, by ``i``, which are consecutive."""

    word: str
    bit: Bit
    cells: dict[int, Cell]

    @property
    def places(self) -> list[int]:
        """Places in the word, from the lowest."""
        return sorted(self.cells)


def word_rows(module: RtlModule, directions: Directions) -> None:
    """Make words of the rows of partial products of a module.

    Where sums are operators, and not cells, these take words as they are.
    """
    rows = list(_rows(module)) if any(module.instances()) else []
    pairs = {(row.word, row.bit[0]) for row in rows}
    places: dict[Bit, Bit] = {}
    taken: list[Cell] = []
    for row in rows:
        stem = "pp" if len(pairs) == 1 else f"{row.word}_{row.bit[0]}"
        wire = Wire(f"{stem}_row_{row.bit[1]}", len(row.cells))
        if wire.name in module.wires:
            continue
        module.wires[wire.name] = wire
        for place, of in zip(row.places, wire.bits, strict=True):
            (output,) = row.cells[place].ports["Y"]
            if module.wires[output[0]].is_named:
                module.connects.append(((output,), (of,)))
            else:
                places[output] = of
                del module.wires[output[0]]
            taken.append(row.cells[place])
        word = tuple((row.word, place) for place in row.places)
        ports = {"A": word, "B": (row.bit,) * len(word), "Y": wire.bits}
        module.cells.append(Cell("$and", wire.name, {}, ports))
    module.cells = without(module.cells, taken)

    def put(bits: Bits) -> Bits:
        return tuple(places.get(bit, bit) for bit in bits)

    if places:
        renamed(module, directions, put)


def _rows(module: RtlModule) -> Iterator[_Row]:
    """Yield the rows of all products, of each along the word that makes fewer of them."""
    found: dict[Pair, dict[Bit, dict[int, Cell]]] = defaultdict(dict)
    for cell in module.cells:
        if cell.kind == "$and" and all(len(bits) == 1 for bits in cell.ports.values()):
            one, other = cell.ports["A"][0], cell.ports["B"][0]
            if _is_of_word(module, one) and _is_of_word(module, other) and one[0] != other[0]:
                found[one[0], other[0]].setdefault(other, {})[one[1]] = cell
                found[other[0], one[0]].setdefault(one, {})[other[1]] = cell
    done: set[Pair] = set()
    for pair in found:
        turned = pair[1], pair[0]
        if turned in done:
            continue
        done.add(pair)
        way = turned if len(found[turned]) < len(found[pair]) else pair
        rows = [
            _Row(way[0], bit, cells) for bit, cells in sorted(found[way].items()) if _is_row(cells)
        ]
        if len(rows) >= FEWEST_ROWS:
            yield from rows


def _is_of_word(module: RtlModule, bit: Bit) -> bool:
    wire = module.wires.get(bit[0])
    return wire is not None and wire.is_named and wire.width > 1


def _is_row(cells: dict[int, Cell]) -> bool:
    return len(cells) >= SHORTEST_ROW and max(cells) - min(cells) == len(cells) - 1
