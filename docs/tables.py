"""Fill the generated tables of README.md and docs/, between comments such as ``<!-- units -->``.

    python docs/tables.py            the tables that follow from the catalogue
    python docs/tables.py --check    end with status 1 if one of these is out of date

Those that are measured come from `docs/figures.py`.
"""

import argparse
import json
import sys
import warnings
from fractions import Fraction

import ebsp_tables
import numpy as np
from amaranth import Module
from amaranth.hdl import UnusedElaboratable
from filling import DOCS, README, fill, markdown

from macsmith.catalog.catalog import build, compared, make_spec
from macsmith.contract.modes import Mode
from macsmith.formats.dbb_storage import FORMS, block_bits
from macsmith.mac.core import MacCore, ParallelCore
from macsmith.mac.serial.serial import SerialSpec
from macsmith.mac.spec import MacSpec, clocked
from macsmith.mac.unit import MacUnit
from macsmith.networks import digits, ebsp_networks, pruned_digits
from macsmith.verify.variants import KINDS, variants

STYLES, NETWORKS = DOCS / "mac-styles.md", DOCS / "networks.md"
EBSP = DOCS / "ebsp.md"
VERIFICATION, SPARSE = DOCS / "verification.md", DOCS / "sparse-formats.md"

# Units are built here for their latency and their registers only.
warnings.simplefilter("ignore", UnusedElaboratable)


def rate(spec: MacSpec, mode: Mode) -> Fraction:
    """Return the products per cycle."""
    return Fraction(spec.products(mode), spec.cycles(mode))


def units() -> str:
    """Return every unit with its products per cycle."""
    specs = {name: make_spec(name) for name in compared()}
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
                f"{len(clocked(spec.product_groups, mode))} of {spec.product_width}",
                f"{len(clocked(spec.acc_groups, mode))} of {spec.acc_width}",
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
    for name in compared():
        spec = make_spec(name)
        core = build(name, spec, "core")
        assert isinstance(core, MacCore)
        serial = isinstance(spec, SerialSpec)
        product, acc = spec.product_width, spec.acc_width + serial
        if isinstance(core, ParallelCore):
            product = sum(map(len, core.multiply(Module()).columns))
        ports = f"{len(core.act)} + {len(core.weight)}"
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


def pruned_accuracy() -> str:
    """Return the accuracy of each pruned network, and the share of weights that it keeps."""
    rows = []
    for name, (mean, deviation) in pruned_digits.fold_accuracies().items():
        network = pruned_digits.load(name)
        weights = [layer.weights for layer in network.layers]
        kept = sum(map(np.count_nonzero, weights)) / sum(matrix.size for matrix in weights)
        rows.append(
            [name, f"{kept:.1%}", f"{mean:.2%}", f"{deviation:.2%}", f"{network.accuracy():.2%}"]
        )
    head = ["network at 8x8", "non-zero weights", "mean of five folds", "deviation",
            "committed network"]  # fmt: skip
    return markdown(head, rows)


def block_sizes() -> str:
    """Return the bits of blocks of INT8 weights in both forms."""
    rows = []
    for nonzeros, block in ((2, 4), (4, 8), (3, 8), (2, 8), (1, 8), (4, 16)):
        sizes = [block_bits(form, block, nonzeros, 8) for form in FORMS]
        shares = [f"{bits / (8 * block):.1%}" for bits in sizes]
        cells = [f"{bits} ({share})" for bits, share in zip(sizes, shares, strict=True)]
        rows.append([f"{nonzeros} of {block}", 8 * block, *cells])
    return markdown(["INT8 blocks", "dense bits", *(f"`{form}` bits" for form in FORMS)], rows)


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


def main() -> None:
    """Fill or check the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    arguments = parser.parse_args()
    places = {
        README: {"units": units()},
        STYLES: {"registers": registers()} | {f"style {name}": style(name) for name in compared()},
        NETWORKS: {"accuracy": accuracy(), "pruned": pruned_accuracy()},
        SPARSE: {"block sizes": block_sizes()},
        VERIFICATION: {"variants": tried()},
        EBSP: {
            "formats": ebsp_tables.formats(),
            "dual window": ebsp_tables.dual_window(),
            "losses": ebsp_tables.losses(),
            **{f"accuracy {task}": ebsp_tables.accuracy(task) for task in ebsp_networks.TASKS},
        },
    }
    stale = [
        path.name for path, blocks in places.items() if not fill(path, blocks, arguments.check)
    ]
    if arguments.check and stale:
        sys.exit(f"tables are out of date in {', '.join(stale)}; run python docs/tables.py")


if __name__ == "__main__":
    main()
