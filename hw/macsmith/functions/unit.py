"""The pipeline of a function unit: lanes that move together, and the streams."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import stream

from macsmith.fp.dot.stage import Stage
from macsmith.rtl.stream_component import StreamComponent


class FunctionUnit(StreamComponent):
    """A stream of numbers in, a stream of a function of them out.

    A beat a cycle, `FunctionSpec.latency` cycles late. A result that nobody takes stops all stages;
    there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops what is in flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Numbers.
    o : Out(stream.Signature(spec.output_struct))
        Results.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        super().__init__(spec.input_struct, spec.output_struct)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, width = self.spec, self.spec.fmt.width
        stages = stages_of(m, self.i, self.o, spec.latency(spec.points[0]))
        found = []
        for lane in range(spec.lanes):
            code = self.i.payload.x.word_select(lane, width)
            found.append(self.lane(m, f"lane{lane}", code, stages))
        last = stages[-1]
        m.d.comb += [
            self.o.valid.eq(last.valid),
            self.o.payload.y.eq(
                Cat(last.register(f"y{lane}", code) for lane, (code, _) in enumerate(found))
            ),
            self.o.payload.undefined.eq(
                Cat(last.register(f"undefined{lane}", one) for lane, (_, one) in enumerate(found))
            ),
        ]
        return m

    @abstractmethod
    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        """Return the code that the last stage takes, and whether it is undefined."""


def stages_of(m: Module, i: stream.Interface, o: stream.Interface, count: int) -> list[Stage]:
    """Return the stages of a pipeline in order, which moves where its last one may.

    The last one's ``valid`` is that of the results, which the caller connects.
    """
    go, valid = Signal(), Signal()
    m.d.comb += [go.eq(~o.valid | o.ready), i.ready.eq(go), valid.eq(i.valid & go)]
    stages: list[Stage] = []
    for at in range(count):
        stages.append(Stage(m, f"s{at + 1}", go, stages[-1].valid if stages else valid))
    return stages


def carried(name: str, values: Mapping[str, Value], stages: Sequence[Stage]) -> dict[str, Value]:
    """Return values as the last of some stages holds them, which each pass through all."""
    found = dict(values)
    for stage in stages:
        found = {what: stage.register(f"{name}_{what}", one) for what, one in found.items()}
    return found
