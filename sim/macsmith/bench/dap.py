"""What the cocotb bench of the pruning unit tries beside `macsmith.bench.stream`: its fault."""

from typing import Any

import cocotb

from macsmith.array.pruning.spec import Keep
from macsmith.bench.stream import started
from macsmith.formats.stream_words import pack, words_to_ints


@cocotb.test()
async def no_fault(dut: Any) -> None:
    """Every legal count leaves the fault down."""
    async with started(dut) as bench:
        for point, source in enumerate(bench.sources):
            await bench.check(bench.new_run(point), [source.uniform(5, 1)])
        assert not dut.fault.value


@cocotb.test()
async def too_many(dut: Any) -> None:
    """More than there are selectors is a fault, which stays until reset, and keeps all."""
    async with started(dut) as bench:
        spec, streams = bench.spec, bench.streams
        (layout,), (results,) = (
            streams_of(spec.points[0]).values() for streams_of in (spec.inputs, spec.outputs)
        )
        for keep in range(len(spec.points), 1 << layout["keep"].bits):
            batch = bench.sources[0].uniform(5, 1)
            beats = {name: values[:, 0] for name, values in batch.fields.items()}
            bench.send(words_to_ints(pack(layout, beats, keep)))
            await bench.until(5, 200)
            expected = pack(results, bench.model.respond(Keep(keep), batch.fields))
            assert bench.results == words_to_ints(expected), f"keep-{keep}"
            assert dut.fault.value
            await bench.check(bench.new_run(0), [bench.sources[0].uniform(2, 1)])
            assert dut.fault.value
            await streams.reset()
            assert not dut.fault.value
