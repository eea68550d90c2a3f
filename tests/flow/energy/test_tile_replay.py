"""Memories of tiles as netlists: a layer's tiles through them, energies and stalls."""

from macsmith.catalog.catalog import make_spec
from macsmith.energy.replays.tile_replay import TileReplay
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.netlist_job import jobs_for, measured, netlist_of
from macsmith.library.resolve import resolve
from macsmith.operands.packet_sources.tiled_layer import TiledLayer
from macsmith.synthesis.yosys_abc import Recipe

LAYER = TiledLayer(rows=2, side=4, kernel=2)


def test_a_double_buffer_waits_longer_for_its_producer() -> None:
    """Of a read: 24 in windows of 4 words, of 12 words that a buffet is given, of 16 otherwise."""
    tech = resolve()
    found = {}
    for name in ("buffet", "double-buffer"):
        spec = make_spec(name, {"width": 2, "size": 16, "pending": 1})
        (job, *_) = jobs_for({name: spec}, ["logic"], [Recipe.AREA], tech)
        with plain_folder() as folder:
            period = measured(job, tech)["period"]
            replay = TileReplay(name, spec, netlist_of(job, tech, folder), tech, period)
        found[name] = [replay.tiled(LAYER, interval) for interval in (1, 4)]
    fast, slow = zip(*found.values(), strict=True)
    assert [24 * one["writes"] for one in fast] == [12, 16]
    assert [one["reads"] for one in fast] == [1, 1]
    assert fast[0]["stalls"] < fast[1]["stalls"] and slow[0]["stalls"] < slow[1]["stalls"]
    assert all(one["logic_pj"] > 0 for one in fast)
