"""Tensor PEs of several sizes and densities, and what they gain over the classic PE.

    gain in products per area    (products / area)  over the classic PE's
    gain in products per energy  the classic PE's energy of a product over this one's

Products are those of the dense matrices. The classic PE is 1 x 1 x 1 and dense, of the same
operands and accumulators. Of each PE the smallest netlist counts, by recipe AREA, with a fitted and
with a rippling adder, of gates and of adder cells.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from macsmith.analysis.published.tensor_pe import CLASSIC_PE
from macsmith.catalog.settings import spec_of
from macsmith.contract.errors import UserError
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.netlist_job import Job, Result, jobs_for, netlist_of
from macsmith.library.technology import Technology
from macsmith.records.energies import energy
from macsmith.records.record import ArrayRecord, PeRecord, PlacedRecord
from macsmith.records.selection import least
from macsmith.synthesis.mapped_netlist import read_module
from macsmith.synthesis.yosys_abc import Recipe

UNIT = "systolic"

PES = (CLASSIC_PE, "2x4x2", "2x8x2", "4x8x4")
"""The sizes A x B x C that are measured if none are named."""

DENSITIES = ("dense", "zero-gated", "2:4", "4/8", "3/8", "2/8")
"""The densities that are measured if none are named."""

ADDERS = ("auto", "ripple")
"""Adders that are tried of each PE."""


@dataclass(frozen=True)
class Point:
    """A size of PE, ``AxBxC``, and a density: ``dense``, ``zero-gated``, or ``k/B`` or ``k:B``."""

    pe: str
    density: str

    @property
    def settings(self) -> list[str]:
        """What sets it apart, as users set parameters.

        Raises
        ------
        UserError
            If it is no size or no density.
        """
        size = re.fullmatch(r"(\d+)x(\d+)x(\d+)", self.pe)
        if size is None:
            raise UserError(f"pe must be A x B x C such as 2x8x2, not {self.pe!r}")
        return [*(f"{name}={n}" for name, n in zip("abc", size.groups(), strict=True)),
                *self._sparsity()]  # fmt: skip

    def _sparsity(self) -> list[str]:
        if self.density in ("dense", "zero-gated"):
            return [f"sparsity={self.density}"]
        bound = re.fullmatch(r"(\d+)[/:](\d+)", self.density)
        if bound is None:
            raise UserError(
                f"density must be dense, zero-gated, or non-zeros of a block such as 4/8 or 2:4, "
                f"not {self.density!r}"
            )
        return ["sparsity=dbb", f"nonzeros={bound[1]}", f"block={bound[2]}"]

    @property
    def fits(self) -> bool:
        """Whether whole blocks fit into the dot products."""
        found = dict(setting.split("=") for setting in self.settings)
        block = int(found.get("block", 1))
        return block == 0 or int(found["b"]) % block == 0


CLASSIC = Point(CLASSIC_PE, "dense")


def points_of(pes: Iterable[str] = (), densities: Iterable[str] = ()) -> list[Point]:
    """Return the classic PE and all combinations, but for blocks that dot products cannot hold.

    Raises
    ------
    UserError
        If a size or a density is none, or one that was asked for fits no size.
    """
    pes, asked = list(pes) or list(PES), list(densities)
    points = [Point(pe, density) for pe in pes for density in asked or DENSITIES]
    for density in asked:
        if not any(point.fits for point in points if point.density == density):
            raise UserError(
                f"pe must have whole blocks along B for density {density}, not {', '.join(pes)}"
            )
    return list(dict.fromkeys([CLASSIC, *(point for point in points if point.fits)]))


def jobs_of(point: Point, settings: Sequence[str], tech: Technology) -> list[Job]:
    """Return the netlists of a PE among which the smallest is taken.

    Raises
    ------
    UserError
        If a parameter breaks its rule, or is one that the point sets.
    """
    own = {setting.partition("=")[0] for setting in point.settings} | {"block", "nonzeros"}
    for setting in settings:
        if setting.partition("=")[0] in own:
            raise UserError(f"--set must not be given for what --pe and --density say: {setting!r}")
    chosen = any(setting.startswith("adder=") for setting in settings)
    adders = [[]] if chosen else [[f"adder={adder}"] for adder in ADDERS]
    units = [spec_of(UNIT, [*point.settings, *settings, *adder]) for adder in adders]
    return [job for spec in units for job in jobs_for({UNIT: spec}, ["pe"], [Recipe.AREA], tech)]


def smallest(jobs: Sequence[Job], results: Sequence[Result]) -> Job:
    """Return the job of the smallest netlist."""
    (best,) = least(range(len(jobs)), lambda _: None, lambda k: float(results[k]["area"]))
    return jobs[best]


def drain_area(job: Job, tech: Technology) -> float:
    """Return the area of the flip-flops that hold sums on their way out; a chained PE has none.

    They are taken to be like the smallest flip-flop of the netlist.
    """
    spec: Any = job.spec
    if spec.movement.chains_sums:
        return 0.0
    with plain_folder() as folder:
        module = read_module(netlist_of(job, tech, folder).json, "unit")
    cells = (tech.library.cells[instance.cell] for instance in module.instances)
    flip_flop = min(cell.area for cell in cells if cell.sequential == "ff")
    return float(spec.a * spec.c * spec.acc_width * flip_flop)


def placed(record: ArrayRecord, point: Point, drain: float, tech: Technology) -> PlacedRecord:
    """Return a record with its point, and the area of its sum registers."""
    return {
        **record,
        "pe": point.pe,
        "density": point.density,
        "drain_um2": None if tech.embedded else drain,
        "drain_ge": drain / tech.nand2_area,
    }


def with_gains(records: Sequence[PlacedRecord]) -> list[PeRecord]:
    """Return records with what they gain over the classic PE in the same mode and stimulus."""
    classic = {
        (one["point"], one["stimulus"]): one
        for one in records
        if (one["pe"], one["density"]) == (CLASSIC.pe, CLASSIC.density)
        and one["parameters"]["dataflow"] == "output"
    }
    return [_gains(record, classic[record["point"], record["stimulus"]]) for record in records]


def _gains(record: PlacedRecord, classic: PlacedRecord) -> PeRecord:
    own, other = energy(record), energy(classic)
    return {
        **record,
        "area_gain": _area(classic, 1) / _area(record, 1),
        "area_gain_without_drain": _area(classic, 0) / _area(record, 0),
        "energy_gain": other / own if own and other else None,
    }


def _area(record: PlacedRecord, drained: int) -> float:
    """Return the area of a product, with the sum registers or without."""
    spare = 0.0 if drained else record["drain_ge"]
    return (record["area_ge"] - spare) / record["operations_per_cycle"]
