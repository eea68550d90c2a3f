"""A unit and the same with a fault, side by side on one input: their difference is the output.

Outputs are compared where they matter: what a stream carries only while it is valid.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.contract.stream import LAST, POINT
from macsmith.contract.unit import UnitSpec
from macsmith.mutation.regions import payload_port
from macsmith.rtlsim.subject import INNER, MUTANT, Subject

TOP = "miter"
DIFFERENT = "different"
"""The output: 1 where the two differ after inputs that kept to all rules."""

_CARRIED = {
    "__payload": "__valid", "_tdata": "_tvalid", "_tkeep": "_tvalid", "_tlast": "_tvalid",
    "_rdata": "_rvalid", "_rresp": "_rvalid", "_bresp": "_bvalid",
}  # fmt: skip
"""Outputs that matter while another is up, by the ends of their names."""

_HELD = {"__payload": ("__valid", "__ready"), "_tdata": ("_tvalid", "_tready"),
         "_tlast": ("_tvalid", "_tready")}  # fmt: skip
"""Inputs that stand still while they wait: the stream's valid and ready."""


@dataclass(frozen=True)
class Rules:
    """What inputs keep to.

    Members
    -------
    streams:
        What is offered waits until it is taken, and stands still.
    points:
        What chooses the point, in the first beat of a packet, names one that there is.
    """

    streams: bool = False
    points: bool = False


def miter(spec: UnitSpec, subject: Subject, rules: Rules) -> str:
    """Return Verilog of the two, which instantiates `INNER`.

    The first cycle is one of reset. A break of the rules ends the comparison for good, so that a
    proof holds for inputs that keep to them from there on.
    """
    inputs = {name: bits for name, (way, bits) in subject.ports.items() if way == "input"}
    outputs = {name: bits for name, (way, bits) in subject.ports.items() if way == "output"}
    lines = [f"module {TOP}({', '.join(inputs)}, {DIFFERENT});", f"  output {DIFFERENT};"]
    lines += [f"  input [{bits - 1}:0] {name};" for name, bits in inputs.items()]
    for side, mutant in (("right", 0), ("faulty", subject.mutant)):
        lines += [f"  wire [{bits - 1}:0] {side}_{name};" for name, bits in outputs.items()]
        pins = [f".{name}({name})" for name in inputs]
        pins += [f".{name}({side}_{name})" for name in outputs]
        pins += [f".{MUTANT}({subject.bits}'d{mutant})"]
        lines += [f"  {INNER} {side} ({', '.join(pins)});"]
    legal: list[str] = []
    differences: list[str] = []
    for name in outputs:
        one = f"(right_{name} != faulty_{name})"
        carrier = carrier_of(name)
        differences.append(f"right_{carrier} & {one}" if carrier in outputs else one)
    if rules.streams:
        legal += _stream_rules(inputs, outputs, lines)
    if rules.points:
        legal += _point_rules(spec, inputs, outputs, lines)
    lines += [
        f"  wire legal = {' & '.join(legal) or 1};",
        "  reg broken = 0, started = 0;",
        "  always @(posedge clk) started <= 1;",
        "  always @(posedge clk) broken <= broken | ~started & ~rst | ~legal;",
        f"  assign {DIFFERENT} = legal & started & ~broken & ({' | '.join(differences)});",
        "endmodule",
    ]
    return "\n".join(lines) + "\n"


def carrier_of(output: str) -> str | None:
    """Return the output that must be up for another one to matter, or None if that always does."""
    carrier: str | None = _partner(output, _CARRIED)
    return carrier


def _partner(name: str, table: Mapping[str, Any]) -> Any:
    """Return the port that a table names beside another by the end of its name, or None."""
    for end, other in table.items():
        if name.endswith(end):
            stem = name.removesuffix(end)
            return tuple(stem + one for one in other) if isinstance(other, tuple) else stem + other
    return None


def _stream_rules(
    inputs: Mapping[str, int], outputs: Mapping[str, int], lines: list[str]
) -> Iterator[str]:
    """Yield conditions on streams into the unit, and add the registers that they need."""
    for name, bits in inputs.items():
        partners = _partner(name, _HELD)
        if partners is None or partners[1] not in outputs:
            continue
        valid, ready = partners
        lines += [
            f"  reg waits_{name} = 0; reg [{bits - 1}:0] held_{name} = 0;",
            f"  always @(posedge clk) begin waits_{name} <= ~rst & {valid} & ~right_{ready}; "
            f"held_{name} <= {name}; end",
        ]
        yield f"(rst | ~waits_{name} | {valid} & {name} == held_{name})"


def _point_rules(
    spec: UnitSpec, inputs: Mapping[str, int], outputs: Mapping[str, int], lines: list[str]
) -> Iterator[str]:
    """Yield conditions on the fields that choose a point, and add the registers that they need."""
    for stream, layout in spec.inputs(spec.points[0]).items():
        points = [field for field in layout.fields if field.role == POINT]
        if not points:
            continue
        payload = payload_port(stream, inputs)
        valid, ready = _partner(payload, _HELD)
        first = "1'b1"
        for last in (field for field in layout.fields if field.role == LAST):
            first = f"first_{stream}"
            lines += [
                f"  reg {first} = 1; always @(posedge clk) if (rst) {first} <= 1; "
                f"else if ({valid} & right_{ready}) {first} <= {payload}[{last.offset}];"
            ]
        for field in points:
            part = f"{payload}[{field.offset + field.bits - 1}:{field.offset}]"
            yield f"(~{valid} | ~{first} | {part} < {len(spec.points)})"
