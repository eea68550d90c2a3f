"""A self-checking testbench in plain Verilog, with vectors that the golden model has answered.

It drives both ends of the unit with pauses, and ends with PASS, or with FAIL and ``$fatal`` at the
first of: a result that is wrong, missing, too many or unknown; an offered result that changes or
goes, or that waits for a receiver to be ready; a beat that is never taken; a rate or a latency that
is not as stated; anything left of what was there before a reset.
"""

from collections.abc import Mapping

from macsmith.bundle.shipped_design import CLOCK, RESET, Design
from macsmith.bundle.template_files import render
from macsmith.bundle.vectors.stream_vectors import PATIENT, hexadecimal_lines

FAULT = "fault"
"""The output that goes up, until a reset, at what no user may send."""

REST = 40
"""Cycles after the last result in which none may follow."""


def bench_module(design: Design) -> str:
    """Return the name of the testbench's module."""
    return f"{design.module}_tb"


def _payload_files(design: Design) -> tuple[list[str], str]:
    """Return the names of the files of payloads sent, one a stream, and of that of results due."""
    several = len(design.inputs) > 1
    sent = [f"{design.module}_sent{at if several else ''}.hex" for at in range(len(design.inputs))]
    return sent, f"{design.module}_due.hex"


def _further_files(design: Design) -> dict[str, str]:
    """Return by name what else the testbench reads."""
    return {f"{design.module}_{name}.hex": text for name, text in design.vectors.further.items()}


def vector_files(design: Design) -> tuple[str, ...]:
    """Return the names of all files that the testbench reads, none where there is no testbench."""
    if not design.has_bench:
        return ()
    sent, due = _payload_files(design)
    return *sent, due, *_further_files(design)


def testbench(design: Design) -> Mapping[str, str]:
    """Return the testbench and its vectors; nothing for what has none."""
    if not design.has_bench:
        return {}
    (sink,) = design.outputs
    vectors = design.vectors
    on_wires = design.cut.ports.on_wires
    sent = [
        [on_wires(source.layout, one, inward=True) for one in payloads]
        for source, payloads in zip(design.inputs, vectors.sent, strict=True)
    ]
    due = [on_wires(sink.layout, one, inward=False) for one in vectors.due]
    sent_files, due_file = _payload_files(design)
    known = {CLOCK, RESET}.union(*(stream.ports for stream in (*design.inputs, sink)))
    text = render(
        vectors.template,
        design=design, vectors=vectors, module=bench_module(design), sources=design.inputs,
        sink=sink, others=[port for port in design.ports if port.name not in known],
        runs=vectors.runs, sent=[*map(len, sent)], due=len(due),
        sent_files=sent_files, due_file=due_file, rest=REST, patient=PATIENT, fault=FAULT,
        sent_bits=[len(one).bit_length() for one in sent], due_bits=len(due).bit_length(),
    )  # fmt: skip
    files = {
        name: hexadecimal_lines(words, source.width)
        for name, words, source in zip(sent_files, sent, design.inputs, strict=True)
    }
    return {
        f"{bench_module(design)}.v": text, **files, due_file: hexadecimal_lines(due, sink.width),
        **_further_files(design),
    }  # fmt: skip
