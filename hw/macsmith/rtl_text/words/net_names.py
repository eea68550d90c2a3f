"""What nets are called: by their generator, by what they are connected to, by what they do."""

import re
from collections.abc import Mapping

from macsmith.rtl_text.parsed.bit_uses import driven_by_cells
from macsmith.rtl_text.parsed.modules import Bits, runs
from macsmith.rtl_text.words.expressions import (
    Concatenation,
    Constant,
    Expression,
    Operation,
    Reference,
    Repetition,
)
from macsmith.rtl_text.words.identifiers import Identifiers, legal
from macsmith.rtl_text.words.nets import Nets

_WORDS = {
    "~": "not_{}", "-/": "minus_{}", "|/": "any_{}", "&/": "all_{}", "^/": "odd_{}",
    "==": "{}_is_{}", "!=": "{}_is_not_{}", "<": "{}_below_{}", ">": "{}_above_{}",
    "<=": "{}_up_to_{}", ">=": "{}_from_{}", "&": "{}_and_{}", "|": "{}_or_{}", "^": "{}_xor_{}",
    "+": "{}_plus_{}", "-": "{}_minus_{}", "*": "{}_times_{}",
}  # fmt: skip
_LONGEST = 30

_NUMBERED = re.compile(r"(.*[A-Za-z])_(\d+)")

Alternatives = tuple[str, frozenset[int]]
"""Flags of which one is up: what they are called before their numbers, and these."""


class NetNames:
    """The names of a module's nets.

    Parameters
    ----------
    wishes:
        What ports would be called; others keep the names that they have.
    """

    def __init__(self, nets: Nets, wishes: Mapping[str, str], is_top: bool) -> None:
        self._nets = nets
        self._alternatives: dict[str, Alternatives] = {}
        self._given = Identifiers()
        self.names: dict[str, str] = {}
        wires = nets.module.wires
        for port in nets.module.ports:
            wish = wishes.get(port.name) or port.wish or port.name
            self.names[port.name] = port.name if is_top else self._given.give(wish)
            if is_top:
                self._given.give(port.name)
        unnamed = []
        for wire in wires.values():
            if wire.name in self.names:
                continue
            if wire.is_well_named or wire.wish:
                self.names[wire.name] = self._given.give(wire.wish or wire.name)
            elif wire.name in nets.own or not nets.is_computed(wire.bits[0]):
                unnamed.append(wire)
        readers = _readers(nets)
        outputs = {
            bits[0][0]: f"unused_{cell.name}_{port}"
            for cell, port, bits in driven_by_cells(nets.module, nets.directions) if bits
        }  # fmt: skip
        for wire in unnamed:
            wish = "" if wire.name in readers else outputs.get(wire.name, "")
            if nets.is_computed(wire.bits[0]):
                wish = self.said(nets.definition(wire.bits)) or ""
            if not wish or len(wish) > _LONGEST:
                reader = readers.get(wire.name, "")
                wish = f"{legal(self.names.get(reader, reader))}_term" if reader else "term"
            self.names[wire.name] = self._given.give(wish)
            if nets.is_computed(wire.bits[0]):
                found = self._flags(nets.definition(wire.bits))
                if found and wire.width == 1:
                    self._alternatives[wire.name] = found

        self.instances = {
            cell.name: self._given.give(cell.name) for cell in nets.module.instances()
        }
        self.memories = {name: self._given.give(name) for name in nets.module.memories}

    def of_bits(self, bits: Bits) -> str | None:
        """Return what a word would be called: a net's name, with the place of a part of it."""
        wire = self._nets.module.wires.get(bits[0][0]) if bits else None
        if wire is not None and wire.wish and bits == wire.bits:
            return wire.wish
        said = self.said(self._nets.operand(bits)) if any(name for name, _ in bits) else None
        return said if said and len(said) <= _LONGEST else None

    def said(self, word: Expression) -> str | None:
        """Return an expression in words; None if there is no short way to say it."""
        match word:
            case Constant():
                return str(word.value)
            case Reference():
                name = self.names.get(word.name)
                if name is None or word.width == word.of:
                    return name
                return f"{name}_{word.low}" if word.width == 1 else f"{name}_from_{word.low}"
            case Repetition():
                return self.said(word.part)
            case Operation():
                if word.kind == "|" and (flags := self._flags(word)):
                    return _named(flags)
                operands = [self.said(one) for one in word.operands]
                phrase = _WORDS.get(
                    word.kind if len(operands) > 1 else word.kind.replace("-", "-/")
                )
                if phrase and all(operands):
                    return phrase.format(*operands)
            case Concatenation():
                heads = [self.said(part) for part in word.parts if not isinstance(part, Constant)]
                if heads and all(heads):
                    return "_".join(str(head) for head in heads)
        return None

    def _flags(self, word: Expression) -> Alternatives | None:
        """Return which numbered flags a word is the OR of, if it is one."""
        match word:
            case Reference() if word.width == word.of == 1:
                if word.name in self._alternatives:
                    return self._alternatives[word.name]
                found = _NUMBERED.fullmatch(self.names.get(word.name, ""))
                return (found[1], frozenset({int(found[2])})) if found else None
            case Operation() if word.kind == "|":
                parts = [self._flags(one) for one in word.operands]
                known = [part for part in parts if part]
                if len(known) == len(parts) and len({stem for stem, _ in known}) == 1:
                    return known[0][0], frozenset().union(*(numbers for _, numbers in known))
        return None


def _named(flags: Alternatives) -> str:
    """Return a name for the OR of flags.

    >>> _named(("is_in", frozenset({0, 1, 2}))), _named(("is_in", frozenset({1, 3})))
    ('is_in_0_to_2', 'is_in_1_or_3')
    """
    stem, numbers = flags
    first, last = min(numbers), max(numbers)
    if len(numbers) > 2 and last - first == len(numbers) - 1:
        return f"{stem}_{first}_to_{last}"
    return f"{stem}_{'_or_'.join(map(str, sorted(numbers)))}"


def _readers(nets: Nets) -> dict[str, str]:
    """Return a named net that reads each unnamed one, near by."""
    readers: dict[str, str] = {}
    for target, bits in nets.reads():
        for run in runs(bits):
            readers.setdefault(run[0][0], target)
    for name in list(readers):
        seen = {name}
        reader = readers[name]
        while reader in readers and not nets.module.wires[reader].is_well_named:
            if reader in seen:
                break
            seen.add(reader)
            reader = readers[reader]
        readers[name] = reader
    return readers
