"""Tables of docs/ebsp.md that follow from the definition and from the recorded training."""

from functools import partial

import numpy as np

from macsmith.catalog.catalog import make_spec
from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.formats.ebsp_codes import code_bits, truncate
from macsmith.formats.ebsp_values import legal_magnitudes, project
from macsmith.networks import ebsp_networks
from macsmith.verify.ebsp_product_errors import product_errors


def formats() -> Shown:
    """Return values, code bits and worst relative errors of the formats."""
    rows = []
    for bits in range(4, 9):
        weights = np.arange(1, 1 << (bits - 1))
        for pattern in range(1, min(5, bits)):
            errors = [
                np.max(np.abs(rounded - weights) / weights)
                for rounded in (project(weights, bits, pattern), truncate(weights, bits, pattern))
            ]
            counts = [len(legal_magnitudes(bits, pattern, one)) for one in ("window", "run")]
            rows.append(
                [bits, pattern, len(weights), *counts, code_bits(bits, pattern)]
                + [f"{error:.1%}" for error in errors]
            )
    head = ["N", "L", "all", "window", "run", "code bits", "projected", "truncated"]
    return Shown(table(head, rows, 0))


def accuracy(task: str) -> Shown:
    """Return a task's accuracy by N and L, of the seeds that have them all."""
    figures = ebsp_networks.figures()["accuracy"][task]
    count = len(figures[ebsp_networks.OTHERS[0].name]["runs"])
    lengths = sorted({one.pattern for one in ebsp_networks.GRID if one.pattern is not None})

    def cell(name: str) -> str:
        if name not in figures:
            return ""
        runs = figures[name]["runs"][:count]
        return f"{np.mean(runs):.2%} ± {np.std(runs, ddof=1):.2%}"

    rows = [["float", *[""] * len(lengths), cell("float")]]
    rows += [["INT8", *[""] * len(lengths), cell(ebsp_networks.INT8.name)]]
    for bits in sorted({one.bits for one in ebsp_networks.GRID}, reverse=True):
        rows.append([f"N = {bits}", *(cell(f"{bits}-{pattern}") for pattern in lengths), ""])
    by_length = table(["weights", *(f"L = {one}" for one in lengths), "any value"], rows)
    return Shown(f"{by_length}\n\nMean and deviation of {count} runs.")


def losses() -> Shown:
    """Return what settings with L = 3 lose to INT8, run by run, in points."""
    rows = []
    for task in ebsp_networks.TASKS:
        for setting in (*ebsp_networks.COMMITTED[1:], *ebsp_networks.VARIANTS):
            mean, deviation = ebsp_networks.loss(task, setting)
            figures = ebsp_networks.figures()["accuracy"][task][setting.name]
            known = setting in ebsp_networks.COMMITTED
            committed = f"{ebsp_networks.load(task, setting).accuracy():.2%}" if known else ""
            rows.append(
                [
                    task, setting.bits, setting.pattern, setting.reading,
                    "yes" if setting.admm else "", len(figures["runs"]), f"{figures['mean']:.2%}",
                    f"{figures['std']:.2%}", f"{mean:+.2f}", f"{deviation:.2f}", committed,
                ]
            )  # fmt: skip
    head = ["task", "N", "L", "reading", "ADMM", "runs", "mean", "deviation", "points lost to INT8",
            "their deviation", "committed network"]  # fmt: skip
    return Shown(table(head, rows, 5))


def dual_window() -> Shown:
    """Return the errors of dual-window products, over all activations and legal weights."""
    rows = []
    for signed in (False, True):
        for bits in (6, 8):
            settings = {"weight_width": bits, "lut": "dual-window", "act_signed": signed}
            found = product_errors(make_spec("ebsp", settings))
            rows.append(
                [
                    bits, 3, "signed" if signed else "unsigned", f"{found.worst:.2%}",
                    f"{found.mean:.2%}", f"{found.bias:+.2%}", found.worst_absolute,
                    f"{found.mean_absolute:.1f}", f"{found.bias_absolute:+.1f}",
                ]
            )  # fmt: skip
    head = ["N", "L", "8-bit activations", "largest relative error", "mean", "bias",
            "largest error", "mean", "bias"]  # fmt: skip
    return Shown(table(head, rows, 3))


REGIONS = (
    Region("formats", formats),
    Region("losses", losses),
    *(Region(f"accuracy {task}", partial(accuracy, task)) for task in ebsp_networks.TASKS),
    Region("dual window", dual_window),
)
