"""Layouts of the array's streams."""

from collections.abc import Mapping

from amaranth.lib import data

from macsmith.array.geometry import Geometry
from macsmith.contract.modes import Mode
from macsmith.contract.stream import LAST, POINT, Field, Layout


def step_layout(spec: Geometry) -> data.StructLayout:
    """Return the layout of an input beat, the operands of a step.

    Members
    -------
    a
        ``rows * a`` rows of ``b`` activations.
    w
        ``cols * c`` columns of ``weight_words`` weights.
    index
        Of each weight its place in its block, if weights are density bound.
    keep
        Of joint density bounds: activations of each block that are kept, 0 for all of them.
    mode
        Index of the mode, if there are several; that of a tile's first beat counts.
    last
        Whether the beat ends its tile.
    """
    fields = _acts(spec) | _weights(spec)
    if spec.zeros.keep_bits:
        fields["keep"] = spec.zeros.keep_bits
    if len(spec.mac.modes) > 1:
        fields["mode"] = range(len(spec.mac.modes))
    return data.StructLayout(fields | {"last": 1})


def column_layout(spec: Geometry) -> data.StructLayout:
    """Return the layout of an output beat, a column of PEs.

    Members
    -------
    sums
        ``rows * a`` rows of ``c`` sums of ``acc_width`` bits.
    last
        Whether the column is its tile's last.
    """
    return data.StructLayout({"sums": spec.rows * spec.a * spec.c * spec.acc_width, "last": 1})


# Weight stationary and input stationary: each operand has a stream.

_STEP = {"fresh": 1, "final": 1, "last": 1}


def act_layout(spec: Geometry, *, moves: bool) -> data.StructLayout:
    """Return the layout of a beat of activations: of a step if these move, else of a held row.

    Members
    -------
    a
        Of a step: ``a`` rows of ``rows * b`` activations. Of a held row: ``cols * a`` rows of ``b``
        activations.
    fresh, final, last
        Of a step. ``fresh``: sums begin at zero, not at what the tile before has left. ``final``:
        sums leave, and are not kept. Both are the same throughout a tile. ``last``: the step ends
        its tile.
    """
    return data.StructLayout(_acts(spec) | (_STEP if moves else {}))


def weight_layout(spec: Geometry, *, moves: bool) -> data.StructLayout:
    """Return the layout of a beat of weights: of a step if these move, else of a held row.

    Members
    -------
    w
        Of a step: ``c`` columns of ``rows * lanes`` weights. Of a held row: ``cols * c`` columns of
        ``lanes`` weights.
    index
        Of each weight its place in its block, if weights are density bound.
    fresh, final, last
        Of a step: see `act_layout`.
    """
    return data.StructLayout(_weights(spec) | (_STEP if moves else {}))


def sums_layout(spec: Geometry) -> data.StructLayout:
    """Return the layout of an output beat, the sums of a step.

    Members
    -------
    sums
        Weight stationary: ``a`` rows of ``cols * c`` sums. Input stationary: ``cols * a`` rows of
        ``c`` sums. Each has ``acc_width`` bits.
    last
        Whether the step was its tile's last.
    """
    return data.StructLayout({"sums": spec.cols * spec.a * spec.c * spec.acc_width, "last": 1})


def result_layout(spec: Geometry) -> data.StructLayout:
    """Return the layout of a beat as it leaves, as the dataflow has it, or in another format.

    Members
    -------
    sums
        As many as the dataflow has, in the same order, each of ``sum_width`` bits.
    scale
        Of blocks of them, if they have any.
    last
        As the dataflow has it.
    """
    fields: dict[str, object] = {"sums": spec.sums_of_beat * spec.sum_width}
    if spec.scales:
        fields["scale"] = spec.scales * 8
    return data.StructLayout(fields | {"last": 1})


def _acts(spec: Geometry) -> dict[str, object]:
    return {"a": max(spec.act_lanes(mode) * mode.act_bits for mode in spec.mac.modes)}


def _weights(spec: Geometry) -> dict[str, object]:
    fields: dict[str, object] = {
        "w": max(spec.weight_lanes(mode) * mode.weight_bits for mode in spec.mac.modes)
    }
    if spec.zeros.index_bits:
        fields["index"] = _indices(spec) * spec.zeros.index_bits
    return fields


def _indices(spec: Geometry) -> int:
    return spec.weight_pes * spec.c * spec.zeros.weight_words


def typed_operands(spec: Geometry, struct: data.StructLayout, mode: Mode) -> Layout:
    """Return what a beat of operands holds in a mode."""
    mac = spec.mac
    return _typed(struct, {
        "a": (mode.act_bits, spec.act_lanes(mode), mac.act_signed),
        "w": (mode.weight_bits, spec.weight_lanes(mode), mac.weight_signed),
        "index": (spec.zeros.index_bits, _indices(spec), False),
    })  # fmt: skip


def typed_sums(spec: Geometry, struct: data.StructLayout) -> Layout:
    """Return what a beat of sums holds."""
    sums = spec.sum_width, spec.sums_of_beat, spec.mac.result_signed
    return _typed(struct, {"sums": sums, "scale": (8, spec.scales, False)})


def _typed(struct: data.StructLayout, lanes: Mapping[str, tuple[int, int, bool]]) -> Layout:
    """Return what a structure holds: of some fields the bits, number and sign of their values."""
    roles = {"last": LAST, "mode": POINT}
    fields = []
    for name, (_, part) in zip(struct.members, struct, strict=True):
        bits, count, signed = lanes.get(name, (part.width, 1, False))
        role = roles.get(name, "")
        fields.append(Field(name, part.offset, bits, count, signed, role=role))
    return Layout(struct.size, tuple(fields))
