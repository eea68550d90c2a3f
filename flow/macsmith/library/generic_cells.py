"""The embedded generic library: CMOS by logical effort, for use without any PDK.

Units are those of Sutherland, Sproull and Harris, *Logical Effort* (1999): time in tau, the delay
of an ideal inverter that drives its own like; capacitance in inputs of the unit inverter; area in
NAND2 equivalents. The Liberty file writes one tau as 1 ns, one unit input as 1 fF. A stage of drive
x with logical effort g and parasitic delay p presents g x to its inputs and drives a load C in

    d = g h + p = C / x + p        with h = C / (g x)

whatever the slew at its input. A cell of several stages is their sum, computed below. So ratios
between designs mean something; nothing here is of any process, and there is no wire.

Energies are in C0 V^2, with C0 the input of the unit inverter and V the supply: each transition of
a node takes half its capacitance. Of a net that is what hangs on it. Of a node inside a cell it is

    parasitic p x of the stage that drives it, plus the inputs of the stages behind it

for a parasitic delay p is what a stage's own output capacitance p x costs it (Weste and Harris,
*CMOS VLSI Design*, section 4.4). No parameter is fitted: what a cell spends inside follows from the
stages that its delay and area are the sum of. Left out, as in the delays: nodes between transistors
in series, the slope of inputs (short circuits, below a tenth in the textbook) and leakage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """One CMOS stage: logical effort of each input, parasitic delay in tau, transistors."""

    efforts: Mapping[str, float]
    parasitic: float
    transistors: int


def _even(inputs: str, effort: float, parasitic: float) -> Stage:
    return Stage(dict.fromkeys(inputs, effort), parasitic, 2 * len(inputs))


# Logical Effort, tables 1.1 and 1.2: NAND (n+2)/3 and n, NOR (2n+1)/3 and n, multiplexer 2 and 2n
# (a two-way one is two tristate inverters: 2 and 2 each). The and-or-invert figures are those of
# Weste and Harris, *CMOS VLSI Design* (4th ed.), chapter 4; the or-and-invert ones and the parity
# stages follow by the same count, pull-down width 2 and pull-up width 4 in series, over the 3 of an
# inverter, and the diffusion at the output for the parasitic delay.
INVERTER = _even("A", 1, 1)
STAGES = {
    "INV": ("!A", INVERTER),
    "NAND2": ("!(A & B)", _even("AB", 4 / 3, 2)),
    "NAND3": ("!(A & B & C)", _even("ABC", 5 / 3, 3)),
    "NAND4": ("!(A & B & C & D)", _even("ABCD", 6 / 3, 4)),
    "NOR2": ("!(A | B)", _even("AB", 5 / 3, 2)),
    "NOR3": ("!(A | B | C)", _even("ABC", 7 / 3, 3)),
    "NOR4": ("!(A | B | C | D)", _even("ABCD", 9 / 3, 4)),
    "AOI21": ("!(A & B | C)", Stage({"A": 2, "B": 2, "C": 5 / 3}, 7 / 3, 6)),
    "OAI21": ("!((A | B) & C)", Stage({"A": 2, "B": 2, "C": 4 / 3}, 8 / 3, 6)),
    "AOI22": ("!(A & B | C & D)", _even("ABCD", 2, 4)),
    "OAI22": ("!((A | B) & (C | D))", _even("ABCD", 2, 4)),
}
# Logical Effort, chapter 4: the asymmetric majority gate, inputs in proportion 4 : 4 : 2.
MAJORITY = Stage({"A": 4, "B": 4, "CI": 2}, 4, 10)
# Sum of a mirror adder from its inputs and the inverted carry: !(A B CI + (A + B + CI) CON).
MIRROR_SUM = Stage({"A": 5, "B": 5, "CI": 5, "CON": 2}, 5, 14)


@dataclass(frozen=True)
class Output:
    """An output pin: its function, its drive, and delay without load from each input in tau.

    ``inner`` is the capacitance inside the cell that moves with it, its own parasitic included.
    """

    function: str
    drive: float
    last_parasitic: float
    delays: Mapping[str, float]
    sense: str
    inner: float


@dataclass(frozen=True)
class Inner:
    """Capacitance inside a cell that moves with an input pin, on each edge of it.

    ``when`` is the condition in which it does, as Liberty writes it; None is whenever no other
    claims the pin.
    """

    pin: str
    rise: float
    fall: float
    when: str | None = None


@dataclass(frozen=True)
class Generic:
    """A cell: input capacitances, outputs, area; clock and setup for flip-flop and clock gate."""

    name: str
    area: float
    inputs: Mapping[str, float]
    outputs: Mapping[str, Output]
    clock: str | None = None
    setup: Mapping[str, float] = field(default_factory=dict)
    inner: tuple[Inner, ...] = ()


def library_cells() -> list[Generic]:
    """Return every cell of the library."""
    singles = [_single(kind, x) for kind in STAGES for x in (1, 2, 4)] + [_single("INV", 8)]
    doubles = [_double("BUF", "INV", max(x // 2, 1), x) for x in (1, 2, 4, 8)]
    doubles += [
        _double(f"{kind}{n}", f"{inverted}{n}", 1, x)
        for kind, inverted in (("AND", "NAND"), ("OR", "NOR"))
        for n in (2, 3)
        for x in (1, 2, 4)
    ]
    selected = [_selecting(kind, x) for kind in _SELECTING for x in (1, 2)] + [_mux2(1), _mux2(2)]
    return singles + doubles + selected + [_half_adder(), _full_adder(), *_storage()]


def _single(kind: str, x: int) -> Generic:
    function, stage = STAGES[kind]
    output = Output(
        function,
        x,
        stage.parasitic,
        dict.fromkeys(stage.efforts, stage.parasitic),
        "negative_unate",
        stage.parasitic * x,
    )
    inputs = {pin: effort * x for pin, effort in stage.efforts.items()}
    return Generic(f"{kind}_X{x}", stage.transistors * x / 4, inputs, {"Y": output})


_INVERTED = INVERTER.efforts["A"] + INVERTER.parasitic
"""What an inverter at the end of a cell moves a unit of drive: its input, and its own output."""


def _double(kind: str, inverted: str, first: int, x: int) -> Generic:
    """A stage of drive ``first`` and an inverter of drive ``x``."""
    function, stage = STAGES[inverted]
    delay = stage.parasitic + x / first + 1
    output = Output(
        function.removeprefix("!"),
        x,
        1,
        dict.fromkeys(stage.efforts, delay),
        "positive_unate",
        stage.parasitic * first + _INVERTED * x,
    )
    inputs = {pin: effort * first for pin, effort in stage.efforts.items()}
    area = (stage.transistors * first + INVERTER.transistors * x) / 4
    return Generic(f"{kind}_X{x}", area, inputs, {"Y": output})


# Two-way selections: an and-or-invert (effort 2, parasitic 4) whose inputs are wanted in true and
# complement. Each such pin feeds one or two wires of effort 2 and an inverter of drive 1, 1 + 2 tau
# ahead of its wire; the numbers are the capacitance of the pin and the delay it adds. What moves
# inside with such a pin is its complement: the inverter's parasitic 1 and the wire of effort 2.
_COMPLEMENT = 1 + 2
_SELECTING = {
    "XOR2": ("A ^ B", {"A": (3, 3), "B": (3, 3)}, 12),
    "XNOR2": ("!(A ^ B)", {"A": (3, 3), "B": (3, 3)}, 12),
    "MUXI2": ("!(S & B | !S & A)", {"A": (2, 0), "B": (2, 0), "S": (3, 3)}, 10),
}


def _selecting(kind: str, x: int) -> Generic:
    function, pins, transistors = _SELECTING[kind]
    delays = {pin: 4 + extra for pin, (_, extra) in pins.items()}
    output = Output(function, x, 4, delays, "", 4 * x)
    inputs = {pin: load * x for pin, (load, _) in pins.items()}
    moved = _COMPLEMENT * x
    inner = tuple(Inner(pin, moved, moved) for pin, (_, extra) in pins.items() if extra)
    return Generic(f"{kind}_X{x}", transistors * x / 4, inputs, {"Y": output}, inner=inner)


def _mux2(x: int) -> Generic:
    inverted = _selecting("MUXI2", 1)
    delays = {pin: d + x + 1 for pin, d in inverted.outputs["Y"].delays.items()}
    inner = inverted.outputs["Y"].inner + _INVERTED * x
    output = Output("S & B | !S & A", x, 1, delays, "", inner)
    area = inverted.area + 2 * x / 4
    return Generic(f"MUX2_X{x}", area, inverted.inputs, {"Y": output}, inner=inverted.inner)


def _half_adder() -> Generic:
    total, carry = _selecting("XOR2", 1), _double("AND2", "NAND2", 1, 1)
    return Generic(
        "HA_X1",
        total.area + carry.area,
        {pin: total.inputs[pin] + carry.inputs[pin] for pin in "AB"},
        {"S": total.outputs["Y"], "CO": carry.outputs["Y"]},
        inner=total.inner,
    )


def _full_adder() -> Generic:
    """The mirror adder: majority, sum at half its width, and an inverter behind each."""
    half = 1 / 2
    inputs = {pin: g + half * MIRROR_SUM.efforts[pin] for pin, g in MAJORITY.efforts.items()}
    inverted_carry = MAJORITY.parasitic + half * MIRROR_SUM.efforts["CON"] + 1
    inverted_sum = inverted_carry + MIRROR_SUM.parasitic + 1 / half
    carry = Output(
        "A & B | CI & (A | B)",
        1,
        1,
        dict.fromkeys(inputs, inverted_carry + 1),
        "positive_unate",
        MAJORITY.parasitic + half * MIRROR_SUM.efforts["CON"] + _INVERTED,
    )
    within = half * MIRROR_SUM.parasitic + _INVERTED
    total = Output("A ^ B ^ CI", 1, 1, dict.fromkeys(inputs, inverted_sum + 1), "", within)
    transistors = MAJORITY.transistors + MIRROR_SUM.transistors + 2 * INVERTER.transistors
    return Generic("FA_X1", transistors / 4, inputs, {"S": total, "CO": carry})


# A tristate inverter of drive 1: effort 2 at its input, parasitic 2, and 2 at its two clocked gates
# together. A keeper is one of transistors as wide as the unit inverter's, so half of each.
_TRISTATE, _KEEPER = 2, 1
_PARASITIC = INVERTER.parasitic


def _clocked(passing: int, keepers: int) -> float:
    """Return what moves with a clock pin: its inverter's output, and the gates of tristates.

    The pin's own capacitance, one inverter's input, counts on its net.
    """
    return _PARASITIC + _TRISTATE * passing + _KEEPER * keepers


def _latched(load: float) -> float:
    """Return what moves in a latch that takes a new value: its node, and that behind its inverter.

    The node has the tristate inverter's parasitic, the keeper's and the inverter's input; the
    inverter its own parasitic, the keeper's input and ``load``.
    """
    return (_TRISTATE + _KEEPER + 1) + (_PARASITIC + _KEEPER + load)


def _storage() -> Iterator[Generic]:
    """Yield D flip-flops and a clock gate of tristate-inverter latches.

    The clock inverter drives two tristate inverters (1 + 2 tau), the slave's tristate inverter an
    inverter and a feedback (2 + 1), the output inverter the load. Data must pass the master's
    tristate inverter (2 + 1) and its inverter into the slave (1 + 2) before the clock rises.
    A flip-flop is 24 transistors, a latch with an AND2 behind 18.

    Every transition of the clock moves what is clocked, whatever the data. The master follows D
    while the clock is low, and takes what changed before when the clock falls: till then it and Q
    are the same. The slave moves with Q. The latch of the clock gate counts at each transition of
    its enable, whenever it comes.
    """
    clocked, master = _clocked(passing=2, keepers=2), _latched(load=_TRISTATE)
    held = (
        Inner("CK", clocked, clocked + master, "D & !Q | !D & Q"),
        Inner("CK", clocked, clocked),
        Inner("D", master, master, "!CK"),
    )
    for x in (1, 2):
        slave = _latched(load=0) + _INVERTED * x
        output = Output("IQ", x, 1, {"CK": 1 + 2 + 2 + x + 1}, "", slave)
        area = (22 + 2 * x) / 4
        yield Generic(f"DFF_X{x}", area, {"D": 2, "CK": 1}, {"Q": output}, "CK", {"D": 6}, held)
    gated = _double("AND2", "NAND2", 1, 2).outputs["Y"]
    output = Output("CK & IQ", 2, 1, {"CK": gated.delays["A"]}, "positive_unate", gated.inner)
    inputs = {"CK": 1 + 4 / 3, "E": 2}
    clocked, latch = _clocked(passing=1, keepers=1), _latched(load=4 / 3)
    moved = Inner("CK", clocked, clocked), Inner("E", latch, latch)
    yield Generic("CLKGATE_X2", 18 / 4, inputs, {"GCK": output}, "CK", {"E": 6}, moved)
