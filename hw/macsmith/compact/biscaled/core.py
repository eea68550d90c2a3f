"""The core of fixed point with two scales."""

from collections.abc import Mapping, Sequence

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.onehot_mux import any_of
from macsmith.arith.partial_products import add_product
from macsmith.compact.biscaled.spec import BiscaledSpec
from macsmith.compact.biscaled.wide_places import WidePlaces
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.parts import shape_of
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.rtl.named_signal import wired


class BiscaledCore(StreamDotCore[BiscaledSpec]):
    """Products of codes, each at one of a few places, in one heap."""

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        places = WidePlaces(m, self) if spec.listed else None
        never = [Const(0, 1)] * spec.products
        flags = {
            name: places.flags(name) if places else self.operand(f"wide_{name}")
            for name in spec.wide
        }
        heap = self.heap(m, spec.totals["sum"].gain.width, "placed_products", leaves=False)
        steps = {"a": spec.act_step, "w": spec.weight_step}
        lanes = zip(
            self.operand("a"), self.operand("w"), flags.get("a", never), flags.get("w", never),
            strict=True,
        )  # fmt: skip
        for lane, (act, weight, *wide) in enumerate(lanes):
            product = self._product(m, lane, act, weight)
            lines: dict[int, list[Value]] = {}
            for kinds in range(4):
                chosen = {name: bool(kinds >> at & 1) for at, name in enumerate(steps)}
                if any(chosen[name] and name not in spec.wide for name in steps):
                    continue
                amount = sum(step for name, step in steps.items() if chosen[name])
                bits = [bit if yes else ~bit for bit, (name, yes) in
                        zip(wide, chosen.items(), strict=True) if name in spec.wide]  # fmt: skip
                lines.setdefault(amount, []).append(Cat(bits).all() if bits else Const(1, 1))
            heap.add_word(placed(m, f"lane{lane}", product, lines))
        gains: dict[str, Value] = {}
        total = wired(m, "placed_total", heap.sum())
        if places is None:
            return {"sum": total}
        gains["sum"] = total & (~self.entry).replicate(len(total))
        gains["error"] = places.error
        return gains

    def _product(self, m: Module, lane: int, act: Value, weight: Value) -> Signal:
        spec = self.spec
        scale = spec.products << spec.act_step + spec.weight_step
        whole = spec.totals["sum"]
        shape = shape_of(whole.least // scale, whole.greatest // scale)
        heap = self.heap(m, shape.width, f"lane{lane}_products")
        add_product(heap, act, weight, act_sign=spec.act_signed, weight_sign=spec.weight_signed)
        product = Signal(shape, name=f"lane{lane}_product")
        m.d.comb += product.eq(heap.sum())
        return product


def placed(m: Module, name: str, word: Signal, lines: Mapping[int, Sequence[Value]]) -> Signal:
    """Return ``word * 2^n`` for the place n of which a line is up; there is one."""
    if len(lines) == 1:
        (amount,) = lines
        return wired(m, f"{name}_placed", word << amount)
    total = Signal((word << max(lines)).shape(), name=f"{name}_placed")
    terms = []
    for amount, ups in lines.items():
        moved = Signal(len(total), name=f"{name}_by{amount}")
        up = wired(m, f"{name}_is_by{amount}", any_of(ups))
        m.d.comb += moved.eq(word << amount)
        terms.append(moved & up.replicate(len(total)))
    m.d.comb += total.eq(any_of(terms))
    return total


class Biscaled(StreamDot):
    """Dot products of fixed point with two scales; see `BiscaledSpec`."""

    def __init__(self, spec: BiscaledSpec) -> None:
        super().__init__(BiscaledCore(spec))
