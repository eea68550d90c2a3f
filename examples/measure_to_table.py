"""Two MACs measured on a cell library, as a table and as a page.

    python measure_to_table.py [LIBRARY]

LIBRARY is a name, a Liberty file or a folder; without it the embedded library is taken, whose areas
are in NAND2 equivalents, times in tau and energies in C0 V^2.
"""

import sys

from macsmith import api

UNITS = {
    "data-gated": api.spec("data-gated", act_width=4, weight_width=4),
    "subword-st": api.spec("subword-st", act_width=4, weight_width=4, levels=1),
}


def main() -> None:
    """Measure, print and write ``macs.html``."""
    library = api.technology(sys.argv[1] if len(sys.argv) > 1 else None)
    records = api.measure(UNITS, library, boundaries=["core"])
    best = api.compare(records)
    physical = not library.embedded
    area, period = ("area_um2", "period_ns") if physical else ("area_ge", "period_tau")
    energy = "energy_pj_per_operation" if physical else "energy_c0v2_per_operation"
    print(f"{'unit':12} {'point':6} {area:>10} {period:>11} {energy:>26}")
    for record in best:
        figures = record[area], record[period], record[energy]
        shown = ["" if one is None else f"{one:.3f}" for one in figures]
        print(
            f"{record['unit']:12} {record['point']:6} {shown[0]:>10} {shown[1]:>11} {shown[2]:>26}"
        )
    print(api.report(records, "macs.html", [library]))


if __name__ == "__main__":
    main()
