"""One layer on dense arrays, arrays of blocks, and engines that skip zeros: what it takes of each.

All figures are of a useful product, one whose operands are both not zero, and of four multipliers.
Logic is measured: netlists and what their nets do while the layer goes through. Memories are
counted accesses, and energies of macros (`sram`). Of engines accesses are counted while their
netlists run; of an array of 2 x 2 PEs they follow from what is read in a step.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.analysis.zeros.sram import MacroFamily
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.energy_job import energies_of
from macsmith.jobs.netlist_job import Job, jobs_for, measured, memories_of
from macsmith.library.technology import Technology
from macsmith.operands.packet_sources.packets import useful
from macsmith.operands.packet_sources.sparse_layer import SparseLayer
from macsmith.rtl.external_memory import MemorySize
from macsmith.synthesis.yosys_abc import Recipe

MULTIPLIERS = 4
"""Of each of those that are compared."""

BLOCK = 8
"""Channels of a block under a density bound."""

WORDS = 256
"""Words of an array's memories of operands."""


@dataclass(frozen=True)
class Contender:
    """What is compared.

    Members
    -------
    name:
        What it is called.
    unit, settings, boundary:
        What is measured.
    bound, block:
        Of weights, how many in each block may be kept; 0 if any.
    acts_bound:
        Whether that binds activations, too.
    least, most:
        Densities that it is compared at: from above ``least`` to ``most``.
    """

    name: str
    unit: str
    settings: Mapping[str, Any]
    boundary: str = "pe"
    bound: int = 0
    block: int = BLOCK
    acts_bound: bool = False
    least: float = 0.0
    most: float = 1.0

    def job(self, tech: Technology) -> Job:
        """Return the netlist that is measured."""
        spec = make_spec(self.unit, self.settings)
        return jobs_for({self.unit: spec}, [self.boundary], [Recipe.AREA], tech)[0]

    def layer(self, density: float) -> SparseLayer:
        """Return the layer at a density."""
        return SparseLayer(density, self.bound, self.block, self.acts_bound)


GRID: Mapping[str, Any] = {"rows": 2, "cols": 2}

BLOCKS: Mapping[str, Any] = {**GRID, "b": BLOCK, "block": BLOCK}


def _blocks(name: str, kept: int, least: float, **more: Any) -> Contender:
    settings = {**BLOCKS, "nonzeros": kept, **more}
    return Contender(name, "systolic", settings, bound=kept, least=least, most=kept / BLOCK,
                     acts_bound="act_nonzeros" in more)  # fmt: skip


CONTENDERS: Sequence[Contender] = (
    Contender("dense", "systolic", GRID),
    Contender("zero-gated", "systolic", {**GRID, "sparsity": "zero-gated"}),
    Contender("2:4 weights", "systolic",
              {**GRID, "sparsity": "dbb", "b": 4, "block": 4, "nonzeros": 2},
              bound=2, block=4, most=0.5),
    *(
        _blocks("k of 8 weights", kept, least, sparsity="dbb")
        for kept, least in ((4, 0.25), (2, 0.125), (1, 0.0))
    ),
    *(
        _blocks("k of 8 of both", kept, least, sparsity="joint-dbb", act_nonzeros=kept)
        for kept, least in ((4, 0.25), (2, 0.125), (1, 0.0))
    ),
    Contender("cnvlutin-lane", "cnvlutin-lane",
              {"lanes": 2, "filters": 2, "brick": 8, "window": 5, "windows": 6, "bricks": 30},
              "logic"),
    Contender("scnn", "scnn",
              {"rows": 1, "cols": 1, "tile": 8, "channels": 8, "act_words": WORDS,
               "weight_words": WORDS}, "logic"),
    Contender("eie", "eie",
              {"pes": 4, "codebook": False, "value_bits": 8, "data_width": 16, "shift": 6,
               "lanes": 4, "words": WORDS, "depth": 32, "pointer_width": 11}, "logic"),
)  # fmt: skip


@dataclass(frozen=True)
class Worth:
    """What a useful product takes.

    Members
    -------
    name, density:
        Of what, at which density of activations and of weights.
    cycles:
        Clock cycles of four multipliers.
    logic_pj, memory_pj:
        Energies.
    logic_um2, memory_um2:
        Areas of four multipliers' worth.
    period_ns:
        Of the netlist.
    """

    name: str
    density: float
    cycles: float
    logic_pj: float
    memory_pj: float
    logic_um2: float
    memory_um2: float
    period_ns: float
    accesses: Mapping[str, float] = field(default_factory=dict)


def worth(one: Contender, density: float, tech: Technology, macros: MacroFamily) -> Worth:
    """Measure a contender at a density."""
    job = one.job(tech)
    result = measured(job, tech)
    (found,) = energies_of(job, tech, one.layer(density)).values()
    logic, work = sum(found["parts"].values()), found["work"]
    if job.boundary == "pe":
        return _of_array(one, density, job, logic, result, macros)
    sizes = memories_of(job)
    accesses = {what: n for what, n in work.items() if " " in what}
    pj = 0.0
    for what, count in accesses.items():
        kind, _, place = what.partition(" ")
        size = sizes[re.sub(r"\$\d+", "", place)]
        pj += count * (macros.read_pj(size) if kind == "read" else macros.write_pj(size))
    area = sum(macros.area_um2(size) for size in sizes.values())
    return Worth(one.name, density, work["cycles"], logic, pj, result["area"], area,
                 result["period"], accesses)  # fmt: skip


def _of_array(
    one: Contender, density: float, job: Job, logic: float, result: Mapping[str, Any],
    macros: MacroFamily,
) -> Worth:  # fmt: skip
    spec: Any = job.spec
    rows, matrix = SparseLayer(1.0).matrices()
    # What an array does never depends on how many products are useful, so their mean counts.
    share = useful(rows, matrix) / (len(rows) * matrix.size) * density**2
    lanes, terms = spec.multipliers, matrix.shape[1]
    # Of a step of all PEs: its cycles, its dense products, and the words that are read for it.
    step, products = spec.zeros.step_cycles, spec.rows * spec.cols * spec.b
    act_bits = 8 * spec.b if not one.acts_bound else (8 + spec.zeros.index_bits) * one.bound
    weight_bits = (8 + spec.zeros.index_bits) * spec.zeros.weight_words
    acts = MemorySize(act_bits * spec.rows, WORDS)
    weights = MemorySize(weight_bits * spec.cols, WORDS)
    sums = MemorySize(spec.acc_width, WORDS)
    accesses = {
        f"read {acts}": 1 / products / share, f"read {weights}": 1 / products / share,
        f"write {sums}": 1 / terms / share,
    }  # fmt: skip
    pj = (macros.read_pj(acts) + macros.read_pj(weights)) / products / share
    pj += macros.write_pj(sums) / terms / share
    area = sum(macros.area_um2(size) for size in (acts, weights, sums)) * MULTIPLIERS / lanes
    pe_lanes = lanes / (spec.rows * spec.cols)
    return Worth(
        one.name, density, step / products / share * lanes / MULTIPLIERS,
        logic / share, pj,
        result["area"] * MULTIPLIERS / pe_lanes, area, result["period"], accesses,
    )  # fmt: skip
