"""What a systolic tensor array is: tensor PEs, the MACs in them, sparsity, and layouts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from macsmith.array.dataflow import MOVEMENTS, Movement
from macsmith.array.design_variants import array_variants
from macsmith.contract.bit_routes import Source, repeated
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.stream import Layout
from macsmith.contract.unit import UnitSpec, Variants
from macsmith.mac.core import MacCore, ParallelCore
from macsmith.mac.ebsp.spec import LUTS, WEIGHT_WIDTHS
from macsmith.mac.spec import MAX_LENGTH, MacSpec, precision_facts
from macsmith.mac.styles import STYLES, Style

MACS = tuple(name for name, style in STYLES.items() if issubclass(style.core, ParallelCore))
"""Styles of the MACs in a PE: those that take a product a cycle."""

JOINT = "joint-dbb"
"""The sparsity in which activations are density bound too."""

SPARSITIES = ("dense", "zero-gated", "dbb", JOINT)
"""What zeros save: nothing, switching, multipliers, or multipliers and cycles."""

BLOCKS = (4, 8, 16)
"""Weights of a density-bound block."""

DEPTHS = range(2, 4097)
"""Steps whose sums an array can keep while it is not output stationary."""

MAX_SIDE = 16
"""Most activation rows or weight columns of a tensor PE."""

MAX_GRID = 256
"""Most PEs along a side of the grid."""

ACC_WIDTHS = range(8, 65)
"""Widths of an accumulator, in bits."""


@dataclass(frozen=True, kw_only=True)
class SystolicSpec(UnitSpec):
    """A systolic array of ``rows x cols`` tensor PEs.

    A PE multiplies an ``a x b`` block of activations by a ``b x c`` block of weights each cycle:
    ``a c`` dot products of ``b`` elements, each with an accumulator. What moves goes from PE to
    PE. Output stationary: activations to the right and weights down, sums stay. Weight stationary:
    activations to the right and sums down, weights stay. Input stationary: weights to the right
    and sums down, activations stay. ``1 x 1 x 1`` is the classic systolic array.

    Kung and Leiserson (1979); Liu, Whatmough and Mattina (IEEE CAL 2020).

    Parameters
    ----------
    act_width, weight_width, act_signed, weight_signed:
        Of the operands, as in `macsmith.mac.spec.MacSpec`.
    acc_width:
        Bits of an accumulator, 8 to 64; accumulators wrap.
    a, b, c:
        Of the tensor PE: rows of activations, length of a dot product, columns of weights.
    rows, cols:
        PEs of the grid.
    sparsity:
        ``dense``, ``zero-gated``: a zero operand stops registers and multipliers, or ``dbb``: of
        each block of weights at most ``nonzeros`` are multiplied, or ``joint-dbb``: also of each
        block of activations only the largest, one a cycle; output stationary alone.
    block, nonzeros:
        Density bound: weights of a block, and how many of them are stored; 2:4 is
        ``block=4, nonzeros=2``.
    act_nonzeros:
        Of joint density bounds: activations of a block that are kept, 1 to ``block``, and so the
        cycles of a step. Software asks for so many; the hardware takes any number.
    dataflow:
        What stays in the PEs while a tile is computed: ``output``, ``weight`` or ``input``.
    depth:
        Steps of a tile whose sums are kept until the next tile adds to them, 2 to 4096; unused if
        output stationary.
    mac:
        Style of the MACs, one of `MACS` that has a single accumulator in all modes.
    pattern, lut:
        Of ``mac=ebsp``, as in `macsmith.mac.ebsp.spec.EbspSpec`; else unused. Weights come in two's
        complement and are steered at the edge of the grid, so that PEs hold codes. The columns of
        a PE share a bank where they multiply the same activations, dense or joint density bound.
    modes:
        Precisions, as in `macsmith.mac.spec.MacSpec`; () takes the full one alone. Only an
        output-stationary array may have several.
    adder, arith, compressor, stages, clock_gating:
        Of the MACs, as in `macsmith.mac.spec.MacSpec`.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    act_width: int = 8
    weight_width: int = 8
    act_signed: bool = False
    weight_signed: bool = True
    acc_width: int = 32
    a: int = 1
    b: int = 1
    c: int = 1
    rows: int = 8
    cols: int = 8
    sparsity: str = "dense"
    block: int = 8
    nonzeros: int = 4
    act_nonzeros: int = 4
    dataflow: str = "output"
    depth: int = 256
    mac: str = "data-gated"
    pattern: int = 3
    lut: str = "digits-4"
    modes: tuple[Mode, ...] = ()
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"
    stages: int = 1
    clock_gating: str = "enable"

    operation = "MAC"
    summary = "grid of tensor PEs that holds sums or an operand; dense, gated or density-bound"

    def __post_init__(self) -> None:
        # What the MACs have is checked by their own specification.
        check_int("acc_width", self.acc_width, ACC_WIDTHS)
        for name in ("a", "c"):
            check_int(name, getattr(self, name), range(1, MAX_SIDE + 1))
        check_int("b", self.b, range(1, MAX_LENGTH + 1))
        for name in ("rows", "cols"):
            check_int(name, getattr(self, name), range(1, MAX_GRID + 1))
        check_int("depth", self.depth, DEPTHS)
        choices = {"sparsity": SPARSITIES, "dataflow": MOVEMENTS, "mac": MACS}
        for name, allowed in choices.items():
            check_choice(name, getattr(self, name), allowed)
        if not self.modes:
            full = Mode(act_bits=self.act_width, weight_bits=self.weight_width)
            object.__setattr__(self, "modes", (full,))
        self._check_sparsity()
        self._check_mac()

    def _check_sparsity(self) -> None:
        check_int("block", self.block, BLOCKS)
        for name in ("nonzeros", "act_nonzeros"):
            check_int(name, getattr(self, name), range(1, self.block + 1))
        if not self.bound:
            return
        if self.b % self.block:
            nearest_b = -(-self.b // self.block) * self.block
            raise UserError(
                f"b must be a multiple of block = {self.block} for density-bound blocks, "
                f"not {self.b}; the nearest is {nearest_b}"
            )
        if self.joint and self.dataflow != "output":
            raise UserError(
                f"dataflow must be 'output' for sparsity = {JOINT!r}, whose activations come one "
                f"after the other, not {self.dataflow!r}"
            )
        if self.joint and len(self.modes) > 1:
            raise UserError(
                f"modes must be one alone for sparsity = {JOINT!r}, "
                f"not {', '.join(map(str, self.modes))}"
            )

    def _check_mac(self) -> None:
        # A style that has patterns knows closer rules for them, and says so first.
        mac = self.mac_spec
        check_int("pattern", self.pattern, range(1, WEIGHT_WIDTHS[-1]))
        check_choice("lut", self.lut, LUTS)
        if self.dataflow != "output" and len(self.modes) > 1:
            raise UserError(
                f"modes must be one alone for dataflow = {self.dataflow!r}, where tiles follow one "
                f"another within the grid, not {', '.join(map(str, self.modes))}"
            )
        for mode in self.modes:
            if mac.element_slots(mode) > 1:
                raise UserError(
                    f"mac must be a style with one accumulator in {mode}, such as data-gated, "
                    f"subword-st, dnc-1d-st or dnc-2d-st, not {self.mac!r}"
                )
            if self.bound and mac.element_products(mode) > 1:
                raise UserError(
                    "modes must multiply one pair an element for density-bound blocks, not "
                    f"{mode} of {self.mac}"
                )

    # The MACs in a PE.

    @property
    def style(self) -> Style:
        """The style of the MACs."""
        return STYLES[self.mac]

    @property
    def joint(self) -> bool:
        """Whether activations are density bound as well as weights, and come one after another."""
        return self.sparsity == JOINT

    @property
    def bound(self) -> bool:
        """Whether weights are density bound."""
        return self.sparsity == "dbb" or self.joint

    @property
    def lanes(self) -> int:
        """Multipliers of a dot product."""
        return self.b // self.block if self.joint else self.weight_words

    @property
    def act_words(self) -> int:
        """Activations of a dot product that are in a PE at a time."""
        return self.lanes if self.joint else self.b

    @property
    def weight_words(self) -> int:
        """Weights of a dot product that are in a PE at a time."""
        return self.b // self.block * self.nonzeros if self.bound else self.b

    @cached_property
    def mac_spec(self) -> MacSpec:
        """The specification of one dot product."""
        shared = (
            "act_width", "weight_width", "act_signed", "weight_signed", "modes", "adder", "arith",
            "compressor", "stages", "clock_gating", "pattern", "lut",
        )  # fmt: skip
        known = self.style.spec.parameter_names()
        parameters = {name: getattr(self, name) for name in shared if name in known}
        parameters["length"] = self.lanes
        # A style's accumulator is as wide as its product and the headroom.
        bare = self.style.spec(**parameters, headroom=0)
        headroom = self.acc_width - bare.acc_width
        if headroom < 0:
            raise UserError(
                f"acc_width must be at least {bare.acc_width} for sums of {self.lanes} products, "
                f"not {self.acc_width}"
            )
        return self.style.spec(**parameters, headroom=headroom)

    @property
    def shares_acts(self) -> bool:
        """Whether the dot products in a row of a PE multiply the same activations."""
        return self.c > 1 and self.sparsity in ("dense", JOINT)

    @property
    def act_field_bits(self) -> int:
        """Bits of an activation of the MACs, as it is routed from the stream."""
        return len(self.mac_spec.element_act_source(self.modes[0]))

    @property
    def weight_field_bits(self) -> int:
        """Bits of a weight of the MACs, as it is routed from the stream."""
        return len(self.mac_spec.element_weight_source(self.modes[0]))

    def core(self) -> MacCore:
        """Return the core of one dot product."""
        build = self.style.dot if self.dataflow == "output" else self.style.chained
        return build(self.mac_spec, shared=self.shares_acts)

    # Where operands come in and sums leave, and when.

    @cached_property
    def movement(self) -> Movement:
        """What follows from the dataflow: tiles, cycles and words moved."""
        return MOVEMENTS[self.dataflow](self)

    @property
    def act_pes(self) -> int:
        """PEs along the side of the grid at which activations come in."""
        return self.cols if self.dataflow == "input" else self.rows

    @property
    def weight_pes(self) -> int:
        """PEs along the side at which weights come in."""
        return self.rows if self.dataflow == "input" else self.cols

    @property
    def sum_pes(self) -> int:
        """PEs along the side at which sums leave."""
        return self.rows if self.dataflow == "output" else self.cols

    # What a beat of the unit's streams holds: the operands of a step, in natural order.

    def act_lanes(self, mode: Mode) -> int:
        """Return the activations of a beat."""
        return self.act_pes * self.a * self.b * self.mac_spec.element_acts(mode)

    def weight_lanes(self, mode: Mode) -> int:
        """Return the weights of a beat."""
        return self.weight_pes * self.c * self.weight_words * self.mac_spec.element_weights(mode)

    def products(self, mode: Mode) -> int:
        """Return the products of a beat; of density-bound blocks those of the dense matrix."""
        pairs = self.rows * self.a * self.b * self.c * self.cols
        return pairs * self.mac_spec.element_products(mode)

    def cycles(self, mode: Mode) -> int:
        """Return the clock cycles of a beat: one, or one for each activation kept of a block."""
        return self.act_nonzeros if self.joint else 1

    def slots(self, mode: Mode) -> int:
        """Return the accumulators."""
        return self.rows * self.cols * self.a * self.c

    def acc_bits(self, mode: Mode) -> int:
        """Return the bits of one accumulator in a mode."""
        return self.mac_spec.acc_bits(mode)

    @property
    def tile_interval(self) -> int:
        """Fewest cycles from a tile to the next: see `movement`."""
        return self.movement.tile_interval

    # What tools ask of a unit.

    @property
    def points(self) -> tuple[Mode, ...]:
        return self.modes

    def operations(self, point: Mode) -> int:
        return self.products(point)

    def macs_per_cycle(self, mode: Mode) -> float:
        """Return the products per clock in steady state."""
        return self.operations_per_cycle(mode)

    def latency(self, point: Mode) -> int:
        """Return the cycles from an input beat's transfer to its first output beat."""
        return self.movement.latency

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the streams of operands: see `macsmith.array.stream_layouts`."""
        from macsmith.array.stream_layouts import input_streams

        return input_streams(self, point)

    def outputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the stream of sums: see `macsmith.array.stream_layouts`."""
        from macsmith.array.stream_layouts import output_streams

        return output_streams(self, point)

    def facts(self, point: Mode) -> Mapping[str, Any]:
        return precision_facts(self, point)

    @classmethod
    def variants(cls) -> Variants:
        return array_variants()

    def parameters(self) -> dict[str, Any]:
        return super().parameters() | {"modes": [str(mode) for mode in self.modes]}

    @classmethod
    def of_parameters(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{**values, "modes": tuple(map(Mode.parse, values.get("modes", ())))})

    @property
    def control_sets(self) -> dict[str, tuple[frozenset[Mode], ...]]:
        """The modes in which each control line of a core is up, by port; none of a single mode."""
        mac = self.mac_spec
        sets = {
            "control": mac.control_sets,
            "product_en": tuple(group.modes for group in mac.product_groups),
            "acc_control": mac.acc_control_sets,
            "acc_en": tuple(group.modes for group in mac.acc_groups),
        }
        return {port: modes for port, modes in sets.items() if modes and len(self.modes) > 1}

    @property
    def index_bits(self) -> int:
        """Bits that say where a weight lies in its block."""
        return (self.block - 1).bit_length() if self.bound else 0

    def at(self, boundary: str) -> "SystolicSpec":
        """Return the array of what lies within a boundary: a PE alone is one of 1 x 1."""
        return replace(self, rows=1, cols=1) if boundary == "pe" else self

    # Where the bits of a beat, and those of a column of sums, come from.

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each activation bit of the MACs that a beat enters, its bit of the field.

        Of joint density bounds those of a cycle, after the field has been serialised.
        """
        pitch = self.mac_spec.element_acts(mode) * mode.act_bits
        count = self.act_pes * self.a * self.act_words
        return repeated(self.mac_spec.element_act_source(mode), count, pitch)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each weight bit of the MACs that a beat enters, its bit of the field."""
        pitch = self.mac_spec.element_weights(mode) * mode.weight_bits
        count = self.weight_pes * self.c * self.weight_words
        return repeated(self.mac_spec.element_weight_source(mode), count, pitch)

    def sum_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of a beat's sums, its bit of the accumulators."""
        places = self.mac_spec.slot_source(mode)
        filler = places[-1] if self.mac_spec.result_signed else None
        one = (*places, *[filler] * (self.acc_width - len(places)))
        return repeated(one, self.sum_pes * self.a * self.c, self.acc_width)
