"""Words as signals, counters, and delay lines, which set the lanes of a word apart in time."""

from amaranth import Cat, Module, Signal, Value

from macsmith.mac.operand_registers import split
from macsmith.rtl.named_signal import wired


def count(m: Module, counter: Signal, up: Value, down: Value) -> None:
    """Have a counter go up, down, or stay where it is."""
    with m.If(up & ~down):
        m.d.sync += counter.eq(counter + 1)
    with m.Elif(down & ~up):
        m.d.sync += counter.eq(counter - 1)


def delayed(m: Module, name: str, word: Value, count: int) -> list[Value]:
    """Return ``word`` as it is and as it was 1 to ``count - 1`` cycles ago, at first zero."""
    taps: list[Value] = [word]
    for age in range(1, count):
        tap = Signal(len(word), name=f"{name}_{age}")
        m.d.sync += tap.eq(taps[-1])
        taps.append(tap)
    return taps


def skewed(m: Module, name: str, word: Value, width: int) -> Value:
    """Return a word with lane k, of ``width`` bits, k cycles late; a triangle of registers."""
    lanes: list[Value] = []
    for lane, value in enumerate(split(wired(m, f"{name}_aligned", word), width)):
        lanes.append(_late(m, f"{name}_{lane}", value, lane))
    return Cat(lanes)


def _late(m: Module, name: str, word: Value, cycles: int) -> Value:
    """Return a word as it was some cycles ago: a line of registers without reset."""
    if not cycles:
        return word
    line = Signal(cycles * len(word), name=name, reset_less=True)
    m.d.sync += line.eq(Cat(word, line)[: len(line)])
    return line[-len(word) :]
