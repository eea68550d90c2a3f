"""Fill the measured tables of README.md and docs/measurement.md.

    python docs/figures.py compare TECH       all styles at the core boundary: runs the synthesis
    python docs/figures.py parameters TECH    what single parameters cost: runs the synthesis
    python docs/figures.py energy TECH        energies of all styles: runs synthesis and simulation
    python docs/figures.py embedded TECH      the embedded library beside TECH: runs both
    python docs/figures.py scaling TECH       docs/scaling.md: runs synthesis and simulation
    python docs/figures.py curve TECH...      area against period: runs the synthesis
    python docs/figures.py unit-energy TECH   the same of units, by where they spend it
    python docs/figures.py systolic TECH      PEs of the systolic array: runs the synthesis
    python docs/figures.py ebsp-array TECH   PEs with EBSP MACs, beside data-gated ones
    python docs/figures.py joint TECH         joint density bounds: synthesis, and a network's loss
    python docs/figures.py toggles TECH...    our toggles and those of Icarus Verilog
    python docs/figures.py ebsp TECH          docs/ebsp.md, and its chart: synthesis and simulation
    python docs/figures.py ebsp-libraries TECH...
                                              ratios of EBSP: runs synthesis and simulation
    python docs/figures.py usecases TECH      mixes of precisions and networks on all styles
    python docs/figures.py qor JSON...        our cores and published RTL, from the files that
                                              ``python -m benchmarks.qor --json`` wrote

TECH is what ``macsmith compare --tech`` takes.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Any

import ebsp_array_figures
import ebsp_figures
import embedded_figures
import joint_figures
import scaling_figures
import systolic_figures
import usecases
from ebsp_pes import iso_areas
from filling import DOCS, README, fill, markdown

from macsmith.catalog.catalog import CATALOG, make_spec
from macsmith.energy.icarus_check import cross_check
from macsmith.jobs.energy_job import EnergyPlan, replay_of
from macsmith.jobs.measure import Record, measure, smallest_product
from macsmith.jobs.netlist_job import Job, jobs_for, versions
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe

MEASUREMENT = DOCS / "measurement.md"
SCALING = DOCS / "scaling.md"
REFERENCE = "data-gated"

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("data-gated", {}),
    ("data-gated", {"stages": 1}),
    ("data-gated", {"adder": "ripple"}),
    ("data-gated", {"compressor": "4:2"}),
    ("data-gated", {"clock_gating": "enable"}),
    ("data-gated", {"length": 4}),
    ("data-gated", {"length": 16}),
    ("subword-st", {}),
    ("subword-st", {"stages": 1}),
    ("subword-st", {"compressor": "4:2"}),
    ("subword-st", {"clock_gating": "none"}),
    ("subword-st", {"length": 4}),
    ("dnc-2d-st", {}),
    ("dnc-2d-st", {"stages": 1}),
    ("dnc-2d-st", {"compressor": "4:2"}),
    ("dnc-2d-st", {"clock_gating": "cell"}),
    ("dnc-2d-st", {"length": 4}),
    ("serial-1d", {}),
    ("serial-1d", {"length": 4}),
    ("serial-1d", {"length": 16}),
]
"""What the table of parameters measures; a unit's first line is what its others refer to."""


def compared(tech: str) -> str:
    """Return the comparison at the core boundary, one row a style."""
    technology = physical(tech)
    records = with_energy(technology)
    base = next(record for record in records if record["unit"] == REFERENCE)["area_um2"]
    modes = list(dict.fromkeys(record["mode"] for record in records))
    rows = []
    for name in CATALOG:
        mine = {record["mode"]: record for record in records if record["unit"] == name}
        one = mine[modes[0]]
        rows.append(
            [
                f"`{name}`", netlist(one), f"{one['area_um2']:.0f}", f"{one['area_ge']:.0f}",
                one["flip_flops"], f"{one['period_ns']:.3f}", f"{one['area_um2'] / base:.2f}",
                *(f"{mine[mode]['energy_pj_per_mac']:.2f}" for mode in (modes[0], modes[-1])),
                *(f"{mine[mode]['gmacs_per_s_per_mm2']:.0f}" for mode in modes),
            ]
        )  # fmt: skip
    head = ["unit", "netlist", "um2", "NAND2", "FF", "ns", "area rel."]
    head += [f"pJ {modes[0]}", f"pJ {modes[-1]}", *modes]
    what = (
        f"Default specifications; pJ are per MAC, on random operands, glitches included; the last "
        f"{len(modes)} columns are GMAC/s/mm2."
    )
    return f"{markdown(head, rows, 2)}\n\n{what} {stamp(technology, records[0])}"


