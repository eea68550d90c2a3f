"""What the ports of an array and of its PEs stand for, for the header of its Verilog."""

from macsmith.array.spec import SystolicSpec
from macsmith.contract.stream import notes_of


def sums_stay_notes(spec: SystolicSpec) -> list[str]:
    """Return what the payloads of an output-stationary array hold."""
    rows, cols = spec.rows * spec.a, spec.cols * spec.c
    lines = _payloads(spec)
    if spec.zeros.keep_bits:
        lines += [f"keep says how many of each block of {spec.block} activations are multiplied, "
                  "one a cycle, the largest first; 0 says all"]  # fmt: skip
    lines += [
        f"a holds {rows} rows of {spec.b} activations, w {cols} columns of "
        f"{spec.zeros.weight_words} weights, sums {rows} rows of {spec.c} sums of "
        f"{spec.sum_width} bits; the first is lowest",
        f"a tile ends {spec.tile_interval} cycles or more after the one before; its first column "
        f"of sums comes {spec.latency(spec.points[0])} cycles after its last beat",
    ]
    return lines + _result(spec) + _modes(spec)


def operand_stays_notes(spec: SystolicSpec) -> list[str]:
    """Return what the payloads of a weight-stationary or input-stationary array hold."""
    ports = {"act": "i_a", "weight": "i_w"}
    held, moving = ports[spec.movement.held], ports[spec.movement.moving]
    lines = [
        *_payloads(spec),
        f"{held} brings the {spec.rows} rows of a tile that stay in the PEs, {moving} one step of "
        "the moving operand a beat",
        "fresh: sums begin at zero, else at what the tile before has left; final: sums leave, else "
        "they are kept; both are the same throughout a tile; last ends it",
        f"a tile begins {spec.tile_interval} cycles or more after the one before; sums come "
        f"{spec.latency(spec.points[0])} cycles after their final step, of {spec.sum_width} bits "
        "each",
    ]
    return lines + _result(spec) + _modes(spec)


def pe_notes(spec: SystolicSpec) -> list[str]:
    """Return what the ports of a PE, or of the edges of a grid of them, hold."""
    return [
        f"act: {spec.a} rows of {spec.zeros.act_words} activations, weight: {spec.c} columns of "
        f"{spec.zeros.weight_words} weights, sum: {spec.a} x {spec.c} sums of {spec.acc_width} "
        "bits, the first is lowest; control: what travels to the right with the operands",
        "X_in comes from the neighbour's X_out",
        *_modes(spec),
    ]


def _payloads(spec: SystolicSpec) -> list[str]:
    structs = {**spec.movement.input_structs, "o": spec.result_struct}
    return [
        line
        for port, struct in structs.items()
        for line in notes_of(f"{port}__payload", struct)
    ]  # fmt: skip


def _result(spec: SystolicSpec) -> list[str]:
    if spec.converter is None:
        return []
    scales = ", scale that of each block of them" if spec.scales else ""
    return [f"sums are {spec.converter.target}, rounded from {spec.converter.source}{scales}"]


def _modes(spec: SystolicSpec) -> list[str]:
    return [f"mode {index}: {mode}" for index, mode in enumerate(spec.mac.modes)]
