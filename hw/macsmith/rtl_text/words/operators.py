"""Cells of RTLIL as operators of Verilog, their operands as wide as the operators need them."""

from collections.abc import Callable

from macsmith.rtl_text.parsed.modules import ZERO, Bit, Bits, Cell, runs
from macsmith.rtl_text.words.expressions import (
    Concatenation,
    Constant,
    Expression,
    operation,
)

_BINARY = {
    "$add": "+", "$sub": "-", "$mul": "*", "$and": "&", "$or": "|", "$xor": "^",
    "$div": "/", "$mod": "%", "$divfloor": "/", "$modfloor": "%",
}  # fmt: skip
_COMPARE = {"$eq": "==", "$ne": "!=", "$lt": "<", "$le": "<=", "$gt": ">", "$ge": ">="}
_UNARY = {"$not": "~", "$neg": "-"}
_REDUCE = {"$reduce_and": "&/", "$reduce_or": "|/", "$reduce_bool": "|/", "$reduce_xor": "^/"}
_SHIFT = {"$shl": "<<", "$shr": ">>", "$sshl": "<<", "$sshr": ">>", "$shift": ">>"}

OPERATORS = frozenset({"$mux"}.union(_BINARY, _COMPARE, _UNARY, _REDUCE, _SHIFT))
"""Kinds of cells that are operators."""

WITHOUT_SIGN = frozenset({"$div", "$mod", "$divfloor", "$modfloor", "$shift"})
"""Operators that are written for numbers without a sign alone; of a shift that is the places."""

_PIECES = 4
"""Bits beside each other that a reduction names one by one: ``a | b | c``."""


class Operators:
    """Writes what cells compute.

    Parameters
    ----------
    operand:
        Returns a word that is read.
    inverse_of:
        Returns the bit whose inverse a bit is that has no net; None if it is none.
    """

    def __init__(
        self, operand: Callable[[Bits], Expression], inverse_of: Callable[[Bit], Bit | None]
    ) -> None:
        self._operand, self._inverse_of = operand, inverse_of

    def of(self, cell: Cell, at: int, length: int) -> Expression:
        """Return some of the bits that an operator computes."""
        ports, kind, width = cell.ports, cell.kind, len(cell.ports["Y"])
        if kind == "$mux":
            stretch = slice(at, at + length)
            select, no, yes = ports["S"], ports["A"][stretch], ports["B"][stretch]
            return operation(
                "?:", (self._operand(select), self._operand(yes), self._operand(no)), length
            )
        if kind in ("$and", "$or", "$xor", "$not"):
            words = [
                self._operand(operand_of(cell, port)[at : at + length])
                for port in ("A", "B") if port in ports
            ]  # fmt: skip
            return operation((_BINARY | _UNARY)[kind], tuple(words), length)
        if (at, length) != (0, width):
            raise AssertionError(f"bits {at} to {at + length} of {width} of {kind} stand alone")
        if kind in _UNARY:
            return operation(_UNARY[kind], (self._operand(operand_of(cell, "A")),), width)
        if kind in _REDUCE:
            return self._reduction(_REDUCE[kind], ports["A"])
        if kind in _COMPARE:
            if not ports["A"] and not ports["B"]:  # two words of no bits are equal
                return Constant(1, int(kind in ("$eq", "$le", "$ge")))
            sides = tuple(self._operand(operand_of(cell, port)) for port in ("A", "B"))
            ordered = kind not in ("$eq", "$ne")
            return operation(_COMPARE[kind], sides, 1, ordered and cell.flag("A_SIGNED"))
        if kind in _SHIFT:
            signed = kind == "$sshr" and cell.flag("A_SIGNED")
            word = self._operand(operand_of(cell, "A"))
            if not ports["B"]:
                return word
            shift = ">>>" if signed else _SHIFT[kind]
            return operation(shift, (word, self._operand(ports["B"])), width, signed)
        words = [self._operand(operand_of(cell, port)) for port in ("A", "B")]
        # Synthesis cannot tell the sign bits of unsigned words from others, and would add them all.
        narrow = any(len(ports[port]) < width for port in ("A", "B"))
        signed = narrow and cell.flag("A_SIGNED") and kind in ("$add", "$sub", "$mul")
        return operation(_BINARY[kind], tuple(words), width, signed)

    def _reduction(self, kind: str, bits: Bits) -> Expression:
        """Return a reduction: a comparison where some bits are inverted, gates where few are."""
        if not bits:
            return Constant(1, int(kind == "&/"))
        inverted = [self._inverse_of(bit) for bit in bits]
        if kind == "&/" and any(inverted) and len(bits) > 1:
            plain = tuple(other or bit for bit, other in zip(bits, inverted, strict=True))
            if len(list(runs(plain))) == 1:
                value = sum(1 << place for place, one in enumerate(inverted) if not one)
                return operation("==", (self._operand(plain), Constant(len(bits), value)), 1)
        if kind == "&/" and len(bits) > 1 and len(list(runs(bits))) == 1:
            ones = Constant(len(bits), 2 ** len(bits) - 1)
            return operation("==", (self._operand(bits), ones), 1)
        word = self._operand(bits)
        if word.width == 1:
            return word
        if isinstance(word, Concatenation) and len(word.parts) == word.width <= _PIECES:
            gates, *rest = word.parts
            for part in rest:
                gates = operation(kind[0], (gates, part), 1)
            return gates
        return operation(kind, (word,), 1)


def operand_of(cell: Cell, port: str) -> Bits:
    """Return an operand as wide as its operator needs it, extended by its sign or by zeros."""
    bits = cell.ports[port]
    if cell.kind in _REDUCE or cell.kind == "$mux" or (cell.kind in _SHIFT and port == "B"):
        return bits
    operands = [cell.ports[one] for one in ("A", "B") if one in cell.ports]
    width = max(map(len, operands)) if cell.kind in _COMPARE else len(cell.ports["Y"])
    more = bits[-1] if bits and cell.flag("A_SIGNED") else ZERO
    return bits[:width] + (more,) * (width - len(bits))
