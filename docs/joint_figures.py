"""The tables of joint density bounds in docs/systolic-array.md, which docs/figures.py fills."""

from dataclasses import replace

import numpy as np
from filling import markdown
from systolic_figures import CLASSIC, smallest

from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.technology import Technology
from macsmith.matmul.network_runner import ModelArray, in_numpy, run_layers
from macsmith.networks import pruned_digits
from macsmith.synthesis.yosys_abc import Recipe

JOINT = {"sparsity": "joint-dbb"}

PES = {
    "1x1x1, classic": CLASSIC,
    "2x8x2, 4/8": JOINT | {"a": 2, "b": 8, "c": 2},
    "2x32x2, 4/8": JOINT | {"a": 2, "b": 32, "c": 2},
    "4x32x4, 2/8": JOINT | {"a": 4, "b": 32, "c": 4, "nonzeros": 2},
    "4x32x4, 4/8": JOINT | {"a": 4, "b": 32, "c": 4},
    "4x32x4, all weights": JOINT | {"a": 4, "b": 32, "c": 4, "nonzeros": 8},
}
"""PEs by their weights; activations come one after the other."""

KEPT = (8, 4, 2, 1)
"""Activations of a block of 8 that are kept."""


def pes(tech: Technology) -> str:
    """Return PEs, and their products per area over the classic one's by activations kept."""
    found = {name: smallest(parameters, tech) for name, parameters in PES.items()}
    classic = found["1x1x1, classic"]
    rows = []
    for name, pe in found.items():
        record = pe.record
        spec = make_spec("systolic", PES[name]).at("pe")
        products = spec.products(spec.modes[0])
        gains = [
            f"{classic.per_mac() * products / kept / record['area_um2']:.2f}"
            if spec.zeros.serial_acts
            else ""
            for kept in KEPT
        ]
        rows.append([name, f"{record['area_um2']:.0f}", record["flip_flops"],
                     f"{record['period_ns']:.2f}", *gains])  # fmt: skip
    head = ["PE, weights", "area um2", "FF", "period ns", *(f"{kept} of 8" for kept in KEPT)]
    return markdown(head, rows)


def dap(tech: Technology) -> str:
    """Return the pruning unit in both forms, by its fastest and its smallest netlist."""
    rows = []
    for form in ("bitmask", "index"):
        units = {"dap": make_spec("dap", {"form": form})}
        records = measure(jobs_for(units, ["unit"], list(Recipe), tech), tech)
        for what, key in (("fastest", "period_ns"), ("smallest", "area_um2")):
            best = min(records, key=lambda record: float(record[key]))
            rows.append([form, what, f"{best['area_um2']:.0f}", best["flip_flops"],
                         f"{best['period_ns']:.2f}"])  # fmt: skip
    return markdown(["form", "netlist", "area um2", "FF", "period ns"], rows, 2)


def accuracy() -> str:
    """Return the digits network by activations kept: its first layer whole, or pruned as well."""
    rows = []
    for name in ("dense", "4/8"):
        network, spec = pruned_digits.load(name), SystolicSpec(b=8, sparsity="joint-dbb")
        for kept in (8, 5, 4, 3, 2, 1):
            every = replace(spec, act_nonzeros=kept)
            whole = replace(spec, act_nonzeros=8)
            layers = in_numpy(ModelArray(every))
            cells: list[object] = []
            for first in (whole, every):
                own = {"conv1": (in_numpy(ModelArray(first)), first)}
                runs = list(run_layers(network, layers, every, 0, network.images, own))
                labels = runs[-1].codes.reshape(len(network.images), -1).argmax(axis=1)
                cycles = sum(run.counters.cycles for run in runs)
                cells += [f"{np.mean(labels == network.labels):.2%}", f"{cycles:,}"]
                if first is whole:
                    lost = [f"{run.lost:.1%}" for run in runs[1:]]
            rows.append([name, f"{kept} of 8", *cells, " ".join(lost)])
    head = ["weights", "kept", "conv1 whole: accuracy", "cycles", "all layers: accuracy", "cycles",
            "lost of conv2, conv3, dense"]  # fmt: skip
    return markdown(head, rows, 2)
