"""Chunks of a packet: where they begin and end, and the outer sum that theirs are added to."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import data

from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.late_addend import added_late
from macsmith.fp.number.packing import packed
from macsmith.fp.number.rounding import rounded
from macsmith.fp.number.specials import Specials
from macsmith.fp.number.unpack import unpack


def chunk_marks(
    m: Module, spec: FpDotSpec, accept: Value, fresh: Value, beat: data.View
) -> dict[str, Value]:
    """Return of a beat whether it opens a chunk; and, where there are any, whether it closes one.

    Without chunks a packet is one. ``first_chunk`` is up in a packet's first, ``first`` in its
    first beat.
    """
    if not spec.chunk:
        return {"opens": fresh}
    held = Signal(range(spec.chunk + 1), name="chunk_held", reset_less=True)
    length = Signal(range(spec.chunk + 1), name="chunk_length")
    before = Signal(range(spec.chunk + 1), name="chunk_before", reset_less=True)
    count = Signal(range(spec.chunk + 1), name="chunk_count")
    later = Signal(name="chunk_later", reset_less=True)
    opens, closes = Signal(name="chunk_opens"), Signal(name="chunk_closes")
    # A length beyond the greatest is the greatest.
    told = Mux(beat.chunk.any() & (beat.chunk <= spec.chunk), beat.chunk, spec.chunk)
    m.d.comb += [
        length.eq(Mux(fresh, told, held)),
        opens.eq(fresh | ~before.any()),
        count.eq(Mux(fresh, 0, before) + 1),
        closes.eq(beat.last | (count == length)),
    ]
    with m.If(accept):
        m.d.sync += [
            held.eq(length),
            before.eq(Mux(closes, 0, count)),
            later.eq(~beat.last & (closes | (later & ~fresh))),
        ]
    return {"opens": opens, "closes": closes, "first": fresh, "first_chunk": fresh | ~later}


def next_outer(m: Module, spec: FpDotSpec, outer: Value, chunk: Value) -> Signal:
    """Return the code of the outer sum plus that of a chunk, rounded once."""
    fmt = spec.acc_format
    assert fmt is not None
    code = Signal(fmt.width, name="outer_before")
    m.d.comb += code.eq(outer)
    held, mine = unpack(m, "outer_held", code, fmt), unpack(m, "outer_chunk", chunk, fmt)
    total, lsb = added_late(m, "outer_late", spec, *mine.as_sum(m, "outer_chunk", fmt), held, fmt)
    specials = Specials.named(held.specials).plus(
        m, "outer_specials", Specials.named(mine.specials)
    )
    number = rounded(m, "outer_sum", total, lsb, fmt, spec.rounding)
    zero = held.negative & mine.negative
    return packed(m, "outer_next", fmt, spec.nan_code, number, specials, zero)