def parameters(tech: str) -> str:
    """Return what single parameters change, at full precision."""
    technology = physical(tech)
    rows, one, record = [], {}, {}
    for name, settings in SETTINGS:
        spec = make_spec(name, settings)
        record = best(technology, {name: spec})[0]
        macs = record["macs_per_cycle"]
        figures = {"area": record["area_um2"] / macs, "period": record["period_ns"]}
        if not settings:
            one = figures
        ratios = {key: figures[key] / one[key] for key in figures}
        rows.append(
            [
                f"`{name}`", " ".join(f"`{key}={value}`" for key, value in settings.items()),
                netlist(record), f"{record['area_um2']:.0f}", record["flip_flops"],
                f"{record['period_ns']:.3f}", f"{ratios['area']:.2f}", f"{ratios['period']:.2f}",
                f"{ratios['area'] * ratios['period']:.2f}",
            ]
        )  # fmt: skip
    head = ["unit", "setting", "netlist", "um2", "FF", "ns", "area a MAC", "period", "product"]
    what = "The last three columns are ratios to the unit's first line; a MAC is one a cycle, 8x8."
    return f"{markdown(head, rows, 3)}\n\n{what} {stamp(technology, record)}"


def energies(tech: str) -> str:
    """Return the energy of every style and mode, and of what it consists at full precision."""
    technology = physical(tech)
    rows, parts = [], []
    records = with_energy(technology)
    modes = list(dict.fromkeys(record["mode"] for record in records))
    for name in CATALOG:
        mine = {record["mode"]: record for record in records if record["unit"] == name}
        one = mine[modes[0]]
        pj = [mine[mode]["energy_pj_per_mac"] for mode in modes]
        rows.append(
            [f"`{name}`", netlist(one), *(f"{value:.3f}" for value in pj),
             f"{one['energy_zero_delay_pj_per_mac']:.3f}"]
        )  # fmt: skip
        parts.append([f"`{name}`", *(f"{pj:.3f}" for pj in one["energy_parts"].values())])
    head = ["unit", "netlist", *modes, f"{modes[0]}, no glitches"]
    what = f"pJ a product; {records[0]['stimulus']}. {stamp(technology, records[0])}"
    split = markdown(["unit", *records[0]["energy_parts"]], parts)
    return f"{markdown(head, rows, 2)}\n\nAt {modes[0]}:\n\n{split}\n\n{what}"


def unit_energies(tech: str) -> str:
    """Return the energy of every unit in its widest and narrowest mode, by place."""
    technology = physical(tech)
    units = {name: make_spec(name) for name in CATALOG}
    records = best(technology, units, EnergyPlan(boundaries=("unit",)), "unit")
    modes = list(dict.fromkeys(record["mode"] for record in records))
    rows = []
    for name in CATALOG:
        mine = {record["mode"]: record for record in records if record["unit"] == name}
        row = [f"`{name}`", netlist(mine[modes[0]])]
        for mode in (modes[0], modes[-1]):
            pj = [mine[mode]["energy_pj_per_mac"], *mine[mode]["energy_places"].values()]
            row += [f"{value:.3f}" for value in pj]
        rows.append(row)
    places = ["total", *records[0]["energy_places"]]
    head = [
        "unit",
        "netlist",
        *(f"{mode} {one}" for mode in (modes[0], modes[-1]) for one in places),
    ]
    what = f"pJ a product; {records[0]['stimulus']}. {stamp(technology, records[0])}"
    return f"{markdown(head, rows, 2)}\n\n{what}"


def toggles(techs: Sequence[str]) -> str:
    """Return our toggles and those of Icarus Verilog, in netlists with and without adder cells."""
    rows = []
    for technology in map(physical, techs):
        for name in ("data-gated", "dnc-2d-st", "serial-1d"):
            for cells in (False, True) if technology.full_adder else (False,):
                spec = make_spec(name)
                replay = replay_of(Job(name, spec, "core", Recipe.AREA, cells), technology)
                ((_, batch),) = Uniform(beats=200, length=200).parts(name, spec, 0)
                with TemporaryDirectory() as folder:
                    check = cross_check(replay, batch, Path(folder))
                rows.append(
                    [
                        technology.name, f"`{name}`", "full adders" if cells else "gates",
                        check.settled, check.wrong, check.icarus, f"{check.toggles_off:+.2%}",
                        f"{check.glitches_off:+.1%}", f"{check.percentile_95:.1%}",
                    ]
                )  # fmt: skip
    head = ["library", "unit", "netlist", "settled", "nets that differ", "with glitches",
            "difference", "of glitches", "95 % of nets within"]  # fmt: skip
    what = "Recipe `area`, core, 8x8, 200 beats in one copy; transitions in Icarus Verilog."
    return f"{markdown(head, rows, 3)}\n\n{what} {_commit()}, {datetime.now(UTC):%Y-%m-%d}."


