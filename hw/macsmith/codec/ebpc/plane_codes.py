"""Codes of planes of differences, written and read without a table."""

from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.onehot_mux import decode
from macsmith.codec.ebpc.spec import EbpcSpec


@dataclass(frozen=True)
class Shape:
    """What a plane after the exclusive or looks like.

    Members
    -------
    zero, full:
        Whether it has no one, and whether it has nothing else.
    one, pair:
        Whether it is a single one, and whether it is two that are neighbours.
    """

    zero: Value
    full: Value
    one: Value
    pair: Value


def shape_of(m: Module, plane: Value, name: str) -> Shape:
    """Return what a plane looks like."""
    once, twice, thrice = ones_of(m, list(plane), name)
    neighbours = (plane[1:] & plane[:-1]).any()
    shape = Signal(4, name=f"{name}_shape")
    m.d.comb += shape.eq(Cat(~once, plane.all(), once & ~twice, twice & ~thrice & neighbours))
    return Shape(*shape)


def ones_of(m: Module, bits: list[Value], name: str) -> tuple[Value, Value, Value]:
    """Return whether bits have one one at least, two, three; by halves."""
    if len(bits) == 1:
        return bits[0], Const(0, 1), Const(0, 1)
    half = len(bits) // 2
    a1, a2, a3 = ones_of(m, bits[:half], f"{name}_l")
    b1, b2, b3 = ones_of(m, bits[half:], f"{name}_h")
    found = Signal(3, name=f"{name}_ones")
    m.d.comb += found.eq(Cat(a1 | b1, a2 | b2 | (a1 & b1), a3 | b3 | (a2 & b1) | (a1 & b2)))
    return found[0], found[1], found[2]


def place_of(plane: Value, bits: int) -> Value:
    """Return the place, from the left, of the leftmost one of a plane that is one or a pair."""
    size = len(plane)
    marks = [plane[at] & ~(plane[at + 1] if at + 1 < size else Const(0, 1)) for at in range(size)]
    return Cat(
        Cat(marks[at] for at in range(size) if (size - 1 - at) >> bit & 1).any()
        for bit in range(bits)
    )


@dataclass(frozen=True)
class Field:
    """Bits to be written, the first the highest, zeros below; and how many there are."""

    bits: Value
    length: Value


def plane_field(
    m: Module, spec: EbpcSpec, changed: Value, plain: Value, run: Value, ends: Value, name: str
) -> tuple[Field, Value]:
    """Return a plane's code, and whether it is one of zeros, whose run goes on or `ends` with it.

    Parameters
    ----------
    changed, plain:
        The plane after the exclusive or, and before it.
    run:
        How many planes of zeros come right before it.
    ends:
        Whether, if it is one of zeros, it is the last of them.
    """
    places, counts, wide = spec.place_bits, spec.zeros_bits, spec.plane_bits
    shape = shape_of(m, changed, name)
    alone = Signal(name=f"{name}_alone")
    rare = Signal(name=f"{name}_rare")
    special = Signal(name=f"{name}_special")
    held = Signal(name=f"{name}_held")
    m.d.comb += [
        alone.eq(~run.any()),
        # All ones, or zero before the exclusive or; then one, or two.
        rare.eq(shape.full | ~plain.any()),
        held.eq(shape.one | shape.pair),
        special.eq(rare | held),
    ]

    def placed(*parts: Value) -> Value:
        """Return bits from the highest down at the high end."""
        bits = Cat(*(part for part in reversed(parts)))
        return Cat(Const(0, wide - len(bits)), bits) if len(bits) < wide else bits

    fewer = Signal(counts, name=f"{name}_fewer")
    m.d.comb += fewer.eq(run - 1)
    code = Signal(wide, name=f"{name}_code")
    length = Signal(range(wide + 1), name=f"{name}_length")
    # Zeros: 01, or 001 and their number less two.
    single = placed(Const(0, 1), Const(1, 1))
    several = placed(Const(1, 3), fewer)
    few = placed(Const(0, 3), ~rare, Mux(rare, ~shape.full, shape.one),
                 Mux(rare, 0, place_of(changed, places)))  # fmt: skip
    raw = placed(Const(1, 1), changed)
    m.d.comb += [
        code.eq(
            Mux(shape.zero, Mux(ends, Mux(alone, single, several), 0), Mux(special, few, raw))
        ),
        length.eq(
            Mux(
                shape.zero, Mux(ends, Mux(alone, 2, 3 + counts), 0),
                Mux(special, Mux(rare, 5, 5 + places), spec.block),
            )
        ),
    ]  # fmt: skip
    return Field(code, length), shape.zero


