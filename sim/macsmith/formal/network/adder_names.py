"""Adder cells of a design by the names of their ports: where a proof may look for them."""

from macsmith.formal.network.bit_network import Step
from macsmith.formal.network.linear_sums import AdderCell


def adder_cells(step: Step) -> list[AdderCell]:
    """Return the adder cells that the names of nets tell of."""
    nets, found = step.design.nets, []
    for name in nets:
        cell, _, port = name.rpartition(".")
        if port == "co" and f"{cell}.s" in nets:
            found.append(
                AdderCell(
                    tuple(step.bit(f"{cell}.{one}") for one in "abcde" if f"{cell}.{one}" in nets),
                    step.bit(f"{cell}.s"),
                    tuple(step.bit(f"{cell}.{x}") for x in ("co", "cx") if f"{cell}.{x}" in nets),
                )
            )
    return found
