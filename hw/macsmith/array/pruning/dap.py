"""Dynamic activation pruning: of each block the largest magnitudes, by a cascade of selectors."""

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import Out

from macsmith.arith.onehot_mux import any_of, decode
from macsmith.array.pruning.max_selector import chosen, largest, magnitudes, place
from macsmith.array.pruning.spec import DapSpec
from macsmith.mac.operand_registers import split
from macsmith.rtl.stream_component import StreamComponent


class Dap(StreamComponent):
    """A stream of blocks in, a stream of what is kept of them out.

        values ─▶ [select] ─▶ [select] ─ ... ─▶ [gather] ─▶ values, places
        mask 0 ─▶   add    ─▶   add    ─ ... ─▶

    Each of ``nonzeros`` stages adds the largest magnitude that is not in the mask yet to it, of
    equal ones that of the lowest place, unless ``keep`` are in it. The last stage gathers what the
    mask keeps in rising places. So a zero is kept where there are fewer non-zeros than ``keep``:
    what comes out is a density-bound block as `macsmith.formats.density_bound` stores it.

    A block a cycle, `DapSpec.latency` cycles late. A result that nobody takes stops all stages;
    there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops everything in
    flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Blocks, and how many to keep of each.
    o : Out(stream.Signature(spec.output_layout))
        What is kept.
    fault : Out(1)
        A block asked for more than ``nonzeros``, and kept all; stays until reset.
    """

    fault: Signal

    def __init__(self, spec: DapSpec) -> None:
        self.spec = spec
        super().__init__(spec.input_layout, spec.output_layout, fault=Out(1))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        go = Signal()
        m.d.comb += [go.eq(~self.o.valid | self.o.ready), self.i.ready.eq(go)]
        keep = Signal(range(spec.nonzeros + 1))
        m.d.comb += keep.eq(self.i.payload.keep)
        lines = decode(m, keep, spec.nonzeros + 1, "keeps")
        with m.If(self.i.valid & go & lines[0] & keep.any()):
            m.d.sync += self.fault.eq(1)
        # Bypass begins with all of the block in the mask, else nothing is.
        word = Signal(len(self.i.payload.values))
        mask = Signal(spec.block)
        valid = self.i.valid
        more = Signal(spec.nonzeros)
        m.d.comb += [
            word.eq(self.i.payload.values),
            mask.eq(lines[0].replicate(spec.block)),
            more.eq(Cat(any_of(lines[number + 1 :]) for number in range(spec.nonzeros))),
        ]
        for number in range(spec.nonzeros):
            name = f"stage_{number}"
            added = Signal(spec.block, name=f"{name}_added")
            values = split(word, spec.act_width)
            sizes = magnitudes(m, values, spec.act_signed, f"{name}_magnitude")
            m.d.comb += added.eq(Cat(largest(m, f"{name}_largest", sizes, list(~mask))))
            # Whether later stages add anything comes along.
            following = {"word": word, "mask": mask | added & more[number].replicate(spec.block),
                         "more": more, "valid": valid}  # fmt: skip
            word, mask, more, valid = self._stage(m, name, following, go)
        gathered = self._gathered(m, split(word, spec.act_width), mask)
        with m.If(go):
            m.d.sync += [self.o.valid.eq(valid), self.o.payload.eq(Cat(gathered))]
        return m

    @staticmethod
    def _stage(m: Module, name: str, following: dict[str, Value], go: Value) -> list[Signal]:
        """Return registers that follow some values; only whether they are valid has a reset."""
        registers = []
        for what, value in following.items():
            register = Signal(len(value), name=f"{name}_{what}", reset_less=what != "valid")
            with m.If(go):
                m.d.sync += register.eq(value)
            registers.append(register)
        return registers

    def _gathered(self, m: Module, values: list[Value], mask: Signal) -> list[Value]:
        """Return the fields of the result: values, places, their number, and what was lost.

        Place i goes to the slot that is the number of places kept below i.
        """
        spec = self.spec
        kept = Signal(range(spec.block + 1))
        counts = [Signal(range(at + 1), name=f"below_{at}") for at in range(1, spec.block)]
        below: list[Value] = [Const(0, 1), *counts]
        for count, before, bit in zip([*counts, kept], below, mask, strict=True):
            m.d.comb += count.eq(before + bit)
        ranks = [
            decode(m, count, at + 1, f"rank_{at}") if at else [Const(1, 1)]
            for at, count in enumerate(below)
        ]
        slots, places = [], []
        for slot in range(spec.block):
            # Place `slot` is the lowest that so many can be below.
            lines = Signal(spec.block, name=f"slot_{slot}_lines")
            here = [ranks[at][slot] & mask[at] for at in range(slot, spec.block)]
            m.d.comb += lines.eq(Cat(Const(0, slot), here))
            slots.append(chosen(m, f"slot_{slot}", list(lines), values))
            places.append(place(m, f"slot_{slot}_place", list(lines)))
        lossy = any_of([value.any() & ~kept for value, kept in zip(values, mask, strict=True)])
        told = mask if spec.form == "bitmask" else Cat(places)
        return [Cat(slots), told, kept, lossy]
