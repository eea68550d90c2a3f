"""The tables of our cores beside published RTL, from what ``benchmarks.qor --json`` wrote."""

from collections.abc import Sequence
from statistics import geometric_mean

from macsmith.figures.docs_page import LibraryRun, Measured, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made

BESIDE_PUBLISHED = Measured(
    "qor",
    "python -m benchmarks.qor REFERENCE LIBRARY=TECH ... --json docs/data/quality-of-result.json",
    several=True,
    file="quality-of-result",
)

RATIOS = {"ratio": "", "area_ratio": "area, "}
"""Keys of ratios, and how their columns begin."""

FEW = "dnc"
"""Designs whose means stand apart: of divide and conquer."""


def ratios(runs: Sequence[LibraryRun]) -> Shown:
    """Return our least area x period and area over the published RTL's, design by design."""
    found = [
        {(record["unit"], record["parameters"]): record for record in run.records} for run in runs
    ]
    designs = list(found[0])
    rows: list[list[str]] = [
        [
            f"`{unit}`", f"`{setting}`" if setting else "",
            *(f"{own[unit, setting][key]:.2f}" for key in RATIOS for own in found),
        ]
        for unit, setting in designs
    ]  # fmt: skip
    divided = [design for design in designs if design[0].startswith(FEW)]
    for title, chosen in (("geometric mean", designs), ("of divide and conquer", divided)):
        means = [
            geometric_mean(own[design][key] for design in chosen) for key in RATIOS for own in found
        ]
        rows.append([title, "", *(f"{mean:.2f}" for mean in means)])
    head = ["unit", "parameters", *(f"{start}{_name(run)}" for start in RATIOS.values()
                                    for run in runs)]  # fmt: skip
    return Shown(f"{table(head, rows, 2)}\n\n{made(runs, 'Cores')}")


def netlists(runs: Sequence[LibraryRun]) -> Shown:
    """Return the netlists of least area x period on each library, ours and theirs."""
    details = "\n\n".join(f"{_name(run)}:\n\n{_details(run)}" for run in runs)
    return Shown(f"{details}\n\n{made(runs, 'Cores')}")


def _name(run: LibraryRun) -> str:
    return str(run.records[0]["library"])


def _details(run: LibraryRun) -> str:
    rows = []
    for record in run.records:
        ours, theirs = (
            min(record[side], key=lambda point: float(point["area_um2"] * point["period_ns"]))
            for side in ("ours", "theirs")
        )
        rows.append(
            [
                f"`{record['unit']}`", record["parameters"] and f"`{record['parameters']}`",
                f"{ours['recipe']}, {ours['adder']}" + ", cells" * ours["adder_cells"],
                f"{ours['area_um2']:.0f}", f"{ours['period_ns']:.3f}", theirs["recipe"],
                f"{theirs['area_um2']:.0f}", f"{theirs['period_ns']:.3f}",
                f"{record['ratio']:.3f}", f"{record['area_ratio']:.3f}",
            ]
        )  # fmt: skip
    head = ["unit", "parameters", "ours", "um2", "ns", "theirs", "um2", "ns", "product", "area"]
    return table(head, rows, 3)
