"""Leading-one detector: where the highest one of a word is, as a tree.

A word is cut into a low part of 2^k bits and the rest above. Each part is searched by itself; a one
above switches off what was found below (Oklobdzija, IEEE Transactions on VLSI, 1994). Any width
takes ``ceil(log2 width)`` levels.
"""

from dataclasses import dataclass
from itertools import zip_longest

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


@dataclass(frozen=True)
class Found:
    """What is known of a part of a word.

    Members
    -------
    any:
        Whether it holds a one.
    lines:
        One bit for each of its places, up at the highest one.
    position:
        The bits of that one's place, lowest first; zeros if there is none.
    """

    any: Value
    lines: tuple[Value, ...]
    position: tuple[Value, ...]


def leading_one(m: Module, name: str, word: Value) -> Found:
    """Return where the highest one of a word is; what is not used costs nothing."""
    if len(word) == 1:
        return Found(word, (word,), ())
    cut = 1 << (len(word) - 1).bit_length() - 1
    low = leading_one(m, f"{name}_l", word[:cut])
    high = leading_one(m, f"{name}_h", word[cut:])
    found = Signal(name=f"{name}_any")
    below = Signal(cut, name=f"{name}_below")
    position = Signal(len(low.position) + 1, name=f"{name}_position")
    bits = [
        (high.any & above) | (~high.any & beneath)
        for above, beneath in zip_longest(high.position, low.position, fillvalue=Const(0, 1))
    ]
    m.d.comb += [
        found.eq(high.any | low.any),
        below.eq(Cat(low.lines) & ~high.any.replicate(cut)),
        position.eq(Cat(bits, high.any)),
    ]
    return Found(found, (*below, *high.lines), tuple(position))


class LeadingOne(wiring.Component):
    """A leading-one detector by itself.

    Parameters
    ----------
    width:
        Bits of the word, 1 or more; tests go to 64.

    Members
    -------
    word : In(width)
    any : Out(1)
        Whether the word is not zero.
    lines : Out(width)
        The word without its ones but the highest.
    position : Out(range(width))
        The place of the highest one, zero if there is none.
    """

    def __init__(self, width: int) -> None:
        super().__init__(
            {
                "word": In(width),
                "any": Out(1),
                "lines": Out(width),
                "position": Out(max(1, (width - 1).bit_length())),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        found = leading_one(m, "lod", self.word)
        m.d.comb += [
            self.any.eq(found.any),
            self.lines.eq(Cat(found.lines)),
            self.position.eq(Cat(found.position)),
        ]
        return m
