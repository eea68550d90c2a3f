"""Words that depend on themselves in one cycle, where their bits do not.

A simulator that orders words, as Verilator does, sees a loop there and becomes slow.
"""

from collections.abc import Iterator

from macsmith.rtl_text.parsed.bit_uses import Directions, is_output, read_by, targets_of
from macsmith.rtl_text.parsed.modules import CLOCKED, Bit, RtlModule


def looped_words(
    module: RtlModule, directions: Directions, memoryless: set[str], words: dict[str, str]
) -> set[str]:
    """Return the words on a loop of what is computed from what in one cycle.

    Parameters
    ----------
    memoryless:
        The modules whose outputs depend on their inputs in the same cycle.
    words:
        The words of wires that are to be parts of words.
    """
    reads: dict[str, set[str]] = {}
    for targets, sources in _computed(module, directions, memoryless):
        read = {words.get(name, name) for name, _ in sources if name}
        for name in {words.get(name, name) for name, _ in targets}:
            reads.setdefault(name, set()).update(read)
    for target, value in module.connects:
        # What becomes a part of a word is no longer connected to it.
        name, read = target[0][0], {words.get(of[0], of[0]) for of in value if of[0]}
        reads.setdefault(name, set()).update(read - {name})
    return {name for loop in _loops(reads) for name in loop}


def _computed(
    module: RtlModule, directions: Directions, memoryless: set[str]
) -> Iterator[tuple[list[Bit], list[Bit]]]:
    """Yield what is computed, and the bits that it is computed from."""
    for cell in module.cells:
        if cell.kind in memoryless or (not cell.is_instance and cell.kind not in CLOCKED):
            outputs: list[Bit] = []
            inputs: list[Bit] = []
            for port, bits in cell.ports.items():
                (outputs if is_output(cell, port, directions) else inputs).extend(bits)
            yield outputs, inputs
    for process in module.processes:
        targets = [bit for bits in targets_of(process) for bit in bits]
        yield targets, [bit for bits in read_by(process) for bit in bits if bit not in targets]


def _loops(reads: dict[str, set[str]]) -> Iterator[list[str]]:
    """Yield the strongly connected parts of a graph that have a loop (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start in reads:
        if start in index:
            continue
        work: list[tuple[str, Iterator[str]]] = []
        _open(start, index, low, stack, on_stack)
        work.append((start, iter(sorted(reads[start]))))
        while work:
            name, rest = work[-1]
            for other in rest:
                if other not in reads:
                    continue
                if other not in index:
                    _open(other, index, low, stack, on_stack)
                    work.append((other, iter(sorted(reads[other]))))
                    break
                if other in on_stack:
                    low[name] = min(low[name], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    part: list[str] = []
                    while not part or part[-1] != name:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1 or name in reads[name]:
                        yield part


def _open(
    name: str, index: dict[str, int], low: dict[str, int], stack: list[str], on_stack: set[str]
) -> None:
    index[name] = low[name] = len(index)
    stack.append(name)
    on_stack.add(name)
