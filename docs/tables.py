"""Fill the generated tables of README.md and docs/, between comments such as ``<!-- units -->``.

    python docs/tables.py                   the tables that follow from the catalogue
    python docs/tables.py --check           end with status 1 if one of these is out of date
    python docs/tables.py --compare TECH    the comparison in README.md too: runs the synthesis

TECH is what ``macsmith compare --tech`` takes.
"""

import argparse
import json
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from amaranth import Module
from amaranth.hdl import UnusedElaboratable

from macsmith.catalog import CATALOG, build, make_spec
from macsmith.mac.core import MacCore, ParallelCore
from macsmith.mac.serial import SerialSpec
from macsmith.mac.unit import MacUnit
from macsmith.spec import MacSpec, Mode
from macsmith.variants import KINDS, variants
from macsmith.workloads import digits

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
STYLES, NETWORKS = DOCS / "mac-styles.md", DOCS / "networks.md"
VERIFICATION = DOCS / "verification.md"
REFERENCE = "data-gated"

# Units are built here for their latency and their registers only.
warnings.simplefilter("ignore", UnusedElaboratable)


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]], text_columns: int = 1) -> str:
    """Return a table; all columns but the first ones hold numbers and stand to the right."""
    rule = ["---"] * text_columns + ["--:"] * (len(head) - text_columns)
    lines = [head, rule, *([str(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rate(spec: MacSpec, mode: Mode) -> Fraction:
    """Return the products per cycle."""
    return Fraction(spec.products(mode), spec.cycles(mode))


def units() -> str:
    """Return every unit with its products per cycle."""
    specs = {name: make_spec(name) for name in CATALOG}
    modes = next(iter(specs.values())).modes
    rows = [
        [f"`{name}`", spec.summary, *(str(rate(spec, mode)) for mode in modes)]
        for name, spec in specs.items()
    ]
    return markdown(["unit", "circuit", *map(str, modes)], rows, 2)


def style(name: str) -> str:
    """Return a style's picture, and what its default specification says of each mode."""
    spec = make_spec(name)
    unit = build(name, spec)
    assert isinstance(unit, MacUnit)
    rows = []
    for mode in spec.modes:
        bits = spec.act_lanes(mode) * mode.act_bits, spec.weight_lanes(mode) * mode.weight_bits
        rows.append(
            [
                mode, spec.products(mode), f"{bits[0]} + {bits[1]}",
                f"{spec.slots(mode)} x {spec.acc_bits(mode)}", spec.cycles(mode),
                str(rate(spec, mode)), spec.latency(mode),
                f"{len(set(spec.product_alive(mode)))} of {spec.product_width}",
                f"{len(set(spec.acc_alive(mode)))} of {spec.acc_width}",
            ]
        )  # fmt: skip
    head = [
        "mode", "products a beat", "input bits a + w", "accumulators x bits", "cycles a beat",
        "products a cycle", "latency", "product bits clocked", "accumulator bits clocked",
    ]  # fmt: skip
    picture = f"![{name}: alive partial products](img/{name}.svg)"
    return f"{picture}\n\n{markdown(head, rows)}"


def registers() -> str:
    """Return the widths of each core's ports, and the flip-flops of its two registers."""
    rows = []
    for name in CATALOG:
        spec = make_spec(name)
        core = build(name, spec, "core")
        assert isinstance(core, MacCore)
        serial = isinstance(spec, SerialSpec)
        product, acc = spec.product_width, spec.acc_width + serial
        if isinstance(core, ParallelCore):
            product = sum(map(len, core.multiply(Module()).columns))
        ports = f"{core.act_width} + {core.weight_width}"
        rows.append([f"`{name}`", ports, spec.product_width, product, acc])
    head = ["unit", "operand ports of the core", "product columns", "product flip-flops",
            "accumulator flip-flops"]  # fmt: skip
    return markdown(head, rows)


def accuracy() -> str:
    """Return the network's accuracy as its training recorded it, and on its held-out images."""
    figures = json.loads(digits.FIGURES.read_text())["accuracy"]
    folds = figures["float"]
    rows: list[list[str]] = [["float", f"{folds['mean']:.2%}", f"{folds['std']:.2%}", ""]]
    for precision in digits.PRECISIONS:
        folds = figures[precision]
        committed = digits.load(precision).accuracy()
        rows.append([precision, f"{folds['mean']:.2%}", f"{folds['std']:.2%}", f"{committed:.2%}"])
    head = ["activations x weights", "mean of five folds", "deviation", "committed network"]
    return markdown(head, rows)


def compared(tech: str) -> str:
    """Return the comparison at the core boundary, one row a style."""
    from macsmith.measure import jobs_for, measure, smallest_product
    from macsmith.synth import Recipe
    from macsmith.tech import resolve

    technology = resolve(tech)
    if technology.embedded:
        sys.exit("--compare must name a library in um2 and ns, not the generic one")
    specs = {name: make_spec(name) for name in CATALOG}
    records = smallest_product(measure(jobs_for(specs, ["core"], list(Recipe)), technology))
    base = next(record for record in records if record["unit"] == REFERENCE)["area_um2"]
    modes = list(dict.fromkeys(record["mode"] for record in records))
    rows = []
    for name in specs:
        mine = {record["mode"]: record for record in records if record["unit"] == name}
        one = mine[modes[0]]
        rows.append(
            [
                f"`{name}`", one["recipe"], f"{one['area_um2']:.0f}", f"{one['area_ge']:.0f}",
                one["flip_flops"], f"{one['period_ns']:.3f}", f"{one['area_um2'] / base:.2f}",
                *(f"{mine[mode]['gmacs_per_s_per_mm2']:.0f}" for mode in modes),
            ]
        )  # fmt: skip
    head = ["unit", "recipe", "um2", "NAND2", "FF", "ns", "area rel.", *modes]
    versions, engine = records[0]["versions"], records[0]["timing_engine"]
    stamp = (
        f"Default specifications, core boundary, `{technology.name}` (SHA-256 "
        f"`{technology.sha256[:12]}`), recipe of least area x period; the last {len(modes)} "
        f"columns are GMAC/s/mm2. macsmith {versions['macsmith']} at {_commit()}, Yosys "
        f"{versions['yosys']}, Amaranth {versions['amaranth']}, timing by "
        f"{versions['timing_engine'] or engine}; {datetime.now(UTC):%Y-%m-%d}."
    )
    return f"{markdown(head, rows, 2)}\n\n{stamp}"


def _commit() -> str:
    """Return the commit of the sources, marked where hw/ or flow/ differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=DOCS, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "../hw", "../flow")
    return f"`{git('rev-parse', '--short', 'HEAD')}`" + (" with local changes" if changed else "")


def tried() -> str:
    """Return the variants of `verify --all`, each with how many designs have it."""
    kinds = [variant.kind for variant in variants()]
    rows = []
    for kind, parameters in KINDS.items():
        settings = {
            key: ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
            for key, value in parameters.items()
        }
        written = ", ".join(f"`{key}={value}`" for key, value in settings.items())
        rows.append([kind, written, kinds.count(kind)])
    table = markdown(["variant", "settings", "designs"], rows, 2)
    return f"{table}\n\nThese are {len(kinds)} specifications."


def fill(path: Path, blocks: dict[str, str], check: bool) -> bool:
    """Put blocks between their comments; return whether the file was right already."""
    text = filled = path.read_text()
    for name, block in blocks.items():
        opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, opened, rest = filled.partition(opening)
        _, closed, after = rest.partition(closing)
        if not (opened and closed):
            sys.exit(f"{path.name} must have a place {opening.strip()} ... {closing}")
        filled = f"{before}{opening}\n{block}\n\n{closing}{after}"
    if filled != text and not check:
        path.write_text(filled)
    return filled == text


def main() -> None:
    """Fill or check the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    parser.add_argument("--compare", metavar="TECH", help="also synthesise the comparison")
    arguments = parser.parse_args()
    readme = {"units": units()}
    if arguments.compare:
        readme["compare"] = compared(arguments.compare)
    places = {
        README: readme,
        STYLES: {"registers": registers()} | {f"style {name}": style(name) for name in CATALOG},
        NETWORKS: {"accuracy": accuracy()},
        VERIFICATION: {"variants": tried()},
    }
    stale = [
        path.name for path, blocks in places.items() if not fill(path, blocks, arguments.check)
    ]
    if arguments.check and stale:
        sys.exit(f"tables are out of date in {', '.join(stale)}; run python docs/tables.py")


if __name__ == "__main__":
    main()
