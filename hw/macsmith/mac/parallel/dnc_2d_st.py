"""Two-dimensional divide and conquer, sum together: bricks that move within one bit heap."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from amaranth import Const, Module, Signal, Value

from macsmith.arith.compressor_tree import Bit, Columns
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode
from macsmith.mac.bit_matrix import BitMatrix, PartialProduct
from macsmith.mac.parallel.brick_groups import Brick, BrickGroup, Places, move_groups
from macsmith.mac.parallel.brick_placement import DigitProduct, base, job
from macsmith.mac.parallel.dnc import DncSpec, gather
from macsmith.mac.parallel.sum_together import ModalBit, SumTogether, SumTogetherSpec

Digit = tuple[Mode, int, int]
"""A digit of an operand: mode, lane, place in the lane."""


@dataclass(frozen=True, kw_only=True)
class Dnc2dStSpec(DncSpec, SumTogetherSpec):
    """Add/shift gating: ``4^levels`` bricks multiply digits; a mode says how much each counts.

    At full precision ``a w = sum a_i w_j 2^(i pa + j pw)``. A mode that halves an operand drops
    shifts, so that the same bricks and adders sum the products of more operand pairs; which
    brick does what then is up to `brick_placement`. A digit comes in at the port of one
    of the bricks that use it; the ports of bricks that are fed by others are zero.
    Bit Fusion, Sharma et al. (ISCA 2018); Camus et al. (JETCAS 2019), "2D D&C ST".
    """

    summary = "bricks of digits shifted and added; both operands scale, products summed"

    def element_products(self, mode: Mode) -> int:
        return 1 << (self.act_level(mode) + self.weight_level(mode))

    def sum_width(self, mode: Mode) -> int:
        levels = self.act_level(mode) + self.weight_level(mode)
        return sum(self.lane_widths(mode)) + levels + self.growth

    def base(self, mode: Mode) -> int:
        return min(self.shift(*self.base_digits(mode)), self.product_width - self.sum_width(mode))

    def base_digits(self, mode: Mode) -> tuple[int, int]:
        """Return the digits of activation and weight below a mode's sum, if there is room."""
        return base(self.levels, (self.act_level(mode), self.weight_level(mode)))

    def job(self, brick: Brick, mode: Mode) -> DigitProduct:
        """Return what a brick multiplies in a mode."""
        return job(self.levels, (self.act_level(mode), self.weight_level(mode)), *brick)

    @cached_property
    def bricks(self) -> tuple[Brick, ...]:
        """All bricks."""
        acts, weights = map(range, self.brick_counts)
        return tuple((i, j) for i in acts for j in weights)

    def shift(self, act: int, weight: int) -> int:
        """Return how far a number of digits shifts, in bits."""
        act_digit, weight_digit = self.digit_widths
        return act * act_digit + weight * weight_digit

    def places(self, brick: Brick) -> Places:
        """Return the product bit that a brick's lowest bit counts as in each mode."""
        jobs = {mode: self.job(brick, mode) for mode in self.modes}
        return {
            mode: self.base(mode) + self.shift(job.act, job.weight) for mode, job in jobs.items()
        }

    def bit_matrix(self, mode: Mode) -> BitMatrix:
        """Return the bits of all bricks; a brick's corner has the product bit where it counts."""
        act_digit, weight_digit = self.digit_widths
        act_lane, weight_lane = self.lane_widths(mode)

        def product(x: int, y: int) -> PartialProduct:
            brick, bit = (x // act_digit, y // weight_digit), (x % act_digit, y % weight_digit)
            job = self.job(brick, mode)
            # Narrow operands are aligned to the tops of their lanes.
            fed = (
                job.act * act_digit + bit[0] >= act_lane - mode.act_bits
                and job.weight * weight_digit + bit[1] >= weight_lane - mode.weight_bits
            )
            corner = bit == (act_digit - 1, 0)
            return PartialProduct(
                job.lane if fed else None, self.places(brick)[mode] if corner else None
            )

        acts, weights = range(self.act_width), range(self.weight_width)
        return tuple(tuple(product(x, y) for x in acts) for y in weights)

    @cached_property
    def moving(self) -> list[BrickGroup]:
        """Bricks by how they move."""
        return move_groups({brick: self.places(brick) for brick in self.bricks})

    # Signs.

    def signed_digit(self, brick: Brick, operand: int) -> frozenset[Mode]:
        """Return the modes in which a brick's digit of an operand is the signed top of a lane."""
        signed = (self.act_signed, self.weight_signed)[operand]
        return frozenset(
            mode
            for mode in self.modes
            if signed and self.job(brick, mode)[1 + operand] + 1 == self.lane_digits(mode)[operand]
        )

    def negative(self, brick: Brick, act_bit: int, weight_bit: int) -> frozenset[Mode]:
        """Return the modes in which a partial product of a brick counts negative."""
        act_digit, weight_digit = self.digit_widths
        act = self.signed_digit(brick, 0) if act_bit + 1 == act_digit else frozenset()
        weight = self.signed_digit(brick, 1) if weight_bit + 1 == weight_digit else frozenset()
        return act ^ weight

    @cached_property
    def ones(self) -> dict[int, frozenset[Mode]]:
        """The ones that go with inverted bits, by column, and in which modes (Baugh-Wooley)."""
        totals = dict.fromkeys(self.modes, 0)
        acts, weights = map(range, self.digit_widths)
        for brick in self.bricks:
            places = self.places(brick)
            for a, w in ((a, w) for a in acts for w in weights):
                for mode in self.negative(brick, a, w):
                    totals[mode] -= self.length << (places[mode] + a + w)
        return self.constant_bits(totals)

    # Ports.

    @cached_property
    def leaders(self) -> tuple[dict[Digit, Brick], dict[Digit, Brick]]:
        """For each operand the bricks at whose ports the digits of all modes come in."""
        return self._leaders(0), self._leaders(1)

    def _leaders(self, operand: int) -> dict[Digit, Brick]:
        """Choose for each digit, those of the most numerous first, a brick that leads already."""
        users: dict[Digit, list[Brick]] = defaultdict(list)
        for mode in self.modes:
            for brick in self.bricks:
                job = self.job(brick, mode)
                users[mode, job.lane, job[1 + operand]].append(brick)
        led: dict[Brick, int] = dict.fromkeys(self.bricks, 0)
        leaders = {}
        for digit, bricks in sorted(users.items(), key=lambda item: len(item[1])):
            leaders[digit] = max(bricks, key=led.__getitem__)
            led[leaders[digit]] += 1
        return leaders

    def ports(self, operand: int) -> list[Brick]:
        """Return the bricks that have a port for digits of an operand."""
        leaders = set(self.leaders[operand].values())
        return [brick for brick in self.bricks if brick in leaders]

    def digit_choices(self, brick: Brick, operand: int) -> dict[Brick, frozenset[Mode]]:
        """Return the bricks from whose ports a brick takes its digit, and in which modes."""
        jobs = [(mode, self.job(brick, mode)) for mode in self.modes]
        return gather(
            (self.leaders[operand][mode, job.lane, job[1 + operand]], mode) for mode, job in jobs
        )

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return self._source(mode, 0, mode.act_bits)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return self._source(mode, 1, mode.weight_bits)

    def _source(self, mode: Mode, operand: int, bits: int) -> tuple[Source, ...]:
        width = self.digit_widths[operand]
        idle = self.lane_widths(mode)[operand] - bits
        sources: dict[Brick, list[Source]] = {}
        for (other, lane, place), brick in self.leaders[operand].items():
            if other == mode:
                lane_bits = range(place * width - idle, (place + 1) * width - idle)
                sources[brick] = [lane * bits + bit if bit >= 0 else None for bit in lane_bits]
        unfed: list[Source] = [None] * width
        return tuple(bit for brick in self.ports(operand) for bit in sources.get(brick, unfed))

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        sets = list(self.ones.values())
        acts, weights = map(range, self.digit_widths)
        for brick in self.bricks:
            sets += [self.negative(brick, a, w) for a in acts for w in weights]
            sets += [modes for x in range(2) for modes in self.digit_choices(brick, x).values()]
        for group in self.moving:
            sets += gather((place, mode) for mode, place in group.places.items()).values()
            sets += [modes for _, modes in group.members]
        return self.distinct(sets)


class Dnc2dSt(SumTogether[Dnc2dStSpec]):
    """Core of the divide-and-conquer MAC: bricks, sums of those that move together, one heap."""

    def columns(self, m: Module) -> list[list[ModalBit]]:
        spec = self.spec
        columns: list[list[ModalBit]] = [[] for _ in range(spec.product_width)]
        bricks = {brick: self._bricks(m, brick) for brick in spec.bricks}
        for index, group in enumerate(spec.moving):
            total = self._total(m, f"group_{index}", group, bricks)
            places = gather((place, mode) for mode, place in group.places.items())
            for place, modes in places.items():
                for column, bits in zip(columns[place:], total, strict=False):
                    column += [ModalBit(*bit, modes) for bit in bits]
        for place, modes in spec.ones.items():
            columns[place].append(ModalBit(0, Const(1, 1), modes))
        return columns

    def _total(
        self, m: Module, name: str, group: BrickGroup, bricks: dict[Brick, Columns]
    ) -> Columns:
        """Return the sum of a group, as two rows if it moves."""
        widest = max(len(bricks[brick]) for brick, _ in group.members)
        heap: Columns = [[] for _ in range(widest + len(group.members).bit_length())]
        for brick, modes in group.members:
            guest = modes != frozenset(group.places)
            for column, bits in zip(heap, bricks[brick], strict=False):
                for arrival, value in bits:
                    gated = Bit(arrival + 1, value & self.when(modes))
                    column.append(gated if guest else Bit(arrival, value))
        if group.moves:
            self.compress(m, name, heap, [2] * len(heap))
        return heap

    def _bricks(self, m: Module, brick: Brick) -> Columns:
        """Return the sum of a brick's products in two rows; negative bits are inverted."""
        spec = self.spec
        name = f"{brick[0]}{brick[1]}"
        heap: Columns = [[] for _ in range(sum(spec.digit_widths) + spec.growth)]
        for index, words in enumerate(self.elements()):
            act, weight = (
                self._digit(m, f"{operand}{index}_{name}", brick, place, word)
                for place, (operand, word) in enumerate(zip("aw", words, strict=True))
            )
            for a, act_bit in enumerate(act):
                for w, weight_bit in enumerate(weight):
                    negative = self.when(spec.negative(brick, a, w))
                    heap[a + w].append(Bit(0, (act_bit & weight_bit) ^ negative))
        self.compress(m, f"brick_{name}", heap, [2] * len(heap))
        return heap

    def _digit(self, m: Module, name: str, brick: Brick, operand: int, word: Value) -> Signal:
        """Return the digit of an operand that a brick multiplies in the present mode."""
        width, ports = self.spec.digit_widths[operand], self.spec.ports(operand)
        parts: list[Value] = []
        for port, modes in self.spec.digit_choices(brick, operand).items():
            part = word.word_select(ports.index(port), width)
            # A brick's own port is zero in the modes in which another feeds it.
            parts.append(part if port == brick else part & self.when(modes).replicate(width))
        digit = Signal(width, name=name)
        m.d.comb += digit.eq(reduce(or_, parts))
        return digit
