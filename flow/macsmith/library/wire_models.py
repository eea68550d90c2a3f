"""What the wires of a netlist weigh before there is a layout: one model for timing and energy.

A library's default wire-load model gives the length of a net by its fanout, and capacitance and
resistance per length. Where it has none, or lengths by fanout are asked for, each load of a net
adds three cell pitches of wire, of the square root of the area of the smallest two-input NAND each.
Capacitance per length is 0.2 fF/um, which hardly changes from node to node (Ho, Mai and Horowitz,
"The Future of Wires", Proceedings of the IEEE 89(4), 2001); resistance is 4 ohm/um. Both are near
to what Nangate45 and IHP SG13G2 state in their models.
"""

import math
from dataclasses import replace

from macsmith.contract.errors import UserError
from macsmith.library.cell_library import WireLoad, Wires
from macsmith.library.technology import Conditions, Technology

FF_PER_UM = 0.2
KOHM_PER_UM = 0.004
PITCHES_PER_LOAD = 3.0

NONE = Wires("none", None)


def wires_of(
    conditions: Conditions, stated: WireLoad | None, nand2_area: float, *, embedded: bool
) -> Wires:
    """Return the wires of a library under conditions.

    Parameters
    ----------
    stated
        The library's default wire-load model.
    nand2_area
        In um2; in the embedded library, which has no lengths, its unit of area.

    Raises
    ------
    UserError
        If lengths are asked for where there are none.
    """
    kind = conditions.wires.partition("=")[0]
    if kind == "none":
        return NONE
    if kind == "library" and (stated is not None or embedded):
        return Wires("library", stated) if stated is not None else NONE
    if embedded:
        raise UserError(
            f"wires must be none or library on the generic library, which has no lengths, not "
            f"{conditions.wires!r}"
        )
    ff_per_um = conditions.ff_per_um or FF_PER_UM
    return Wires(f"fanout, {ff_per_um:g} fF/um", _by_fanout(ff_per_um, nand2_area))


def _by_fanout(ff_per_um: float, nand2_area: float) -> WireLoad:
    """Return a model whose lengths are proportional to the fanout, one branch a load."""
    length = PITCHES_PER_LOAD * math.sqrt(nand2_area)
    return WireLoad(
        ff_per_length=ff_per_um,
        kohm_per_length=KOHM_PER_UM,
        lengths=((1, length),),
        slope=length,
        tree="balanced_tree",
    )


def under(technology: Technology, conditions: Conditions) -> Technology:
    """Return a technology under other conditions; its library is not read again.

    Raises
    ------
    UserError
        If it cannot have the wires that the conditions ask for.
    """
    wires = wires_of(
        conditions, technology.library.wire_load, technology.nand2_area,
        embedded=technology.embedded,
    )  # fmt: skip
    return replace(technology, conditions=conditions, wires=wires)
