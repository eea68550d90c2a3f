"""A sequential design as an and-inverter graph, in the AIGER format that model checkers read.

Biere, "The AIGER And-Inverter Graph (AIG) Format" (JKU Linz, 2007), binary form.
"""

from collections.abc import Sequence

from macsmith.formal.network.bit_network import AND, MUX, VARIABLE, Network

Latch = tuple[int, int, bool]
"""A register's bit, what it takes over, and what it begins with."""


def to_aiger(network: Network, latches: Sequence[Latch], bad: int) -> bytes:
    """Return the file of a design whose only output is ``bad``.

    Free bits that are no latch's are its inputs. What nothing depends on is left out.
    """
    held = {latch[0] >> 1: latch for latch in latches}
    needed, pending = set[int](), [bad]
    while pending:
        fresh = set(network.cone(pending)) - needed
        needed |= fresh
        pending = [held[place][1] for place in fresh if place in held]
    order = sorted(needed)
    kept = [held[place] for place in order if place in held]
    inputs = [p for p in order if network.kinds[p] == VARIABLE and p not in held]

    number = {0: 0}
    for place in (*inputs, *(latch[0] >> 1 for latch in kept)):
        number[place] = 2 * len(number)
    count, ands = len(number) - 1, list[tuple[int, int, int]]()

    def of(literal: int) -> int:
        return number[literal >> 1] ^ (literal & 1)

    def gate(a: int, b: int) -> int:
        made = 2 * (count + len(ands) + 1)
        ands.append((made, max(a, b), min(a, b)))
        return made

    for place in order:
        pins = [of(literal) for literal in network.inputs[place]]
        kind = network.kinds[place]
        if kind == VARIABLE:
            continue
        if kind == AND:
            number[place] = gate(*pins)
            continue
        a, b, s = pins if kind == MUX else (pins[0], pins[0] ^ 1, pins[1])
        number[place] = gate(gate(a, s ^ 1) ^ 1, gate(b, s) ^ 1) ^ 1

    header = f"aig {count + len(ands)} {len(inputs)} {len(kept)} 1 {len(ands)}\n"
    lines = [f"{of(after)} {int(first)}\n" for _, after, first in kept]
    body = bytearray((header + "".join(lines) + f"{of(bad)}\n").encode())
    for made, high, low in ands:
        body += _delta(made - high) + _delta(high - low)
    return bytes(body)


def _delta(value: int) -> bytes:
    found = bytearray()
    while value >= 128:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
