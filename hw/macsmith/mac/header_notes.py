"""What the ports of a MAC stand for, for the header of its Verilog."""

from macsmith.contract.stream import notes_of
from macsmith.mac.spec import MacSpec
from macsmith.mac.unit import input_layout


def unit_notes(spec: MacSpec) -> list[str]:
    """Return where the fields of the payloads lie."""
    lines = notes_of("i__payload", input_layout(spec))
    for index, mode in enumerate(spec.modes):
        lines.append(
            f"mode {index}: {mode}, a beat holds {spec.act_lanes(mode)} activations and "
            f"{spec.weight_lanes(mode)} weights, lane 0 lowest, and takes {spec.cycles(mode)} "
            f"cycles; o__payload holds {spec.slots(mode)} x {spec.acc_bits(mode)} bits"
        )
    return lines


def product_notes(spec: MacSpec) -> list[str]:
    """Return what the words of a multiplier without registers are."""
    kind = "two's complement" if spec.act_signed or spec.weight_signed else "unsigned"
    return [f"result holds {spec.rows} x {spec.sum_width} bits, {kind}, row 0 lowest"]


def core_notes(spec: MacSpec) -> list[str]:
    """Return what the control and enable bits stand for."""
    tables = {"control": spec.control_sets, "acc_control": spec.acc_control_sets}
    if not spec.free_running:
        tables["product_en"] = tuple(group.modes for group in spec.product_groups)
        tables["acc_en"] = tuple(group.modes for group in spec.acc_groups)
    lines = []
    for port, sets in tables.items():
        for bit, modes in enumerate(sets):
            names = " ".join(str(mode) for mode in spec.modes if mode in modes)
            pace = " for each digit" if port == "acc_en" and spec.acc_groups[bit].each_digit else ""
            lines.append(f"{port}[{bit}] up in modes {names or '(none)'}{pace}")
    lines += [f"step[{bit}] {name}" for bit, name in enumerate(spec.step_names)]
    lines += [f"acc_step[{bit}] {name}" for bit, name in enumerate(spec.acc_step_names)]
    return lines
