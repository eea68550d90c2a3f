"""Verification of MACs: that of stream units, and the layers of a real network."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from macsmith.bench.bulk import compare
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.networks import digits
from macsmith.operands.batches import Batch
from macsmith.operands.layer_batches import layer_batches
from macsmith.operands.stimulus import Network, UnfitError
from macsmith.rtlsim.bulk_engine import Engine
from macsmith.verify.plan import Plan
from macsmith.verify.stream_unit import StreamVerification

LAYER_SAMPLE = 2
"""Dot products of each layer that go through a simulator; compiled RTL takes them all."""


class MacVerification(StreamVerification):
    """See `macsmith.verify.plan.Verification`."""

    def more_in_bulk(self, spec: Any, engine: Engine, plan: Plan) -> Iterator[Run]:
        """Yield a run for each mode that the network has: every dot product of every layer."""
        model = golden(self.name, spec)
        for mode, network in _networks(self.name, spec, plan):
            title = f"{spec.modes[mode]} network"
            run = Run(self.name, spec.parameters(), title, "bulk", engine.engine, 1, told=plan.told)
            for batch in layer_batches(model, network, mode, network.images[: plan.images]):
                compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
            yield run

    def given(self, spec: Any, plan: Plan) -> Iterable[Batch]:
        """Return a few dot products of each layer and mode."""
        model = golden(self.name, spec)
        for mode, network in _networks(self.name, spec, plan):
            images = network.images[: plan.images]
            yield from layer_batches(model, network, mode, images, LAYER_SAMPLE, plan.seed)


def _networks(name: str, spec: Any, plan: Plan) -> Iterator[tuple[int, digits.QuantisedNetwork]]:
    """Yield the modes that the network is quantised to; it has unsigned x signed operands."""
    if not plan.images or spec.act_signed or not spec.weight_signed:
        return
    for index in range(len(spec.modes)):
        with suppress(UnfitError):
            yield index, Network().network_for(name, spec, index)
