"""Packets that load a table, among packets that are coded by it."""

from typing import Any

from amaranth import Module, Mux, Signal
from amaranth.lib import stream

from macsmith.codec.huffman.code_table import LENGTH_BITS, CodeTable


def table_aside(m: Module, i: Any, o: Any, table: CodeTable, width: str) -> tuple[Any, Any]:
    """Return the streams of a unit without the packets that load a table, which get an answer.

    The first beat of a packet says what it is. A table waits until all packets before it have gone
    out, and those after it wait for its answer: one beat of zeros, with the error up if it is no
    table of a complete code.

    Parameters
    ----------
    i, o:
        The unit's streams.
    width:
        The field of a beat whose low bits are a length.
    """
    inner_i = stream.Signature(i.payload.shape()).create(path=("coded",))
    inner_o = stream.Signature(o.payload.shape()).create(path=("answer",))
    inside = Signal()
    loading = Signal()
    loads = Signal()
    # Packets that have come in whole and have not gone out.
    pending = Signal(4)
    idle = Signal()
    room = Signal()
    m.d.comb += [
        loads.eq(Mux(inside, loading, i.payload.table)),
        idle.eq(pending == 0),
        room.eq(~table.answer & table.ready & ~pending.all()),
        inner_i.payload.eq(i.payload),
        inner_i.valid.eq(i.valid & ~loads & room),
        table.valid.eq(i.valid & loads & idle),
        table.length.eq(i.payload[width][:LENGTH_BITS]),
        table.last.eq(i.payload.last),
        i.ready.eq(Mux(loads, table.ready & idle, inner_i.ready & room)),
        table.answered.eq(o.ready),
        inner_o.ready.eq(o.ready),
        o.valid.eq(inner_o.valid | table.answer),
        o.payload.eq(inner_o.payload),
    ]
    with m.If(table.answer):
        m.d.comb += [o.payload.eq(0), o.payload.last.eq(1), o.payload.error.eq(table.error)]
    with m.If(i.valid & i.ready):
        m.d.sync += [inside.eq(~i.payload.last), loading.eq(loads)]
    enters = inner_i.valid & inner_i.ready & inner_i.payload.last
    leaves = inner_o.valid & inner_o.ready & inner_o.payload.last
    m.d.sync += pending.eq(pending + enters - leaves)
    return inner_i, inner_o
