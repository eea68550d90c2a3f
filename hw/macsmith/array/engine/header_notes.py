"""What the ports and registers of an engine stand for, for the header of its Verilog."""

from macsmith.array.engine.register_map import COUNTERS, Error, Register, counter_address
from macsmith.array.engine.spec import EngineSpec


def engine_notes(spec: EngineSpec) -> list[str]:
    """Return the words of the streams, the registers, and the errors."""
    mode = spec.points[0]
    lines = []
    for streams in (spec.inputs(mode), spec.outputs(mode)):
        for name, layout in streams.items():
            for field in layout.fields:
                end = field.offset + field.width - 1
                lines.append(f"{name}_tdata[{end}:{field.offset}] {field.name}, {field.lanes} of "
                             f"{field.bits} bits, the first lowest")  # fmt: skip
    registers = [f"{one.value:#04x} {one.name}" for one in Register]
    counters = [f"{counter_address(name):#04x} {name}" for name in COUNTERS]
    lines.append(f"s_axil registers: {', '.join(registers)}")
    lines.append(f"counters: {', '.join(counters)}")
    lines.append("errors: " + ", ".join(f"{one.value} {one.name}" for one in Error))
    return lines + [f"mode {index}: {one}" for index, one in enumerate(spec.points)]
