"""A self-checking testbench in plain Verilog, with vectors that the golden model has answered.

It drives both ends of the unit with pauses, and ends with PASS, or with FAIL and ``$fatal`` at the
first of: a result that is wrong, missing, too many or unknown; an offered result that changes or
goes, or that waits for a receiver to be ready; a beat that is never taken; a rate or a latency that
is not as stated; anything left of what was there before a reset.
"""

from collections.abc import Mapping

from macsmith.bundle.shipped_design import Design
from macsmith.bundle.template_files import render
from macsmith.bundle.vectors import PATIENT, hexadecimal_lines, vectors_of

REST = 40
"""Cycles after the last result in which none may follow."""


def bench_module(design: Design) -> str:
    """Return the name of the testbench's module."""
    return f"{design.module}_tb"


def vector_files(design: Design) -> tuple[str, str]:
    """Return the names of the files of payloads sent and of results due."""
    return f"{design.module}_sent.hex", f"{design.module}_due.hex"


def testbench(design: Design) -> Mapping[str, str]:
    """Return the testbench and its vectors; nothing for what is no unit of two streams."""
    if not design.has_bench:
        return {}
    (source,), (sink,) = design.inputs, design.outputs
    vectors = vectors_of(design.name, design.spec)
    on_wires = design.cut.ports.on_wires
    sent = [on_wires(source.layout, one, inward=True) for one in vectors.sent]
    due = [on_wires(sink.layout, one, inward=False) for one in vectors.due]
    sent_file, due_file = vector_files(design)
    text = render(
        "testbench.v.jinja",
        design=design, module=bench_module(design), source=source, sink=sink,
        runs=vectors.runs, sent=len(sent), due=len(due),
        sent_file=sent_file, due_file=due_file, rest=REST, patient=PATIENT,
        sent_bits=len(sent).bit_length(), due_bits=len(due).bit_length(),
    )  # fmt: skip
    return {
        f"{bench_module(design)}.v": text,
        sent_file: hexadecimal_lines(sent, source.width),
        due_file: hexadecimal_lines(due, sink.width),
    }
