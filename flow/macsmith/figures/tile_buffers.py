"""The table of docs/sparse-engines.md that compares a buffet and a double buffer."""

from collections.abc import Sequence

from macsmith.analysis.zeros.sram import IHP
from macsmith.catalog.catalog import make_spec
from macsmith.energy.power_model import check_power
from macsmith.energy.replays.tile_replay import TileReplay
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.netlist_job import jobs_for, measured, memories_of, netlist_of
from macsmith.library.technology import Technology
from macsmith.operands.packet_sources.tiled_layer import TiledLayer
from macsmith.synthesis.yosys_abc import Recipe

WIDTH = 32
"""Bits of a word: four channels of 8 bits."""

LAYER = TiledLayer()
"""Eight rows of a layer of 28 x 28 with filters of 3 x 3."""

MEMORIES = (("buffet", 240), ("double-buffer", 240), ("buffet", 120))
"""What is compared: of as many words, and of half of them."""

INTERVALS = (1, 4, 8)
"""Cycles of the producer for a word."""


def measure_buffers(tech: Technology) -> Records:
    """Measure areas, energies and stalls of each."""
    check_power(tech)
    records = []
    for name, size in MEMORIES:
        spec = make_spec(name, {"width": WIDTH, "size": size})
        (job,) = jobs_for({name: spec}, ["logic"], [Recipe.AREA], tech)[:1]
        result = measured(job, tech)
        (words,) = memories_of(job).values()
        with plain_folder() as folder:
            netlist = netlist_of(job, tech, folder)
            replay = TileReplay(name, spec, netlist, tech, result["period"])
        for interval in INTERVALS:
            found = replay.tiled(LAYER, interval)
            pj = found["reads"] * IHP.read_pj(words) + found["writes"] * IHP.write_pj(words)
            records.append(
                {"unit": name, "size": size, "interval": interval, **found, "memory_pj": pj,
                 "logic_um2": result["area"], "memory_um2": IHP.area_um2(words),
                 "period_ns": result["period"]}
            )  # fmt: skip
    return records


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return areas, and energies and stalls by the producer's pace."""
    records = runs[0].records
    areas, rows = [], []
    for name, size in MEMORIES:
        mine = [one for one in records if (one["unit"], one["size"]) == (name, size)]
        first, label = mine[0], f"`{name}`, {size} words"
        areas.append([label, f"{first['logic_um2']:,.0f}", f"{first['memory_um2']:,.0f}",
                      f"{first['period_ns']:.2f}", f"{first['writes']:.3f}",
                      f"{first['logic_pj']:.1f} + {first['memory_pj']:.1f}"])  # fmt: skip
        rows.append([label, *(f"{one['stalls']:.2f}" for one in mine), *(
            f"{_edp(one) / _edp(other):.2f}"
            for one, other in zip(mine, _of_buffet(records), strict=True)
        )])  # fmt: skip
    heads = (
        ["memory", "logic um2", "words um2", "ns", "words filled in", "pJ: logic + words"],
        ["memory", *(f"stalls at {one}" for one in INTERVALS),
         *(f"energy x delay at {one}" for one in INTERVALS)],
    )  # fmt: skip
    parts = [table(heads[0], areas), table(heads[1], rows), made(runs, "Netlists")]
    return Shown("\n\n".join([*parts, f"Memories: {IHP.name}."]))


def _edp(record: dict[str, float]) -> float:
    return (record["logic_pj"] + record["memory_pj"]) * record["cycles"]


def _of_buffet(records: Records) -> Records:
    """Return the records of the first memory."""
    return [one for one in records if (one["unit"], one["size"]) == MEMORIES[0]]


REGION = MeasuredRegion("buffers", Measured("buffers", measure_buffers), shown)
