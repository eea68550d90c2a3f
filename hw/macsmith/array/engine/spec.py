"""What a systolic engine is: an array, its memories, its requantisers, and the words it moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.array.design_variants import MUTATED_ENGINES, engine_variants, kinds_of
from macsmith.array.sparsity import KINDS
from macsmith.array.spec import SystolicSpec
from macsmith.array.stream_layouts import step_layout
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.nested_spec import NestedSpec, nested
from macsmith.contract.stream import Field, Layout
from macsmith.contract.unit import Variants

DEPTHS = range(4, 65537)
"""Words of a memory."""

OUT_WIDTHS = range(2, 17)
"""Widths of a requantised result, in bits."""

SIZE_BITS = 24
"""Bits of M, K and N."""

MAX_SIZE = (1 << SIZE_BITS) - 1
"""Greatest M, K and N."""

MULT_BITS, SHIFT_BITS = 16, 6
"""Bits of a channel's multiplier and shift."""

MAX_SHIFT = 47
"""Greatest shift of a channel."""


def whole_bytes(bits: int) -> int:
    """Return the bytes that hold some bits."""
    return -(-bits // 8)


@dataclass(frozen=True, kw_only=True, init=False)
class EngineSpec(NestedSpec):
    """A systolic array with memories, a controller of whole matrix products, and requantisers.

    ``C = A @ W`` with ``A`` of M x K and ``W`` of K x N runs in tiles of ``tile_rows x tile_cols``.

    Parameters
    ----------
    array:
        The array, output stationary, its activations not density bound. All names of its parameters
        are the engine's, too: ``rows`` is ``array.rows``, ``lut`` is ``array.mac.lut``.
    act_depth, weight_depth:
        Words of the memories of activations and of weights, 4 to 65536; a word is what the array
        takes in a step.
    channel_depth:
        Output channels whose bias, multiplier and shift are kept, 4 to 65536.
    out_lanes:
        Requantisers, 1 to ``rows * a``: results a cycle, all of one column of C.
    out_width, out_signed:
        Of a requantised result. An unsigned one is a rectified one (ReLU): it saturates at zero.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    array: SystolicSpec = nested(  # noqa: RUF009
        "systolic", {"systolic": SystolicSpec}, flat=tuple(SystolicSpec.parameter_types())
    )
    act_depth: int = 1024
    weight_depth: int = 1024
    channel_depth: int = 256
    out_lanes: int = 4
    out_width: int = 8
    out_signed: bool = False

    operation = "MAC"
    summary = "systolic array with memories, control, requantisers; AXI4-Stream and AXI4-Lite"

    def __post_init__(self) -> None:
        check_choice("dataflow", self.array.dataflow, ("output",))
        if self.array.mac.arithmetic != "integer":
            raise UserError(
                f"mac must be of integers in an engine, whose requantisers scale whole numbers, "
                f"not {self.array.mac_name!r}"
            )
        parallel = [name for name, kind in KINDS.items() if not kind.serial_acts]
        check_choice("sparsity", self.array.sparsity, parallel)
        for name in ("act_depth", "weight_depth", "channel_depth"):
            check_int(name, getattr(self, name), DEPTHS)
        check_int("out_width", self.out_width, OUT_WIDTHS)
        lanes = check_int("out_lanes", self.out_lanes, range(1, 4097))
        if lanes > self.tile_rows:
            raise UserError(
                f"out_lanes must be at most rows * a = {self.tile_rows}, the results of a column, "
                f"not {lanes}; the nearest is {self.tile_rows}"
            )

    @property
    def multipliers(self) -> int:
        """Multipliers of all PEs."""
        return self.array.multipliers

    @property
    def tile_rows(self) -> int:
        """Rows of C that a tile has."""
        return self.array.rows * self.array.a

    @property
    def tile_cols(self) -> int:
        """Columns of C that a tile has."""
        return self.array.cols * self.array.c

    def step_length(self, mode: int = 0) -> int:
        """Return the elements of K that a step takes, in the mode of that index."""
        mac = self.array.mac
        return self.array.b * mac.element_acts(mac.modes[mode])

    @property
    def max_passes(self) -> int:
        """Most passes of a block of weights: as many as multiply a dense one."""
        return self.array.zeros.passes

    # What tools ask of a unit: an engine works as fast as its array.

    @property
    def points(self) -> tuple[Mode, ...]:
        return self.array.points

    def operations(self, point: Mode) -> int:
        return self.array.operations(point)

    def cycles(self, point: Mode) -> int:
        return self.array.cycles(point)

    def latency(self, point: Mode) -> int:
        return self.array.latency(point)

    def facts(self, point: Mode) -> Mapping[str, Any]:
        return self.array.facts(point)

    # Words of the streams, each in whole bytes.

    @property
    def act_bits(self) -> int:
        """Bits of a word of activations."""
        return int(step_layout(self.array)["a"].width)

    @property
    def weight_bits(self) -> int:
        """Bits of the weights in a word; indices, if there are any, lie above."""
        return int(step_layout(self.array)["w"].width)

    @property
    def weight_word_bits(self) -> int:
        """Bits of a word of weights, indices included."""
        return self.weight_bits + self.tile_cols * self.array.lanes * self.array.zeros.index_bits

    @property
    def bias_bytes(self) -> int:
        """Bytes of a bias; multiplier and shift follow, two bytes each."""
        return whole_bytes(self.array.acc_width)

    @property
    def channel_bits(self) -> int:
        """Bits of the word of an output channel."""
        return 8 * self.bias_bytes + 32

    def result_bytes(self, raw: bool) -> int:
        """Return the bytes of one result, an accumulator or a requantised one."""
        return whole_bytes(self.array.acc_width if raw else self.out_width)

    @property
    def result_bits(self) -> int:
        """Bits of a beat of results."""
        return 8 * self.out_lanes * max(self.result_bytes(True), self.result_bytes(False))

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the words of the operands' AXI4-Streams."""
        array, mac, index_bits = self.array, self.array.mac, self.array.zeros.index_bits
        act = Field("act", 0, point.act_bits, array.act_lanes(point), mac.act_signed)
        weight = Field(
            "weight", 0, point.weight_bits, array.weight_lanes(point), mac.weight_signed
        )  # fmt: skip
        index = Field("index", self.weight_bits, index_bits, self.tile_cols * array.lanes)
        weights = (weight, index) if index_bits else (weight,)
        base = 8 * self.bias_bytes
        channel = (
            Field("bias", 0, array.acc_width, signed=True),
            Field("mult", base, MULT_BITS),
            Field("shift", base + 16, SHIFT_BITS),
        )
        return {
            "s_axis_act": Layout(8 * whole_bytes(self.act_bits), (act,)),
            "s_axis_weight": Layout(8 * whole_bytes(self.weight_word_bits), weights),
            "s_axis_channel": Layout(self.channel_bits, channel),
        }

    def outputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the beats of results, requantised ones."""
        pitch = 8 * self.result_bytes(False)
        result = Field("result", 0, pitch, self.out_lanes, self.out_signed)
        return {"m_axis_result": Layout(self.result_bits, (result,))}

    @classmethod
    def variants(cls) -> Variants:
        return engine_variants()

    @classmethod
    def mutated(cls) -> Variants:
        return kinds_of(engine_variants(), MUTATED_ENGINES)