@dataclass(frozen=True)
class Read:
    """A plane that was read.

    Members
    -------
    plain:
        The plane before the exclusive or.
    length:
        Bits of its code.
    left:
        Planes of zeros that follow.
    zero:
        Whether it is zero after the exclusive or.
    bad:
        Whether no encoder writes this code here.
    """

    plain: Value
    length: Value
    left: Value
    zero: Value
    bad: Value


def read_plane(
    m: Module, spec: EbpcSpec, bits: Value, before: Value, left: Value, after_zero: Value,
    name: str,
) -> Read:  # fmt: skip
    """Return the plane whose code comes next.

    Parameters
    ----------
    bits:
        What comes, the first the highest; `EbpcSpec.plane_bits` of it.
    before:
        The plane before it.
    left:
        Planes of zeros that were told and have not been given; then no bits are read.
    after_zero:
        Whether the plane before it is zero after the exclusive or.
    """
    places, counts, size = spec.place_bits, spec.zeros_bits, spec.block - 1
    top = list(reversed(bits))
    given = Signal(name=f"{name}_given")
    raw, single, several, kind = (Signal(name=f"{name}_{one}") for one in
                                  ("raw", "single", "several", "rare"))  # fmt: skip
    m.d.comb += [
        given.eq(left.any()),
        raw.eq(top[0]), single.eq(~top[0] & top[1]), several.eq(~top[0] & ~top[1] & top[2]),
        kind.eq(~top[3]),
    ]  # fmt: skip
    place = Cat(reversed(top[5 : 5 + places]))
    lines = decode(m, place, size, f"{name}_place")
    beyond = Signal(name=f"{name}_beyond")
    pair = ~top[4]
    marks = [lines[size - 1 - at] for at in range(size)]
    # A pair's second one is right of the first.
    held = Cat(
        mark | (pair & marks[at + 1] if at + 1 < size else 0) for at, mark in enumerate(marks)
    )
    m.d.comb += beyond.eq(place >= Mux(pair, size - 1, size))
    full = Signal(name=f"{name}_filled")
    m.d.comb += full.eq(~top[4])
    changed = Signal(size, name=f"{name}_changed")
    zero = Signal(name=f"{name}_zeros")
    length = Signal(range(spec.plane_bits + 1), name=f"{name}_length")
    m.d.comb += [
        zero.eq(given | single | several),
        changed.eq(
            Mux(zero, 0, Mux(raw, bits[-1 - size : -1],
                Mux(kind, Mux(full, Const(-1, size), before), held)))
        ),
        length.eq(
            Mux(given, 0, Mux(raw, spec.block, Mux(single, 2, Mux(
                several, 3 + counts, Mux(kind, 5, 5 + places)))))
        ),
    ]  # fmt: skip
    plain = Signal(size, name=f"{name}_plain")
    follow = Signal(len(left), name=f"{name}_follow")
    told = Cat(reversed(top[3 : 3 + counts]))
    m.d.comb += [
        plain.eq(changed ^ before),
        follow.eq(Mux(given, left - 1, Mux(~raw & ~single & several, told + 1, 0))),
    ]
    shape = shape_of(m, bits[-1 - size : -1], f"{name}_raw")
    bad = Signal(name=f"{name}_bad")
    common = shape.zero | shape.full | shape.one | shape.pair
    m.d.comb += bad.eq(
        ~given & Mux(
            zero, after_zero,
            # Zero before the exclusive or has a code of its own, and so has a plane of ones.
            Mux(raw, common | ~plain.any(),
                Mux(kind, ~full & (~before.any() | before.all()), beyond | ~plain.any())),
        )
    )  # fmt: skip
    return Read(plain, length, follow, zero, bad)
