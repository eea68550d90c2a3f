"""Two-dimensional divide and conquer, sum together: small multipliers, shifted and added."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.mac.carry_save import CarrySaveCore, Heap, compress
from macsmith.mac.dnc import DncSpec, gather
from macsmith.mac.placement import Job, base, job
from macsmith.spec import Mode, Source

Brick = tuple[int, int]
Places = dict[Mode, int]
JOIN = os.environ.get("JOIN", "1") == "1"
BRICK = os.environ.get("BRICK", "ha")
LOCAL = int(os.environ.get("LOCAL", "2"))


@dataclass(frozen=True, kw_only=True)
class Dnc2dStSpec(DncSpec):
    """Add/shift gating: ``4^levels`` bricks multiply digits; a mode says how they are shifted.

    A mode that halves an operand drops the shifts across the cut, so that the same adders sum
    the products of more operand pairs. Lane k has its activations and weights at place k of
    their fields.
    Bit Fusion, Sharma et al. (ISCA 2018); Camus et al. (JETCAS 2019), "2D D&C ST".
    """

    summary = "bricks of digits shifted and added; both operands scale, products summed"

    def products(self, mode: Mode) -> int:
        return 1 << (self.act_level(mode) + self.weight_level(mode))

    def sum_width(self, mode: Mode) -> int:
        """Return the bits of the sum of a beat's products, before the operands' alignment."""
        return sum(self.lane_widths(mode)) + self.act_level(mode) + self.weight_level(mode)

    @property
    def product_width(self) -> int:
        return max(map(self.sum_width, self.modes))

    @property
    def acc_width(self) -> int:
        return self.product_width + self.headroom

    def base(self, mode: Mode) -> int:
        """Return the lowest product bit that a mode uses."""
        place = self.digit_shift(*base(self.levels, (self.act_level(mode), self.weight_level(mode))))
        return min(place, self.product_width - self.sum_width(mode))

    def low_modes(self, bit: int) -> frozenset[Mode]:
        """Return the modes whose sums begin at ``bit`` or below."""
        return frozenset(mode for mode in self.modes if self.base(mode) <= bit)

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        low = self.base(mode)
        return range(low, low + self.sum_width(mode) + self.headroom)

    def product_alive(self, mode: Mode) -> Iterable[int]:
        """Return the live product bits: the sum and, in place of multiplexers, its extension."""
        return [bit for bit in self.acc_alive(mode) if bit < self.product_width]

    def acc_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(self.acc_alive(mode))[-self.acc_bits(mode) :]

    # Bricks: their jobs, weights and digits, mode by mode.

    @cached_property
    def bricks(self) -> list[Brick]:
        acts, weights = self.brick_counts
        return [(i, j) for i in range(acts) for j in range(weights)]

    def digit_shift(self, act: int, weight: int) -> int:
        """Return the weight of a product of two digits, as a power of two."""
        act_width, weight_width = self.digit_widths
        return act * act_width + weight * weight_width

    def job(self, brick: Brick, mode: Mode) -> Job:
        """Return what a brick multiplies in a mode."""
        return job(self.levels, (self.act_level(mode), self.weight_level(mode)), *brick)

    def places(self, brick: Brick) -> Places:
        """Return the product bit of a brick's lowest bit in each mode."""
        jobs = {mode: self.job(brick, mode) for mode in self.modes}
        return {
            mode: self.base(mode) + self.digit_shift(job.act, job.weight)
            for mode, job in jobs.items()
        }

    def negative(self, brick: Brick, operand: int) -> frozenset[Mode]:
        """Return the modes in which a brick's digit of an operand has a sign."""
        if not (self.act_signed, self.weight_signed)[operand]:
            return frozenset()
        return frozenset(
            mode
            for mode in self.modes
            if self.job(brick, mode)[1 + operand] == self.lane_digits(mode)[operand] - 1
        )

    @cached_property
    def leaders(self) -> tuple[dict[tuple[Mode, int, int], Brick], ...]:
        """For each operand the brick at whose port a mode's digit is, by lane and place."""
        return self._leaders(0), self._leaders(1)

    def _leaders(self, operand: int) -> dict[tuple[Mode, int, int], Brick]:
        count: dict[Brick, int] = defaultdict(int)
        leaders = {}
        for mode in sorted(self.modes, key=lambda mode: -self.products(mode) * self.lane_digits(mode)[operand]):
            users: dict[tuple[Mode, int, int], list[Brick]] = defaultdict(list)
            for brick in self.bricks:
                job = self.job(brick, mode)
                users[mode, job.lane, job[1 + operand]].append(brick)
            for digit, bricks in users.items():
                leaders[digit] = max(bricks, key=lambda brick: count[brick])
                count[leaders[digit]] += 1
        return leaders

    def ports(self, operand: int) -> list[Brick]:
        """Return the bricks that have a port of their own for a digit of an operand."""
        led = set(self.leaders[operand].values())
        return [brick for brick in self.bricks if brick in led]

    def digit_choices(self, brick: Brick, operand: int) -> dict[Brick, frozenset[Mode]]:
        """Return the ports that a brick takes its digit from, and in which modes."""
        choices = []
        for mode in self.modes:
            job = self.job(brick, mode)
            choices.append((self.leaders[operand][mode, job.lane, job[1 + operand]], mode))
        return gather(choices)

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        return self._source(mode, 0, mode.act_bits)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return self._source(mode, 1, mode.weight_bits)

    def _source(self, mode: Mode, operand: int, bits: int) -> tuple[Source, ...]:
        """Route each digit to its port; a port without a digit is zero."""
        width, lane_width = self.digit_widths[operand], self.lane_widths(mode)[operand]
        fed = {
            brick: (lane, place)
            for (other, lane, place), brick in self.leaders[operand].items()
            if other == mode
        }
        routed: list[Source] = []
        for brick in self.ports(operand):
            if brick not in fed:
                routed += [None] * width
                continue
            lane, place = fed[brick]
            for bit in range(place * width, (place + 1) * width):
                own = bit - (lane_width - bits)
                routed.append(lane * bits + own if own >= 0 else None)
        return tuple(routed)

    # Groups of bricks that move together.

    @cached_property
    def groups(self) -> list[tuple[Places, list[tuple[Brick, Places]]]]:
        """Groups of bricks by their places: where the group is, and who is a member and when."""
        kinds: dict[tuple[int, ...], list[Brick]] = defaultdict(list)
        for brick in self.bricks:
            kinds[tuple(self.places(brick).values())].append(brick)
        whole = [dict(zip(self.modes, kind, strict=True)) for kind in kinds]
        members = list(kinds.values())
        groups = [(places, [(brick, places) for brick in some]) for places, some in zip(whole, members)]
        if not JOIN:
            return groups
        guests: set[int] = set()
        hosts: set[int] = set()
        order = sorted(range(len(groups)), key=lambda k: len(members[k]))
        for k in order:
            if k in hosts:
                continue
            best = None
            for h in range(len(groups)):
                if h == k or h in guests:
                    continue
                agreed = {mode: place for mode, place in whole[k].items() if whole[h][mode] == place}
                moves = len(set(agreed.values()))
                if moves >= 2 and (best is None or len(agreed) > len(best[1])) and len(members[k]) <= len(members[h]):
                    best = h, agreed
            if best:
                h, agreed = best
                guests.add(k)
                hosts.add(h)
                rest = {mode: place for mode, place in whole[k].items() if mode not in agreed}
                groups[h][1].extend((brick, agreed) for brick in members[k])
                groups[k] = (rest, [(brick, rest) for brick in members[k]])
                whole[k] = {}
        return groups

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        sets: list[frozenset[Mode]] = []
        for brick in self.bricks:
            act, weight = self.negative(brick, 0), self.negative(brick, 1)
            sets += [act, weight, act ^ weight]
            for operand in range(2):
                sets += self.digit_choices(brick, operand).values()
        for places, members in self.groups:
            sets += gather((place, mode) for mode, place in places.items()).values()
            sets += [frozenset(some) for _, some in members]
        sets += self.constants().values()
        return self.distinct(sets)

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        return self.distinct(map(self.low_modes, range(self.product_width)))

    def constants(self) -> dict[int, frozenset[Mode]]:
        """Return the ones that go with negative bits, by column, and in which modes."""
        widths = self.digit_widths
        columns = []
        for mode in self.modes:
            total = 0
            for brick in self.bricks:
                negative = [mode in self.negative(brick, operand) for operand in range(2)]
                for a in range(widths[0]):
                    for w in range(widths[1]):
                        tops = a == widths[0] - 1 and negative[0], w == widths[1] - 1 and negative[1]
                        if tops[0] != tops[1]:
                            total -= 1 << (self.places(brick)[mode] + a + w)
            if self.result_signed:
                total += 1 << (self.product_width - 1)
            assert total >= 0
            columns += [(bit, mode) for bit in range(self.product_width) if total >> bit & 1]
        return gather(columns)


