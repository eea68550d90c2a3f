"""The tables of docs/special-functions.md: errors over every input, ROM bits, what units cost."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Page,
    Records,
    Shown,
    rows_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.golden.catalog import golden
from macsmith.golden.functions.faithful import TRUE, errors
from macsmith.host.int64s import Int64s
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe

DEGREES = (1, 2, 3)

ACTIVATIONS = ("sigmoid", "tanh", "gelu")

ELEMENTARY = tuple(name for name in TRUE if name not in ACTIVATIONS)

NARROW = ("fp16", "bf16", "dlfloat16")
"""Formats of which every code is an argument."""

WIDE = "fp32"
"""The format of which all significands of some exponents are."""

EXPONENTS = {"reciprocal": (0,), "sqrt": (0, 1), "rsqrt": (0, 1), "ln": (-1, 0), "log2": (-1, 0)}
"""Those, by function; others have (-1, 0), of both signs."""

OTHERS = (-1, 0)

STIMULUS = Uniform(beats=500)

COSTS = (
    tuple((name, "fp16", 2) for name in TRUE)
    + tuple(
        (name, fmt, degree)
        for name in ("reciprocal", "exp")
        for fmt, degree in (("fp16", 1), ("fp16", 3), ("bf16", 2), ("dlfloat16", 2), (WIDE, 3))
    )
    + (("gelu", "bf16", 2), ("gelu", WIDE, 3), ("softmax", "fp16", 2), ("batch-norm", "fp16", 2))
)
"""Function, format and degree of what is measured."""


def accuracy(tech: Technology) -> Records:
    """Return errors of elementary functions over all arguments."""
    del tech
    return _accuracy(ELEMENTARY, {(name, WIDE, 1) for name in ELEMENTARY})


def accuracy_of_activations(tech: Technology) -> Records:
    """Return those of activations."""
    del tech
    wide = {(name, WIDE, degree) for name in ACTIVATIONS for degree in (1, 2)}
    return _accuracy(ACTIVATIONS, wide)


def _accuracy(names: Sequence[str], without: set[tuple[str, str, int]]) -> Records:
    """Return errors of functions, but of formats and degrees that there are not."""
    rows: Records = []
    for name in names:
        for fmt in (*NARROW, WIDE):
            for degree in DEGREES:
                if (name, fmt, degree) in without:
                    continue
                spec = make_spec(name, {"format": fmt, "degree": degree})
                facts = spec.facts(spec.points[0])
                found = errors(golden(name, spec), _arguments(name, fmt))
                rows.append(
                    {
                        "unit": name, "format": fmt, "degree": degree,
                        "segments": facts["segments"], "rom_bits": facts["rom_bits"],
                        "arguments": found.count, "unfaithful": found.unfaithful,
                        "most_ulp": found.most, "correctly_rounded": found.share,
                    }
                )  # fmt: skip
    return rows


def _arguments(name: str, fmt: str) -> Iterator[Int64s]:
    if fmt != WIDE:
        yield np.arange(1 << 16)
        return
    for sign in (0,) if name in EXPONENTS else (0, 1):
        for exponent in EXPONENTS.get(name, OTHERS):
            first = sign << 31 | exponent + 127 << 23
            for part in range(first, first + (1 << 23), 1 << 20):
                yield np.arange(part, part + (1 << 20))


def costs(tech: Technology) -> Records:
    """Measure units, the netlist of one recipe each."""
    jobs = [
        Job(name, make_spec(name, {"format": fmt, "degree": degree}), "unit", Recipe.BALANCED,
            tech.full_adder is not None)
        for name, fmt, degree in COSTS
    ]  # fmt: skip
    return rows_of(measure(jobs, tech, energy=EnergyPlan(STIMULUS, ("unit",), "all")))


def rom_and_errors(runs: Sequence[LibraryRun]) -> Shown:
    """Return ROM bits, the greatest error and the share of correctly rounded results."""
    found = {(one["unit"], one["format"], one["degree"]): one for one in runs[0].records}
    rows = []
    for name in dict.fromkeys(one["unit"] for one in runs[0].records):
        for degree in DEGREES:
            cells = []
            for fmt in (*NARROW, WIDE):
                one = found.get((name, fmt, degree))
                if one is None:
                    cells += ["", "", ""]
                    continue
                if one["unfaithful"]:
                    raise AssertionError(f"{name} of {fmt}, degree {degree}, is not faithful")
                cells += [
                    f"{one['segments']}, {one['rom_bits']:,}", f"{one['most_ulp']:.3f}",
                    f"{one['correctly_rounded']:.0%}",
                ]  # fmt: skip
            rows.append([f"`{name}`", str(degree), *cells])
    head = ["", "degree"]
    for fmt in (*NARROW, WIDE):
        head += [f"{fmt}: segments, ROM bits", "most ulp", "right"]
    arguments = sum(one["arguments"] for one in runs[0].records)
    run = runs[0]
    text = (
        f"Over {arguments:,} arguments in all no result is unfaithful. *Right* are results that "
        f"are correctly rounded. By the golden models, of which units are bit-exact copies; "
        f"macsmith {run.versions['macsmith']} at {run.commit}; {run.date}."
    )
    return Shown(f"{table(head, rows)}\n\n{text}")


def what_it_costs(runs: Sequence[LibraryRun]) -> Shown:
    """Return area, period and energy."""
    rows = []
    for one in runs[0].records:
        parameters = one["parameters"]
        spec = lookup(one["unit"]).spec(**parameters)
        rows.append(
            [
                f"`{one['unit']}`", parameters["format"], str(parameters["degree"]),
                f"{spec.facts(spec.points[0])['rom_bits']:,}", str(spec.latency(spec.points[0])),
                f"{one['operations_per_cycle']:g}",
                f"{one['area_um2']:,.0f}", f"{one['period_ns']:.2f}",
                f"{one['energy_pj_per_operation']:.2f}",
            ]
        )  # fmt: skip
    head = ["unit", "format", "degree", "ROM bits", "latency, cycles", "results a cycle",
            "area, um2", "period, ns", "energy of a result, pJ"]  # fmt: skip
    return Shown(f"{table(head, rows, 2)}\n\n{made(runs[:1], 'Units')}")


PAGE = Page(
    "docs/special-functions.md",
    (
        MeasuredRegion(
            "errors", Measured("errors", accuracy, on_library=False), rom_and_errors
        ),
        MeasuredRegion(
            "activations",
            Measured("activations", accuracy_of_activations, on_library=False),
            rom_and_errors,
        ),
        MeasuredRegion("costs", Measured("costs", costs), what_it_costs),
    ),
)  # fmt: skip