def quality(files: Sequence[str]) -> tuple[str, str]:
    """Return our cores against published RTL: the ratios of all libraries, and all figures."""
    records = [record for file in files for record in json.loads(Path(file).read_text())]
    libraries = list(dict.fromkeys(record["library"] for record in records))
    found = {(r["library"], r["unit"], r["parameters"]): r for r in records}
    designs = list(dict.fromkeys((r["unit"], r["parameters"]) for r in records))
    kinds = ("ratio", "area_ratio")
    rows: list[list[str]] = [
        [
            f"`{unit}`", f"`{setting}`" if setting else "",
            *(
                f"{found[library, unit, setting][kind]:.2f}"
                for kind in kinds
                for library in libraries
            ),
        ]
        for unit, setting in designs
    ]  # fmt: skip
    for title, chosen in (
        ("geometric mean", designs),
        ("of divide and conquer", [design for design in designs if design[0].startswith("dnc")]),
    ):
        means = [
            geometric_mean(found[library, *design][kind] for design in chosen)
            for kind in kinds
            for library in libraries
        ]
        rows.append([title, "", *(f"{mean:.2f}" for mean in means)])
    head = ["unit", "parameters", *(f"{library}" for library in libraries)]
    head += [f"area, {library}" for library in libraries]
    commits = ", ".join(dict.fromkeys(f"`{record['commit']}`" for record in records))
    newest = max(Path(file).stat().st_mtime for file in files)
    when = f"Sources of commit {commits}, {datetime.fromtimestamp(newest, UTC):%Y-%m-%d}."
    details = "\n\n".join(_figures(library, records) for library in libraries)
    return f"{markdown(head, rows, 2)}\n\n{when}", f"{details}\n\n{when}"


