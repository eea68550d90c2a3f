"""What a systolic engine is: an array, its memories, its requantisers, and the words it moves."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from macsmith.array.design_variants import engine_variants
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.array.spec import JOINT, SPARSITIES, SystolicSpec
from macsmith.array.stream_layouts import step_layout
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
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


@dataclass(frozen=True, kw_only=True)
class EngineSpec(SystolicSpec):
    """A systolic array with memories, a controller of whole matrix products, and requantisers.

    ``C = A @ W`` with ``A`` of M x K and ``W`` of K x N runs in tiles of ``tile_rows x tile_cols``.

    Parameters
    ----------
    act_depth, weight_depth:
        Words of the memories of activations and of weights, 4 to 65536; a word is what the array
        takes in a step.
    channel_depth:
        Output channels whose bias, multiplier and shift are kept, 4 to 65536.
    out_lanes:
        Requantisers, 1 to ``rows * a``: results a cycle, all of one column of C.
    out_width, out_signed:
        Of a requantised result. An unsigned one is a rectified one (ReLU): it saturates at zero.

    All others are those of `SystolicSpec`, whose dataflow must be ``output``.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    act_depth: int = 1024
    weight_depth: int = 1024
    channel_depth: int = 256
    out_lanes: int = 4
    out_width: int = 8
    out_signed: bool = False

    summary = "systolic array with memories, controller, requantisers, AXI4-Stream and AXI4-Lite"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("dataflow", self.dataflow, ("output",))
        check_choice("sparsity", self.sparsity, tuple(one for one in SPARSITIES if one != JOINT))
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
    def tile_rows(self) -> int:
        """Rows of C that a tile has."""
        return self.rows * self.a

    @property
    def tile_cols(self) -> int:
        """Columns of C that a tile has."""
        return self.cols * self.c

    def step_length(self, mode: int = 0) -> int:
        """Return the elements of K that a step takes, in the mode of that index."""
        return self.b * self.mac_spec.element_acts(self.modes[mode])

    @property
    def max_passes(self) -> int:
        """Most passes of a block of weights: as many as multiply a dense one."""
        return -(-self.block // self.nonzeros) if self.sparsity == "dbb" else 1

    # Words of the streams, each in whole bytes.

    @property
    def act_bits(self) -> int:
        """Bits of a word of activations."""
        return int(step_layout(self)["a"].width)

    @property
    def weight_bits(self) -> int:
        """Bits of the weights in a word; indices, if there are any, lie above."""
        return int(step_layout(self)["w"].width)

    @property
    def weight_word_bits(self) -> int:
        """Bits of a word of weights, indices included."""
        return self.weight_bits + self.cols * self.c * self.lanes * self.index_bits

    @property
    def bias_bytes(self) -> int:
        """Bytes of a bias; multiplier and shift follow, two bytes each."""
        return whole_bytes(self.acc_width)

    @property
    def channel_bits(self) -> int:
        """Bits of the word of an output channel."""
        return 8 * self.bias_bytes + 32

    def result_bytes(self, raw: bool) -> int:
        """Return the bytes of one result, an accumulator or a requantised one."""
        return whole_bytes(self.acc_width if raw else self.out_width)

    @property
    def result_bits(self) -> int:
        """Bits of a beat of results."""
        return 8 * self.out_lanes * max(self.result_bytes(True), self.result_bytes(False))

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the words of the operands' AXI4-Streams."""
        pitch, ones = point.act_bits, self.act_lanes(point)
        act = Field("act", 0, pitch, ones, self.act_signed)
        weight = Field("weight", 0, point.weight_bits, self.weight_lanes(point), self.weight_signed)
        index = Field("index", self.weight_bits, self.index_bits, self.cols * self.c * self.lanes)
        weights = (weight, index) if self.index_bits else (weight,)
        base = 8 * self.bias_bytes
        channel = (
            Field("bias", 0, self.acc_width, signed=True),
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

    # Jobs.

    def schedule(
        self, m: int, k: int, n: int, *, passes: int = 1, mode: int = 0, raw: bool = False,
        keep: bool = False,
    ) -> Schedule:  # fmt: skip
        """Return how the engine runs a job, what it must be sent, and how long it takes.

        Parameters
        ----------
        m, k, n:
            Sizes of the product.
        passes:
            Words of weights a step, more than one only if density bound.
        mode:
            Index of the precision in ``modes``.
        raw:
            Whether accumulators come out as they are.
        keep:
            Whether weights and channels stay for the next job.

        Raises
        ------
        UserError
            If a size breaks its rule, or what is to be kept does not fit.
        """
        for name, value in (("m", m), ("k", k), ("n", n)):
            if not 1 <= operator.index(value) <= MAX_SIZE:
                raise UserError(f"{name} must be from 1 to {MAX_SIZE}, not {value}")
        check_int("passes", passes, range(1, self.max_passes + 1))
        check_int("mode", mode, range(len(self.modes)))
        job = Schedule(spec=self, m=m, k=k, n=n, passes=passes, mode=mode, raw=raw, keep=keep)
        if keep and not job.hold_weights:
            raise UserError(
                f"weight_depth must be at least {job.weight_matrix} to keep the weights, "
                f"not {self.weight_depth}"
            )
        if keep and not raw and not job.hold_channels:
            raise UserError(
                f"channel_depth must be at least {n} to keep the channels, not {self.channel_depth}"
            )
        return job
