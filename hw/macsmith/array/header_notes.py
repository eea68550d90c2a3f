"""What the ports of an array and of its PEs stand for, for the header of its Verilog."""

from macsmith.array.spec import SystolicSpec
from macsmith.array.stream_layouts import (
    act_layout,
    column_layout,
    step_layout,
    sums_layout,
    weight_layout,
)
from macsmith.contract.stream import notes_of


def array_notes(spec: SystolicSpec) -> list[str]:
    """Return what the payloads of an array hold."""
    return _sums_stay(spec) if spec.dataflow == "output" else _operand_stays(spec)


def _sums_stay(spec: SystolicSpec) -> list[str]:
    rows, cols = spec.rows * spec.a, spec.cols * spec.c
    lines = [
        *notes_of("i__payload", step_layout(spec)), *notes_of("o__payload", column_layout(spec))
    ]  # fmt: skip
    if spec.joint:
        lines += [f"keep says how many of each block of {spec.block} activations are multiplied, "
                  "one a cycle, the largest first; 0 says all"]  # fmt: skip
    lines += [
        f"a holds {rows} rows of {spec.b} activations, w {cols} columns of {spec.weight_words} "
        "weights, "
        f"sums {rows} rows of {spec.c} sums of {spec.acc_width} bits; the first is lowest",
        f"a tile ends {spec.tile_interval} cycles or more after the one before; its first column "
        f"of sums comes {spec.movement.latency} cycles after its last beat",
    ]
    return lines + _modes(spec)


def _operand_stays(spec: SystolicSpec) -> list[str]:
    held, moving = ("i_w", "i_a") if spec.dataflow == "weight" else ("i_a", "i_w")
    lines = [
        *notes_of("i_a__payload", act_layout(spec)),
        *notes_of("i_w__payload", weight_layout(spec)),
        *notes_of("o__payload", sums_layout(spec)),
        f"{held} brings the {spec.rows} rows of a tile that stay in the PEs, {moving} one step of "
        "the moving operand a beat",
        "fresh: sums begin at zero, else at what the tile before has left; final: sums leave, else "
        "they are kept; both are the same throughout a tile; last ends it",
        f"a tile begins {spec.tile_interval} cycles or more after the one before; sums come "
        f"{spec.movement.latency} cycles after their final step, of {spec.acc_width} bits each",
    ]
    return lines + _modes(spec)


def pe_notes(spec: SystolicSpec) -> list[str]:
    """Return what the ports of a PE, or of the edges of a grid of them, hold."""
    return [
        f"act: {spec.a} rows of {spec.act_words} activations, weight: {spec.c} columns of "
        f"{spec.weight_words} weights, sum: {spec.a} x {spec.c} sums of {spec.acc_width} bits, the "
        "first is lowest; control: what travels to the right with the operands",
        "X_in comes from the neighbour's X_out",
        *_modes(spec),
    ]


def _modes(spec: SystolicSpec) -> list[str]:
    return [f"mode {index}: {mode}" for index, mode in enumerate(spec.modes)]
