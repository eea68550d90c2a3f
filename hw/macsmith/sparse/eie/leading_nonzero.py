"""The first of some values that is not zero, by a tree of nodes with four children each."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import select
from macsmith.rtl.shared_module import instance

CHILDREN = 4


class LeadingNonzero(wiring.Component):
    """A node: of its children that have something the first, and what that has.

    Parameters
    ----------
    width:
        Bits of a value and of its place among those below the child.

    Members
    -------
    some : In(4)
        Which children have a value that is not zero.
    values : In(4 * width)
        What they have.
    found : Out(1)
        Whether one has.
    value : Out(width + 2)
        What the first has, and in the highest bits which child that is.
    """

    some: Signal
    values: Signal
    found: Signal
    value: Signal

    clocked = False

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(
            {
                "some": In(CHILDREN),
                "values": In(CHILDREN * width),
                "found": Out(1),
                "value": Out(width + 2),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        lines = Signal(CHILDREN)
        m.d.comb += [
            lines.eq(Cat(one & ~self.some[:at].any() for at, one in enumerate(self.some))),
            self.found.eq(self.some.any()),
        ]
        choices = [
            [*self.values.word_select(child, self.width), child & 1, child >> 1]
            for child in range(CHILDREN)
        ]
        m.d.comb += self.value.eq(select(list(lines), choices))
        return m


def node_widths(leaves: int, width: int) -> list[int]:
    """Return the widths of what the nodes of each level choose among, from the leaves up."""
    widths = []
    while leaves > 1:
        widths.append(width)
        leaves, width = -(-leaves // CHILDREN), width + 2
    return widths


def node_modules(leaves: int, width: int) -> Mapping[str, LeadingNonzero]:
    """Return the modules of a tree by name, one a level."""
    return {_name(one): LeadingNonzero(one) for one in node_widths(leaves, width)}


def leading(
    m: Module, nodes: Mapping[str, LeadingNonzero], some: Value, values: list[Value]
) -> tuple[Value, Value, Value]:
    """Return whether a value is not zero, the first such, and its place."""
    width, flags, level = len(values[0]), list(some), 0
    places = (len(values) - 1).bit_length()
    while len(values) > 1:
        found: list[Value] = []
        chosen: list[Value] = []
        for at in range(0, len(values), CHILDREN):
            here = values[at : at + CHILDREN]
            name = f"leading_{level}_{at // CHILDREN}"
            one = Signal(name=f"{name}_found")
            value = Signal(len(here[0]) + 2, name=f"{name}_value")
            m.submodules[name] = instance(
                _name(len(here[0])), nodes[_name(len(here[0]))],
                some=Cat(flags[at : at + CHILDREN], *([0] * (CHILDREN - len(here)))),
                values=Cat(here, *([0] * (CHILDREN - len(here)) * len(here[0]))),
                found=one, value=value,
            )  # fmt: skip
            found.append(one)
            chosen.append(value)
        values, flags, level = chosen, found, level + 1
    return flags[0], values[0][:width], values[0][width : width + places]


def _name(width: int) -> str:
    return f"macsmith_leading_nonzero_{width}"