def _figures(library: str, records: Sequence[Any]) -> str:
    """Return the netlists of least area x period on one library, ours and theirs."""
    rows = []
    for record in records:
        if record["library"] == library:
            ours, theirs = (
                min(record[side], key=lambda point: point["area_um2"] * point["period_ns"])
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
    return f"{library}:\n\n{markdown(head, rows, 3)}"


def physical(tech: str) -> Technology:
    """Return a library in um2 and ns."""
    technology = resolve(tech)
    if technology.embedded:
        sys.exit("TECH must name a library in um2 and ns, not the generic one")
    return technology


def best(
    technology: Technology,
    specs: dict[str, MacSpec],
    energy: EnergyPlan | None = None,
    boundary: str = "core",
) -> list[Record]:
    """Return the records of least area x period at a boundary."""
    jobs = jobs_for(specs, [boundary], list(Recipe), technology)
    return smallest_product(measure(jobs, technology, energy=energy))


def with_energy(technology: Technology) -> list[Record]:
    """Return the best records of all default units, energies included."""
    return best(technology, {name: make_spec(name) for name in CATALOG}, EnergyPlan())


def netlist(record: Record) -> str:
    """Return which netlist a record is of."""
    return str(record["recipe"]) + ", cells" * (record["adders"] == "cells")


def stamp(technology: Technology, record: Record) -> str:
    """Return what figures were made with."""
    versions, boundary = record["versions"], record["boundary"].capitalize()
    return (
        f"{boundary} boundary, `{technology.name}` (SHA-256 `{technology.sha256[:12]}`), the "
        f"netlist of least area x period. macsmith {versions['macsmith']} at {_commit()}, Yosys "
        f"{versions['yosys']}, Amaranth {versions['amaranth']}, timing by "
        f"{versions['timing_engine']}; {datetime.now(UTC):%Y-%m-%d}."
    )


def made(*technologies: Technology, cut: str = "Core boundary") -> str:
    """Return libraries, versions and day of figures that are no single netlist's."""
    names = ", ".join(f"`{tech.name}` (SHA-256 `{tech.sha256[:12]}`)" for tech in technologies)
    tools = versions(technologies[0])
    return (
        f"{cut}, {names}. macsmith {tools['macsmith']} at {_commit()}, Yosys "
        f"{tools['yosys']}, timing by {tools['timing_engine']}; {datetime.now(UTC):%Y-%m-%d}."
    )


def _commit() -> str:
    """Return the commit of the sources, marked where hw/ or flow/ differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=DOCS, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "../hw", "../flow")
    return f"`{git('rev-parse', '--short', 'HEAD')}`" + (" with local changes" if changed else "")


def main(arguments: Sequence[str]) -> None:
    """Fill the tables of one kind."""
    match arguments:
        case ["compare", tech]:
            fill(README, {"compare": compared(tech)}, check=False)
        case ["parameters", tech]:
            fill(MEASUREMENT, {"parameters": parameters(tech)}, check=False)
        case ["energy", tech]:
            fill(MEASUREMENT, {"energy": energies(tech)}, check=False)
        case ["unit-energy", tech]:
            fill(MEASUREMENT, {"unit-energy": unit_energies(tech)}, check=False)
        case ["toggles", _, *_]:
            fill(MEASUREMENT, {"toggles": toggles(arguments[1:])}, check=False)
        case ["scaling", tech]:
            technology = physical(tech)
            blocks = {
                "scaling": scaling_figures.operating_points(technology),
                "envision": scaling_figures.published(technology),
            }
            fill(
                SCALING,
                {name: f"{text}\n\n{made(technology)}" for name, text in blocks.items()},
                check=False,
            )
        case ["joint", tech]:
            technology = physical(tech)
            blocks = {
                "joint": f"{joint_figures.pes(technology)}\n\n{made(technology, cut='PEs')}",
                "dap": f"{joint_figures.dap(technology)}\n\n{made(technology, cut='Units')}",
                "pruned acts": joint_figures.accuracy(),
            }
            fill(DOCS / "systolic-array.md", blocks, check=False)
        case ["ebsp-array", tech]:
            technology = physical(tech)
            text = f"{ebsp_array_figures.pes(technology)}\n\n{made(technology, cut='PEs')}"
            fill(DOCS / "ebsp.md", {"ebsp pes": text}, check=False)
        case ["systolic", tech]:
            technology = physical(tech)
            blocks = {
                name: f"{text}\n\n{made(technology, cut='PEs')}"
                for name, text in (
                    ("pes", systolic_figures.pes(technology)),
                    ("published", systolic_figures.published(technology)),
                )
            }
            fill(DOCS / "systolic-array.md", blocks, check=False)
        case ["ebsp", tech]:
            technology = physical(tech)
            blocks = {
                name: f"{text}\n\n{made(technology, cut=cut)}"
                for name, cut, text in ebsp_figures.tables(technology)
            }
            fill(DOCS / "ebsp.md", blocks, check=False)
        case ["ebsp-libraries", _, *_]:
            technologies = [physical(tech) for tech in arguments[1:]]
            made_with = made(*technologies, cut="Multipliers and cores")
            blocks = {
                name: f"{text}\n\n{made_with}"
                for name, text in (
                    ("libraries", ebsp_figures.libraries(technologies)),
                    ("iso-area libraries", iso_areas(technologies)),
                )
            }
            fill(DOCS / "ebsp.md", blocks, check=False)
        case ["embedded", tech]:
            technology = physical(tech)
            found = [with_energy(library) for library in (resolve(), technology)]
            text = "\n\n".join(embedded_figures.agreement(*found))
            made_with = made(resolve(), technology)
            fill(MEASUREMENT, {"embedded": f"{text}\n\n{made_with}"}, check=False)
        case ["curve", _, *_]:
            technologies = [physical(tech) for tech in arguments[1:]]
            text = scaling_figures.curve(technologies)
            fill(MEASUREMENT, {"curve": f"{text}\n\n{made(*technologies)}"}, check=False)
        case ["usecases", tech]:
            technology = physical(tech)
            blocks = {
                kind: f"{table(technology)}\n\n{made(technology)}"
                for kind, table in (
                    ("mixes", usecases.mixes),
                    ("networks", usecases.networks),
                    ("envision", usecases.envision),
                )
            }
            fill(DOCS / "use-cases.md", blocks, check=False)
        case ["qor", _, *_]:
            ratios, details = quality(arguments[1:])
            fill(README, {"qor": ratios}, check=False)
            fill(MEASUREMENT, {"qor": details}, check=False)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