class Dnc2dSt(CarrySaveCore[Dnc2dStSpec]):
    """Core of the divide-and-conquer MAC: bricks, then a tree of shift-adds."""

    def heap(self, m: Module) -> Heap:
        spec = self.spec
        bits = {brick: self._brick(m, brick) for brick in spec.bricks}
        entries: list[list[tuple[int, Value, frozenset[Mode]]]] = [[] for _ in range(spec.product_width)]
        every = frozenset(spec.modes)
        for index, (places, members) in enumerate(spec.groups):
            local: Heap = [[] for _ in range(sum(spec.digit_widths) + 4)]
            for brick, some in members:
                if not some: continue
                gated = frozenset(some) != frozenset(places)
                for column, inside in zip(local, bits[brick]):
                    for arrival, bit in inside:
                        column.append((arrival + 1, bit & self.when(some)) if gated else (arrival, bit))
            while local and not local[-1]:
                local.pop()
            moves = len(set(places.values()))
            if moves > 1:
                local += [[]] * 3
                local = compress(m, f"group_{index}", local, [LOCAL] * len(local))
            for place, modes in gather((place, mode) for mode, place in places.items()).items():
                for column, inside in enumerate(local, place):
                    if column < spec.product_width:
                        entries[column] += [(arrival, bit, modes) for arrival, bit in inside]
        for column, modes in spec.constants().items():
            entries[column].append((0, Const(1, 1), modes))
        return [self._packed(m, column, f"place_{index}", every) for index, column in enumerate(entries)]

    def _packed(self, m: Module, column, name, every):
        packed = [(arrival, bit) for arrival, bit, modes in column if modes == every]
        bins: list[list] = []
        for entry in sorted((e for e in column if e[2] != every), key=lambda e: (-len(e[2]), e[0])):
            for some in bins:
                if all(not (entry[2] & other[2]) for other in some):
                    some.append(entry)
                    break
            else:
                bins.append([entry])
        for index, some in enumerate(bins):
            merged = Signal(name=f"{name}_{index}")
            value: Value = Const(0, 1)
            terms = [
                self.when(modes) if isinstance(bit, Const) else bit & self.when(modes)
                for _, bit, modes in some
            ]
            value = terms[0]
            for term in terms[1:]:
                value = value | term
            m.d.comb += merged.eq(value)
            packed.append((max(arrival for arrival, _, _ in some) + 1, merged))
        return packed

    def _digit(self, m: Module, brick: Brick, operand: int) -> Signal:
        """Return the digit of ``word`` that brick (i, j) multiplies in the present mode."""
        spec = self.spec
        word = (self.act, self.weight)[operand]
        width = spec.digit_widths[operand]
        ports = spec.ports(operand)
        digit = Signal(width, name=f"{'aw'[operand]}_{brick[0]}{brick[1]}")
        value: Value | None = None
        for port, modes in spec.digit_choices(brick, operand).items():
            part = word.word_select(ports.index(port), width)
            if port != brick:
                part = part & self.when(modes).replicate(width)
            value = part if value is None else value | part
        m.d.comb += digit.eq(value)
        return digit

    def _brick(self, m: Module, brick: Brick) -> Heap:
        """Return the product of brick (i, j), offset where it has a sign."""
        spec = self.spec
        act, weight = self._digit(m, brick, 0), self._digit(m, brick, 1)
        negative = [spec.negative(brick, operand) for operand in range(2)]
        columns: Heap = [[] for _ in range(len(act) + len(weight))]
        for a in range(len(act)):
            for w in range(len(weight)):
                sign = frozenset()
                if a == len(act) - 1:
                    sign ^= negative[0]
                if w == len(weight) - 1:
                    sign ^= negative[1]
                columns[a + w].append((0, act[a] & weight[w] ^ self.when(sign)))
        if BRICK == "ha" and len(act) == len(weight) == 2:
            columns = compress(m, f"brick_{brick[0]}{brick[1]}", columns, [1] * len(columns), False)
        elif BRICK in ("ha", "rows"):
            columns = compress(m, f"brick_{brick[0]}{brick[1]}", columns, [2] * len(columns))
        return columns
