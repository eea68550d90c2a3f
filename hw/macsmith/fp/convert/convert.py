"""The converter: lanes of elements, and the scales of their blocks."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal, Value

from macsmith.fp.convert.block_scale import block_scale
from macsmith.fp.convert.element import Element
from macsmith.fp.convert.fp8_scale import fp8_scale
from macsmith.fp.convert.spec import FpConvertSpec
from macsmith.fp.dot.stage import Stage
from macsmith.rtl.shared_module import instance
from macsmith.rtl.stream_component import StreamComponent

ELEMENT = "macsmith_element"
"""The module of an element, where it is instantiated by name."""


class FpConvert(StreamComponent):
    """A stream of numbers of one format in, a stream of those of another out.

        x ───────────────────────▶ elements ─▶ [y]            alone, or out of blocks
        x ─▶ [x, scale of each block] ─▶ elements ─▶ [y, scale]      to blocks

    A beat a cycle, one cycle late, or two to blocks. A result that nobody takes stops all stages;
    there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops what is in flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Elements, and scales of their blocks.
    o : Out(stream.Signature(spec.output_struct))
        The same.
    """

    def __init__(self, spec: FpConvertSpec) -> None:
        self.spec, self.element = spec, Element(spec)
        super().__init__(spec.input_struct, spec.output_struct)

    @property
    def parts(self) -> Mapping[str, Element]:
        """Components that are instantiated by module name, so that each is written once."""
        return {ELEMENT: self.element}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        go, accept = Signal(), Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go),
            accept.eq(self.i.valid & go),
        ]
        words = [beat.x.word_select(lane, spec.of.width) for lane in range(spec.lanes)]
        valid: Value = accept
        scales: list[Value] = []
        if spec.of.scale is not None:
            blocks = spec.lanes // spec.of.scale.block
            scales = [beat.scale.word_select(block, 8) for block in range(blocks)]
        elif spec.to.scale is not None:
            scales = self._scales(m, words)
            stage = Stage(m, "scaled", go, accept)
            words = [stage.register(f"x{lane}", word) for lane, word in enumerate(words)]
            scales = [stage.register(f"scale{at}", scale) for at, scale in enumerate(scales)]
            valid = stage.valid
        done = Stage(m, "done", go, valid)
        elements = self._elements(m, words, scales)
        m.d.comb += [
            self.o.valid.eq(done.valid),
            self.o.payload.y.eq(Cat(done.register(f"y{at}", y) for at, y in enumerate(elements))),
        ]
        if spec.to.scale is not None:
            kept = [done.register(f"scale{at}", scale) for at, scale in enumerate(scales)]
            m.d.comb += self.o.payload.scale_y.eq(Cat(kept))
        return m

    def _scales(self, m: Module, words: list[Value]) -> list[Value]:
        """Return the scale of each block that comes in."""
        spec = self.spec
        assert spec.to.scale and spec.to.format and spec.of.format
        size = spec.to.scale.block
        blocks = [words[at : at + size] for at in range(0, len(words), size)]
        if spec.to.scale.name == "nv":
            return [
                fp8_scale(m, f"block{index}", block, spec.of.format, spec.to.scale.format,
                          spec.scale_rule)
                for index, block in enumerate(blocks)
            ]  # fmt: skip
        return [
            block_scale(m, f"block{index}", block, spec.of.format, spec.to.format, spec.scale_rule)
            for index, block in enumerate(blocks)
        ]

    def _elements(self, m: Module, words: list[Value], scales: list[Value]) -> list[Signal]:
        """Return the elements of the target."""
        found = []
        each = len(words) // len(scales) if scales else 1
        for lane, word in enumerate(words):
            y = Signal(self.spec.to.width, name=f"element{lane}_y")
            ports = {"x": word, "y": y}
            if scales:
                ports["scale"] = scales[lane // each]
            m.submodules[f"element{lane}"] = instance(ELEMENT, self.element, **ports)
            found.append(y)
        return found
