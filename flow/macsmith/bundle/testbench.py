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
    sent_file, due_file = vector_files(design)
    text = render(
        "testbench.v.jinja",
        design=design, module=bench_module(design), source=source, sink=sink,
        runs=vectors.runs, sent=len(vectors.sent), due=len(vectors.due),
        sent_file=sent_file, due_file=due_file, rest=REST, patient=PATIENT,
        sent_bits=len(vectors.sent).bit_length(), due_bits=len(vectors.due).bit_length(),
    )  # fmt: skip
    return {
        f"{bench_module(design)}.v": text,
        sent_file: hexadecimal_lines(vectors.sent, source.layout.width),
        due_file: hexadecimal_lines(vectors.due, sink.layout.width),
    }
