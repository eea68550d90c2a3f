"""What must stop an engine: words and packets that cannot be, each from a product that can."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from macsmith.array.engine.register_map import Error, Flags
from macsmith.matmul.engine_jobs import STREAMS, Bytes, EngineJob, Packets, packets, settings
from macsmith.matmul.engine_products import Products

TRIED = 3
"""Places inside panels of each stream at which a packet ends."""


@dataclass(frozen=True, eq=False)
class EngineFault:
    """A job that must stop.

    Members
    -------
    title:
        What is wrong, for messages.
    error:
        The code.
    job:
        The product it is made of.
    written:
        What is written to its registers.
    sent:
        What it sends; of `wrong_packets` and `wrong_indices` all is taken before the engine stops.
    """

    title: str
    error: Error
    job: EngineJob
    written: dict[str, int]
    sent: Packets


def faults(products: Products) -> Iterator[EngineFault]:
    """Yield all kinds."""
    for kind in (wrong_packets, wrong_panels, wrong_indices, too_much, one_after_another):
        yield from kind(products)


def wrong_packets(products: Products) -> Iterator[EngineFault]:
    """Yield packets of one word too many and, if they have two, such as end after the first."""
    spec = products.spec
    # One tile of two steps, so that all that is sent is taken before the engine stops.
    job = products.product(1, spec.step_length() + 1, 1, raw=False).job
    right = packets(spec, job)
    for name in STREAMS:
        for wrong in _wrong(*getattr(right, name)):
            yield _framing(products, job, name, replace(right, **{name: wrong}))


def _wrong(words: Bytes, last: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
    yield np.concatenate([words, words[:1]]), np.concatenate([0 * last, [1]])
    if len(words) > 1:
        yield words, np.concatenate([[1], last[1:]])


def wrong_panels(products: Products) -> Iterator[EngineFault]:
    """Yield packets that end anywhere inside a panel."""
    spec = products.spec
    job = products.product(
        spec.tile_rows + 1, spec.step_length() + 1, spec.tile_cols + 1, raw=False
    ).job
    plan, right = job.schedule(spec), packets(spec, job)
    inside = {"act": plan.steps, "weight": plan.weight_panel, "channel": plan.n}
    for name, panel in inside.items():
        words, last = getattr(right, name)
        places = np.flatnonzero(np.arange(len(words)) % panel != panel - 1)
        for place in products.rng.permutation(places)[:TRIED]:
            early = last.copy()
            early[place] = 1
            yield _framing(products, job, name, replace(right, **{name: (words, early)}))


def _framing(products: Products, job: EngineJob, name: str, sent: Packets) -> EngineFault:
    error = Error[f"{name.upper()}_FRAMING"]
    _, last = getattr(sent, name)
    title = f"{name} packets that end at {np.flatnonzero(last).tolist()} of {len(last)}"
    return EngineFault(title, error, job, settings(job.schedule(products.spec)), sent)


def wrong_indices(products: Products) -> Iterator[EngineFault]:
    """Yield places that their slots cannot have: of each slot each, none if there are no places."""
    spec, array = products.spec, products.spec.array
    if not array.zeros.stores_blocks:
        return
    job = products.product(1, spec.step_length() + 1, 1, raw=False).job
    assert job.places is not None
    for slot in range(array.nonzeros):
        for place in range(1 << array.zeros.index_bits):
            if slot <= place <= slot + array.block - array.nonzeros:
                continue
            places = job.places.copy()
            places[0, int(products.rng.integers(places.shape[1])), 0, slot] = place
            sent = packets(spec, replace(job, places=places))
            title = f"place {place} of slot {slot}"
            yield EngineFault(title, Error.INDEX, job, settings(job.schedule(spec)), sent)


def one_after_another(products: Products) -> Iterator[EngineFault]:
    """Yield two wrong words in steps that follow one another: the first one's error stays."""
    spec = products.spec
    job = products.product(1, 3 * spec.step_length(), 1, raw=False).job
    right = packets(spec, job)
    for names in (("act", "weight"), ("weight", "act")):
        sent = right
        for place, name in enumerate(names):
            words, last = getattr(right, name)
            sent = replace(sent, **{name: (words, np.arange(len(last)) == place)})
        yield _framing(products, job, names[0], sent)
    if job.places is not None:
        broken = packets(spec, replace(job, places=job.places[..., ::-1]))
        words, last = right.act
        sent = replace(broken, act=(words, np.arange(len(last)) == 0))
        yield _framing(products, job, "act", sent)


def too_much(products: Products) -> Iterator[EngineFault]:
    """Yield jobs that are to hold more than a memory has words, of each of the three."""
    spec = products.spec
    step, rows, cols = spec.step_length(), spec.tile_rows, spec.tile_cols
    for flag, (m, k, n) in {
        Flags.HOLD_ACTS: (1, spec.act_depth * step + 1, cols + 1),
        Flags.HOLD_WEIGHTS: (rows + 1, spec.weight_depth * step + 1, 1),
        Flags.HOLD_CHANNELS: (rows + 1, 1, spec.channel_depth + 1),
    }.items():
        job = products.product(m, k, n, raw=False).job
        written = settings(job.schedule(spec))
        written["FLAGS"] |= flag
        yield EngineFault(f"{flag.name} of too much", Error.CAPACITY, job, written,
                          packets(spec, job))  # fmt: skip
