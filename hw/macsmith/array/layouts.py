"""Layouts of the array's streams."""

from amaranth.lib import data

from macsmith.array.spec import SystolicSpec


def step_layout(spec: SystolicSpec) -> data.StructLayout:
    """Return the layout of an input beat, the operands of a step.

    Members
    -------
    a
        ``rows * a`` rows of ``b`` activations.
    w
        ``cols * c`` columns of ``lanes`` weights.
    index
        Of each weight its place in its block, if weights are density bound.
    mode
        Index of the mode, if there are several; that of a tile's first beat counts.
    last
        Whether the beat ends its tile.
    """
    fields: dict[str, object] = {
        "a": max(spec.act_lanes(mode) * mode.act_bits for mode in spec.modes),
        "w": max(spec.weight_lanes(mode) * mode.weight_bits for mode in spec.modes),
    }
    if spec.index_bits:
        fields["index"] = spec.cols * spec.c * spec.lanes * spec.index_bits
    if len(spec.modes) > 1:
        fields["mode"] = range(len(spec.modes))
    return data.StructLayout(fields | {"last": 1})


def column_layout(spec: SystolicSpec) -> data.StructLayout:
    """Return the layout of an output beat, a column of PEs.

    Members
    -------
    sums
        ``rows * a`` rows of ``c`` sums of ``acc_width`` bits.
    last
        Whether the column is its tile's last.
    """
    return data.StructLayout({"sums": spec.rows * spec.a * spec.c * spec.acc_width, "last": 1})
