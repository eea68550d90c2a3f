"""Gives what a module computes the names that its generator has for it.

RTLIL drives wires without a name and connects named ones to them, and calls one word by several
names. Here the named wire is driven itself, and one name is left of several.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from macsmith.rtl_text.parsed.bit_uses import (
    Directions,
    driven_by_cells,
    read_words,
    renamed,
    root_of,
    targets_of,
)
from macsmith.rtl_text.parsed.modules import Bit, Bits, RtlModule, Wire, runs
from macsmith.rtl_text.parsed.word_loops import looped_words


def name_bits(module: RtlModule, directions: Directions, memoryless: set[str]) -> None:
    """Drive named wires rather than others, read the narrowest names, and drop unread ones.

    Parameters
    ----------
    memoryless:
        The modules whose outputs depend on their inputs in the same cycle.
    """
    _one_name_each(module, directions)
    _claim(module, directions, memoryless)
    _read_slices(module, directions)
    _drop_unread(module, directions)


def _substitution(bits: dict[Bit, Bit]) -> Callable[[Bits], Bits]:
    return lambda word: tuple(bits.get(bit, bit) for bit in word)


def _one_name_each(module: RtlModule, directions: Directions) -> None:
    """Make one wire of those that are connected as a whole."""
    root = root_of(module)
    groups: dict[Bits, list[Wire]] = {}
    for wire in module.wires.values():
        bits = tuple(map(root, wire.bits))
        if wire.is_named and any(name for name, _ in bits):
            groups.setdefault(bits, []).append(wire)
    places: dict[Bit, Bit] = {}
    gone: set[str] = set()
    for bits, wires in groups.items():
        driver = module.wires.get(bits[0][0])
        if driver is not None and bits == driver.bits and driver not in wires:
            wires.append(driver)
        best = min(wires, key=_rank)
        for wire in wires:
            if wire is not best and not wire.direction:
                places |= dict(zip(wire.bits, best.bits, strict=True))
                if wire.is_well_named and not best.is_well_named:
                    best.wish = best.wish or wire.name
                gone.add(wire.name)
    _replace(module, directions, places, gone)


def _rank(wire: Wire) -> tuple[bool, bool, bool, bool]:
    """Return how a name is ranked: a port's first, then one of its own, then a numbered one."""
    return (
        wire.direction != "input", wire.direction != "output", not wire.is_named, "$" in wire.name
    )  # fmt: skip


def _replace(
    module: RtlModule, directions: Directions, places: dict[Bit, Bit], gone: Iterable[str]
) -> None:
    put = _substitution(places)
    connects = module.connects
    module.connects = []
    renamed(module, directions, put, put)
    seen: set[Bit] = set()
    for target, value in connects:
        pairs = []
        for to, of in zip(put(target), put(value), strict=True):
            if to != of and to not in seen:
                pairs.append((to, of))
                seen.add(to)
        if pairs:
            module.connects.append(tuple(zip(*pairs, strict=True)))  # type: ignore[arg-type]
    for name in gone:
        del module.wires[name]


def _claim(module: RtlModule, directions: Directions, memoryless: set[str]) -> None:
    """Let named wires be driven in the places of those without a name that they are made of."""
    root = root_of(module)
    drivers = {bits[0][0] for _, _, bits in driven_by_cells(module, directions) if bits}
    drivers |= {bits[0][0] for process in module.processes for bits in targets_of(process)}
    named = [wire for wire in module.wires.values() if wire.is_named]
    made_of = {wire.name: tuple(map(root, wire.bits)) for wire in named}

    def rank(wire: Wire) -> tuple[bool, int]:
        """Wires that are one driver's word come first, then narrow ones."""
        return len(list(runs(made_of[wire.name]))) > 1, wire.width

    claims: dict[Bit, Bit] = {}
    for wire in sorted(named, key=rank):
        times = Counter(made_of[wire.name])
        for bit, place in zip(made_of[wire.name], wire.bits, strict=True):
            # Of a word that holds a bit twice one would depend on the other.
            if bit[0].startswith("$") and bit[0] in drivers and bit != place and times[bit] == 1:
                claims.setdefault(bit, place)
    whole = {name for name, _ in claims if _is_stretch(module.wires[name].bits, claims)}
    words = {bit[0]: place[0] for bit, place in claims.items() if bit[0] in whole}
    while looped := looped_words(module, directions, memoryless, words) & set(words.values()):
        words = {name: word for name, word in words.items() if word not in looped}
    for (name, _), (word, at) in claims.items():
        if name not in words and module.wires[name].width == 1:
            module.wires[name].wish = f"{word}_{at}"
    whole &= set(words)
    places = {bit: place for bit, place in claims.items() if bit[0] in whole}
    _replace(module, directions, places, whole)


def _is_stretch(bits: Bits, claims: dict[Bit, Bit]) -> bool:
    """Return whether all bits of a word are claimed, and beside each other, by one wire."""
    if not all(bit in claims for bit in bits):
        return False
    return len(list(runs([claims[bit] for bit in bits]))) == 1


def _read_slices(module: RtlModule, directions: Directions) -> None:
    """Read a named slice of a word rather than the word."""
    root = root_of(module)
    places: dict[Bit, Bit] = {}
    for wire in sorted(module.wires.values(), key=lambda wire: wire.width):
        bits = tuple(map(root, wire.bits))
        of = module.wires.get(bits[0][0]) if bits else None
        if of is None or wire.direction or not wire.is_named or bits == wire.bits:
            continue
        if len(list(runs(bits))) == 1 and wire.width < of.width:
            for bit, place in zip(bits, wire.bits, strict=True):
                places.setdefault(bit, place)
    connects = module.connects
    module.connects = []
    renamed(module, directions, _substitution(places))
    module.connects = connects


def _drop_unread(module: RtlModule, directions: Directions) -> None:
    """Drop named wires that only repeat others and that nobody reads."""
    while True:
        read = {bit[0] for bits in read_words(module, directions) for bit in bits}
        ends = {wire.name for wire in module.wires.values() if wire.direction}
        left = [
            (target, value)
            for target, value in module.connects
            if any(name in read or name in ends for name, _ in target)
        ]
        if len(left) == len(module.connects):
            break
        module.connects = left
    used = read | ends
    used |= {name for target, _ in module.connects for name, _ in target}
    used |= {name for _, _, bits in driven_by_cells(module, directions) for name, _ in bits}
    used |= {
        name for process in module.processes for bits in targets_of(process) for name, _ in bits
    }
    module.wires = {name: wire for name, wire in module.wires.items() if name in used}
