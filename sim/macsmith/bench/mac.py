"""What the cocotb bench of MACs tries beside `macsmith.bench.stream`."""

import cocotb

from macsmith.bench.stream import started
from macsmith.formats.stream_words import words_to_ints


@cocotb.test()
async def mode_of_first_beat(dut: object) -> None:
    """The mode of later beats does not count."""
    async with started(dut) as bench:
        spec, streams = bench.spec, bench.streams
        if len(spec.modes) == 1:
            return
        field = spec.inputs(spec.modes[0])["i"]["mode"]
        mask = (1 << field.bits) - 1
        for mode, source in enumerate(bench.sources):
            batch = source.uniform(1, 4)
            first, *later = words_to_ints(batch.payloads(spec))
            bench.send([first])
            for payload in later:
                other = streams.random.randrange(len(spec.modes))
                bench.send([payload & ~(mask << field.offset) | other << field.offset])
            await bench.until(mode + 1, 5000)
            expected = words_to_ints(batch.expected(spec, bench.model))[0]
            assert bench.results[-1] == expected, f"{bench.name} {spec.modes[mode]}"
