"""The tables of joint density bounds in docs/systolic-array.md: PEs, pruning unit, accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from macsmith.analysis.pe_gains import ADDERS, CLASSIC, UNIT, jobs_of, smallest
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Records,
    Row,
    Shown,
    rows_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, jobs_for, measured
from macsmith.library.technology import Technology
from macsmith.matmul.network_runner import ModelArray, in_numpy, run_layers
from macsmith.networks import pruned_digits
from macsmith.synthesis.yosys_abc import Recipe

JOINT = {"sparsity": "joint-dbb"}

PES: dict[str, dict[str, Any]] = {
    "2x8x2, 4/8": JOINT | {"a": 2, "b": 8, "c": 2},
    "2x32x2, 4/8": JOINT | {"a": 2, "b": 32, "c": 2},
    "4x32x4, 2/8": JOINT | {"a": 4, "b": 32, "c": 4, "nonzeros": 2},
    "4x32x4, 4/8": JOINT | {"a": 4, "b": 32, "c": 4},
    "4x32x4, all weights": JOINT | {"a": 4, "b": 32, "c": 4, "nonzeros": 8},
}
"""PEs by their weights; activations come one after the other."""

KEPT = (8, 4, 2, 1)
"""Activations of a block of 8 that are kept."""

FORMS = ("bitmask", "index")
"""Forms in which the pruning unit gives a block."""

PRUNED = ("dense", "4/8")
"""Networks whose activations are pruned."""


def measure_pes(tech: Technology, sizes: Mapping[str, Mapping[str, Any]] = PES) -> Records:
    """Measure the smallest netlist of the classic PE and of each with joint density bounds."""
    tried = {f"{CLASSIC.pe}, classic": jobs_of(CLASSIC, [], tech)}
    for what, parameters in sizes.items():
        units = [make_spec(UNIT, {**parameters, "adder": adder}) for adder in ADDERS]
        tried[what] = [
            job for spec in units for job in jobs_for({UNIT: spec}, ["pe"], [Recipe.AREA], tech)
        ]
    measure([job for jobs in tried.values() for job in jobs], tech)
    return [_smallest(what, jobs, tech) for what, jobs in tried.items()]


def _smallest(what: str, jobs: Sequence[Job], tech: Technology) -> Row:
    best = smallest(jobs, [measured(job, tech) for job in jobs])
    (record,) = rows_of(measure([best], tech))
    pe = best.spec.at("pe")
    return record | {"pe": what, "products": pe.products(pe.modes[0])}


def pes(runs: Sequence[LibraryRun]) -> Shown:
    """Return PEs, and their products per area over the classic one's by activations kept."""
    classic, *others = runs[0].records
    rows = [_areas(classic) + [""] * len(KEPT)]
    for record in others:
        dense = classic["area_um2"] / classic["products"] * record["products"] / record["area_um2"]
        rows.append([*_areas(record), *(f"{dense / kept:.2f}" for kept in KEPT)])
    head = ["PE, weights", "area um2", "FF", "period ns", *(f"{kept} of 8" for kept in KEPT)]
    return Shown(f"{table(head, rows)}\n\n{made(runs, 'PEs')}")


def measure_pruning(tech: Technology) -> Records:
    """Measure the pruning unit in both forms, its fastest and its smallest netlist."""
    found = []
    for form in FORMS:
        units = {"dap": make_spec("dap", {"form": form})}
        records = rows_of(measure(jobs_for(units, ["unit"], list(Recipe), tech), tech))
        for what, key in (("fastest", "period_ns"), ("smallest", "area_um2")):
            best = min(records, key=lambda record: float(record[key]))
            found.append(best | {"form": form, "netlist": what})
    return found


def pruning(runs: Sequence[LibraryRun]) -> Shown:
    """Return the pruning unit in both forms."""
    rows = [[record["form"], record["netlist"], *_areas(record | {"pe": ""})[1:]]
            for record in runs[0].records]  # fmt: skip
    head = ["form", "netlist", "area um2", "FF", "period ns"]
    return Shown(f"{table(head, rows, 2)}\n\n{made(runs, 'Units')}")


def _areas(record: Row) -> list[str]:
    return [
        record["pe"], f"{record['area_um2']:.0f}", str(record["flip_flops"]),
        f"{record['period_ns']:.2f}",
    ]  # fmt: skip


def measure_accuracy(_: Technology) -> Records:
    """Run the digits network by activations kept: all layers alike, and the first one whole."""
    found = []
    for name in PRUNED:
        network, spec = pruned_digits.load(name), SystolicSpec(b=8, sparsity="joint-dbb")
        for kept in (8, 5, 4, 3, 2, 1):
            every = replace(spec, act_nonzeros=kept)
            layers = in_numpy(ModelArray(every))
            for first in (replace(spec, act_nonzeros=8), every):
                own = {"conv1": (in_numpy(ModelArray(first)), first)}
                runs = list(run_layers(network, layers, every, 0, network.images, own))
                labels = runs[-1].codes.reshape(len(network.images), -1).argmax(axis=1)
                found.append(
                    {
                        "weights": name, "kept": kept, "kept_of_first": first.act_nonzeros,
                        "accuracy": float(np.mean(labels == network.labels)),
                        "cycles": int(sum(run.counters.cycles for run in runs)),
                        "lost": [float(run.lost) for run in runs[1:]],
                    }
                )  # fmt: skip
    return found


def accuracy(runs: Sequence[LibraryRun]) -> Shown:
    """Return the network's accuracy and cycles; what layers lose is with the first one whole."""
    records = iter(runs[0].records)
    rows = []
    for whole, pruned in zip(records, records, strict=True):
        cells = [text for one in (whole, pruned)
                 for text in (f"{one['accuracy']:.2%}", f"{one['cycles']:,}")]  # fmt: skip
        lost = " ".join(f"{share:.1%}" for share in whole["lost"])
        rows.append([whole["weights"], f"{whole['kept']} of 8", *cells, lost])
    head = ["weights", "kept", "conv1 whole: accuracy", "cycles", "all layers: accuracy", "cycles",
            "lost of conv2, conv3, dense"]  # fmt: skip
    return Shown(table(head, rows, 2))


REGIONS = (
    MeasuredRegion("joint", Measured("joint", measure_pes), pes),
    MeasuredRegion("dap", Measured("dap", measure_pruning), pruning),
    MeasuredRegion(
        "pruned acts", Measured("pruned acts", measure_accuracy, on_library=False), accuracy
    ),
)
