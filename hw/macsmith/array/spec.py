"""What a systolic tensor array is: tensor PEs, the MACs in them, sparsity, and layouts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from amaranth.lib import data

from macsmith.array.array_mac import ArrayCore, ArrayMac
from macsmith.array.dataflow import MOVEMENTS
from macsmith.array.design_variants import MUTATED_ARRAYS, array_variants, kinds_of
from macsmith.array.dot_product import USUAL_ACC_WIDTH, dot_product, macs_of
from macsmith.array.movement import Movement
from macsmith.array.sparsity import KINDS, Sparsity
from macsmith.array.stream_layouts import result_layout, typed_operands, typed_sums
from macsmith.contract.bit_routes import Source, repeated
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.nested_spec import NestedSpec
from macsmith.contract.stream import Layout
from macsmith.contract.unit import ALWAYS, LATER, Variants
from macsmith.fp.convert.spec import OVERFLOWS, SCALE_RULES, FpConvertSpec
from macsmith.mac.parameters import MAX_LENGTH
from macsmith.mac.spec import precision_facts

BLOCKS = (4, 8, 16)
"""Weights of a density-bound block."""

DEPTHS = range(2, 4097)
"""Steps whose sums an array can keep while it is not output stationary."""

MAX_SIDE = 16
"""Most activation rows or weight columns of a tensor PE."""

MAX_GRID = 256
"""Most PEs along a side of the grid."""

CONVERTED = 64
"""Most sums of a beat that one converter brings to another format."""

ACC_WIDTHS = range(8, 65)
"""Widths of an accumulator, in bits."""


@dataclass(frozen=True, kw_only=True, init=False)
class SystolicSpec(NestedSpec):
    """A systolic array of ``rows x cols`` tensor PEs.

    A PE multiplies an ``a x b`` block of activations by a ``b x c`` block of weights each cycle:
    ``a c`` dot products of ``b`` elements, each with an accumulator. What moves goes from PE to
    PE. Output stationary: activations to the right and weights down, sums stay. Weight stationary:
    activations to the right and sums down, weights stay. Input stationary: weights to the right
    and sums down, activations stay. ``1 x 1 x 1`` is the classic systolic array.

    Kung and Leiserson (1979); Liu, Whatmough and Mattina (IEEE CAL 2020).

    Parameters
    ----------
    acc_width:
        Bits of an accumulator, 8 to 64; accumulators wrap. Of ``fp-dot`` those of ``mac.acc``,
        unless that is ``raw``.
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
        One dot product, a specification or one of `MACS` by name, with a single accumulator in all
        modes. Its parameters can be set as ``mac.levels``; most of them without the prefix, too.
        The array decides on its length, rows and headroom. By name it has 8 bits, its full
        precision alone and one stage, if nothing else is said; only an output-stationary array may
        have several modes. Weights of ``ebsp`` come in two's complement and are steered at the edge
        of the grid, so that PEs hold codes. The columns of a PE share a bank where they multiply
        the same activations, dense or joint density bound. ``fp-dot`` adds floating-point numbers:
        see `FloatMacSpec` for the order and the rounding of its sums.

    result:
        Format, or format of blocks, in which sums of ``fp-dot`` leave, rounded as ``mac.rounding``
        says; empty is the accumulator's. Blocks lie along the sums of a beat.
    overflow, scale_rule:
        Of that, as those of `macsmith.fp.convert.spec.FpConvertSpec`.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    acc_width: int = USUAL_ACC_WIDTH
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
    mac: ArrayMac = dot_product()  # noqa: RUF009
    result: str = field(default="", metadata=LATER)
    overflow: str = field(default="special", metadata=LATER)
    scale_rule: str = field(default="floor", metadata=LATER)

    operation = "MAC"
    summary = "grid of tensor PEs that holds sums or an operand; dense, gated or density-bound"

    def __post_init__(self) -> None:
        for name in ("a", "c"):
            check_int(name, getattr(self, name), range(1, MAX_SIDE + 1))
        check_int("b", self.b, range(1, MAX_LENGTH + 1))
        for name in ("rows", "cols"):
            check_int(name, getattr(self, name), range(1, MAX_GRID + 1))
        check_int("depth", self.depth, DEPTHS)
        check_choice("sparsity", self.sparsity, KINDS)
        check_choice("dataflow", self.dataflow, MOVEMENTS)
        self._check_sparsity()
        lanes = self.zeros.lanes
        macs = macs_of(self.mac)
        width = macs.accumulator(self.mac, lanes, self.acc_width, ACC_WIDTHS)
        object.__setattr__(self, "acc_width", width)
        object.__setattr__(self, "mac", macs.fitted(self.mac, lanes, width))
        self._check_mac()
        self._check_result()

    def _check_sparsity(self) -> None:
        check_int("block", self.block, BLOCKS)
        for name in ("nonzeros", "act_nonzeros"):
            check_int(name, getattr(self, name), range(1, self.block + 1))
        self.zeros.check()
        if not self.zeros.serial_acts:
            return
        if not self.movement.takes_serial_acts:
            raise UserError(
                f"dataflow must be 'output' for sparsity = {self.sparsity!r}, whose activations "
                f"come one after the other, not {self.dataflow!r}"
            )
        if len(self.mac.modes) > 1:
            raise UserError(
                f"modes must be one alone for sparsity = {self.sparsity!r}, "
                f"not {', '.join(map(str, self.mac.modes))}"
            )

    def _check_mac(self) -> None:
        mac, name = self.mac, self.mac_name
        macs_of(mac).check(mac)
        if mac.marks_pauses and self.sparsity != "dense":
            raise UserError(
                f"sparsity must be dense for mac = {name}, where zero times infinity is no zero, "
                f"not {self.sparsity!r}"
            )
        if not self.movement.mixes_modes and len(mac.modes) > 1:
            raise UserError(
                f"modes must be one alone for dataflow = {self.dataflow!r}, where tiles follow one "
                f"another within the grid, not {', '.join(map(str, mac.modes))}"
            )
        for mode in mac.modes:
            if mac.element_slots(mode) > 1:
                raise UserError(
                    f"mac must be a style with one accumulator in {mode}, such as data-gated, "
                    f"subword-st, dnc-1d-st or dnc-2d-st, not {name!r}"
                )
            if self.zeros.stores_blocks and mac.element_products(mode) > 1:
                raise UserError(
                    "modes must multiply one pair an element for density-bound blocks, not "
                    f"{mode} of {name}"
                )

    def _check_result(self) -> None:
        """Refuse formats that sums cannot leave in."""
        check_choice("overflow", self.overflow, OVERFLOWS)
        check_choice("scale_rule", self.scale_rule, SCALE_RULES)
        if not self.result:
            return
        if macs_of(self.mac).result(self.mac) is None:
            raise UserError(
                f"result must be empty unless sums are of a floating-point format, as those of "
                f"mac = fp-dot with mac.acc = fp32 are, not {self.result!r}"
            )
        assert self.converter is not None
        scale, line = self.converter.to.scale, self.movement.sum_line
        if scale is not None and line % scale.block:
            raise UserError(
                f"result must be a format whose blocks fill the {line} sums of a beat that lie in "
                f"one row or column of C, not {self.result}, with blocks of {scale.block}"
            )

    # What leaves.

    @cached_property
    def converter(self) -> FpConvertSpec | None:
        """What brings the sums of a beat, or equally many of them, to the result's format."""
        source = macs_of(self.mac).result(self.mac)
        if not self.result or source is None:
            return None
        one = FpConvertSpec(
            source=source, target=self.result, lanes=CONVERTED, rounding=self.mac.rounding,
            overflow=self.overflow, scale_rule=self.scale_rule,
        )  # fmt: skip
        block = one.to.scale.block if one.to.scale is not None else 1
        lanes = [
            lanes for lanes in range(block, CONVERTED + 1, block) if not self.sums_of_beat % lanes
        ]
        return replace(one, lanes=max(lanes, default=block))

    @property
    def sums_of_beat(self) -> int:
        """Sums of an output beat."""
        return self.movement.sum_pes * self.a * self.c

    @property
    def converters(self) -> int:
        """Converters that share the sums of a beat; 0 if these leave as they are."""
        return self.sums_of_beat // self.converter.lanes if self.converter else 0

    @property
    def scales(self) -> int:
        """Scales of blocks in a beat of results."""
        scale = self.converter.to.scale if self.converter else None
        return self.sums_of_beat // scale.block if scale else 0

    @property
    def result_latency(self) -> int:
        """Cycles that sums take to their result's format."""
        return self.converter.latency(ALWAYS[0]) if self.converter else 0

    @property
    def sum_width(self) -> int:
        """Bits of a sum as it leaves."""
        return self.converter.to.width if self.converter else self.acc_width

    @property
    def result_struct(self) -> data.StructLayout:
        """Layout of an output beat; see `macsmith.array.stream_layouts.result_layout`."""
        return result_layout(self)

    # The MACs in a PE.

    @property
    def mac_name(self) -> str:
        """What users call the MACs, the unit that does the same behind streams."""
        return macs_of(self.mac).name(self.mac)

    @property
    def shares_acts(self) -> bool:
        """Whether the dot products in a row of a PE multiply the same activations."""
        return self.c > 1 and self.zeros.meets_all

    @property
    def act_field_bits(self) -> int:
        """Bits of an activation of the MACs, as it is routed from the stream."""
        return len(self.mac.element_act_source(self.mac.modes[0]))

    @property
    def weight_field_bits(self) -> int:
        """Bits of a weight of the MACs, as it is routed from the stream."""
        return len(self.mac.element_weight_source(self.mac.modes[0]))

    def core(self) -> ArrayCore:
        """Return the core of one dot product."""
        return macs_of(self.mac).core(self.mac, self.shares_acts, self.movement.chains_sums)

    # What follows from its names.

    @cached_property
    def movement(self) -> Movement:
        """What follows from the dataflow: streams, tiles, cycles and words moved."""
        return MOVEMENTS[self.dataflow](self)

    @cached_property
    def zeros(self) -> Sparsity:
        """What follows from the sparsity: words of a PE, multipliers, cycles of a step."""
        return KINDS[self.sparsity](self)

    @property
    def lanes(self) -> int:
        """Multipliers of a dot product."""
        return self.zeros.lanes

    @property
    def multipliers(self) -> int:
        """Multipliers of all PEs."""
        return self.rows * self.a * self.cols * self.c * self.lanes

    @property
    def weight_pes(self) -> int:
        """PEs along the side of the grid at which weights come in."""
        return self.movement.weight_pes

    # What a beat of the unit's streams holds: the operands of a step, in natural order.

    def act_lanes(self, mode: Mode) -> int:
        """Return the activations of a beat."""
        return self.movement.act_pes * self.a * self.b * self.mac.element_acts(mode)

    def weight_lanes(self, mode: Mode) -> int:
        """Return the weights of a beat."""
        return (
            self.movement.weight_pes
            * self.c
            * self.zeros.weight_words
            * self.mac.element_weights(mode)
        )

    def products(self, mode: Mode) -> int:
        """Return the products of a beat; of density-bound blocks those of the dense matrix."""
        pairs = self.rows * self.a * self.b * self.c * self.cols
        return pairs * self.mac.element_products(mode)

    def cycles(self, mode: Mode) -> int:
        """Return the clock cycles of a beat: one, or one for each activation kept of a block."""
        return self.zeros.step_cycles

    def slots(self, mode: Mode) -> int:
        """Return the accumulators."""
        return self.rows * self.cols * self.a * self.c

    def acc_bits(self, mode: Mode) -> int:
        """Return the bits of one accumulator in a mode."""
        return self.mac.acc_bits(mode)

    @property
    def tile_interval(self) -> int:
        """Fewest cycles from a tile to the next: see `movement`."""
        return self.movement.tile_interval

    # What tools ask of a unit.

    @property
    def points(self) -> tuple[Mode, ...]:
        return self.mac.modes

    def operations(self, point: Mode) -> int:
        return self.products(point)

    def macs_per_cycle(self, mode: Mode) -> float:
        """Return the products per clock in steady state."""
        return self.operations_per_cycle(mode)

    def latency(self, point: Mode) -> int:
        """Return the cycles from an input beat's transfer to its first output beat."""
        return self.movement.latency + self.result_latency

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the streams of operands: see `macsmith.array.stream_layouts`."""
        structs = self.movement.input_structs
        return {name: typed_operands(self, struct, point) for name, struct in structs.items()}

    def outputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the stream of sums: see `macsmith.array.stream_layouts`."""
        return {"o": typed_sums(self, self.result_struct)}

    def facts(self, point: Mode) -> Mapping[str, Any]:
        return precision_facts(self, point)

    @classmethod
    def variants(cls) -> Variants:
        return array_variants()

    @classmethod
    def mutated(cls) -> Variants:
        return kinds_of(array_variants(), MUTATED_ARRAYS)

    @property
    def control_sets(self) -> dict[str, tuple[frozenset[Mode], ...]]:
        """The modes in which each control line of a core is up, by port; none of a single mode."""
        mac = self.mac
        sets = {
            "control": mac.control_sets,
            "product_en": tuple(group.modes for group in mac.product_groups),
            "acc_control": mac.acc_control_sets,
            "acc_en": tuple(group.modes for group in mac.acc_groups),
        }
        return {port: modes for port, modes in sets.items() if modes and len(self.mac.modes) > 1}

    def at(self, boundary: str) -> "SystolicSpec":
        """Return the array of what lies within a boundary: a PE alone is one of 1 x 1."""
        return replace(self, rows=1, cols=1) if boundary == "pe" else self

    # Where the bits of a beat, and those of a column of sums, come from.

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each activation bit of the MACs that a beat enters, its bit of the field.

        Of joint density bounds those of a cycle, after the field has been serialised.
        """
        pitch = self.mac.element_acts(mode) * mode.act_bits
        count = self.movement.act_pes * self.a * self.zeros.act_words
        return repeated(self.mac.element_act_source(mode), count, pitch)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each weight bit of the MACs that a beat enters, its bit of the field."""
        pitch = self.mac.element_weights(mode) * mode.weight_bits
        count = self.movement.weight_pes * self.c * self.zeros.weight_words
        return repeated(self.mac.element_weight_source(mode), count, pitch)

    def sum_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of a beat's sums, its bit of the accumulators."""
        places = self.mac.slot_source(mode)
        filler = places[-1] if self.mac.result_signed else None
        one = (*places, *[filler] * (self.acc_width - len(places)))
        return repeated(one, self.movement.sum_pes * self.a * self.c, self.acc_width)
