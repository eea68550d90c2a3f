"""What is claimed of adders, trees of compressors and detectors, which units are made of."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.conditional_negate import negated
from macsmith.arith.leading_one import leading_one
from macsmith.arith.prefix_adder import NETWORKS, add_columns
from macsmith.formal.claim import FAILED, PROVED, Claim, Finding, Subject
from macsmith.formal.network.adder_names import adder_cells
from macsmith.formal.network.bit_network import Network, Step
from macsmith.formal.network.cuts import cut_at
from macsmith.formal.network.linear_sums import LinearSum, all_add, is_sum, probed
from macsmith.formal.network.rtl_gates import gates_of, operators
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.rtl.emit import to_rtlil

NAME = "arithmetic"
"""What the building blocks are called together."""

ADDER_WIDTHS = (*range(1, 25), 31, 32, 33, 48, 64)
"""Bits of adders and detectors; each network changes its form at powers of two."""

TREE_WIDTH = 16
"""Bits of the words that trees add up."""

TREE_WORDS = range(2, 17)
"""Words that they add up."""


class Block(wiring.Component):
    """Ports of given widths around a function that builds logic from them."""

    def __init__(self, inputs: Mapping[str, int], result: int, logic: Callable[..., Value]) -> None:
        self.inputs, self.logic = list(inputs), logic
        super().__init__({name: In(width) for name, width in inputs.items()} | {"y": Out(result)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.y.eq(self.logic(m, *(getattr(self, name) for name in self.inputs)))
        return m


@dataclass(frozen=True)
class Blocks:
    """All building blocks: they have no parameters of their own."""

    def parameters(self) -> dict[str, Any]:
        """Return no parameters."""
        return {}


class BlockProver:
    """See `macsmith.formal.claim.Prover`."""

    def __init__(self, name: str = NAME) -> None:
        self.name = name

    def subjects(self) -> Iterable[Subject]:
        """Yield them once."""
        yield Subject(unit=self.name, spec=Blocks(), quick=False)

    def fingerprint(self, spec: Any) -> str:
        """Return a short name of the RTL of all blocks."""
        text = "".join(to_rtlil(block, "block") for block in map(_built, _every()))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def quick_claims(self, spec: Any) -> Iterator[Claim]:
        """Yield nothing: tests try single blocks."""
        yield from ()

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield a claim for each kind of block and width."""
        for text, inputs, logic, plain in _every():
            yield Claim(text, partial(equal, inputs, logic, plain))
        for compressor in ("3:2", "4:2"):
            for words in TREE_WORDS:
                yield Claim(
                    f"sum of {words} words of {TREE_WIDTH} bits, {compressor} compressors",
                    partial(tree_adds, words, compressor == "4:2"),
                )


Kind = tuple[str, Mapping[str, int], Callable[..., Value], Callable[..., Value]]
"""A claim, the ports, the block's logic, and the same by plain operators."""


def _built(kind: Kind) -> Block:
    _, inputs, logic, plain = kind
    width = len(plain(*(Signal(bits, name=name) for name, bits in inputs.items())))
    return Block(inputs, width, logic)


def _every() -> Iterator[Kind]:
    """Yield all kinds of blocks that a solver compares with operators."""
    for network in NETWORKS:
        for width in ADDER_WIDTHS:
            yield (
                f"a + b + carry of {width} bits, {network}", {"a": width, "b": width, "c": 1},
                partial(_adder, network), lambda a, b, c: (a + b + c)[: len(a) + 1],
            )  # fmt: skip
    for width in (*ADDER_WIDTHS, 47, 63):
        yield f"highest one of {width} bits", {"word": width}, _detector, _highest
    for width in range(2, TREE_WIDTH + 1):
        yield (
            f"-x or x of {width} bits", {"x": width, "negative": 1},
            lambda m, x, negative: negated(m, "negated", x, negative),
            lambda x, negative: ((x ^ negative.replicate(len(x))) + negative)[: len(x)],
        )  # fmt: skip


def _adder(network: str, m: Module, a: Value, b: Value, c: Value) -> Value:
    total, top = add_columns(m, "add", list(zip(a, b, strict=True)), c, network)
    return Cat(total, top)


def _detector(m: Module, word: Value) -> Value:
    found = leading_one(m, "lod", word)
    return Cat(found.any, *found.lines, *found.position)


def _highest(word: Value) -> Value:
    """Return the same by shifts: a place holds the highest one if what lies above is zero."""
    lines = [word[at] & ((word >> at) == 1) for at in range(len(word))]
    position: Value = Const(0, max(0, (len(word) - 1).bit_length()))
    for at, line in enumerate(lines):
        position = position | (Const(at, len(position)) & line.replicate(len(position)))
    return Cat(word != 0, *lines, position)


def equal(
    inputs: Mapping[str, int], logic: Callable[..., Value], plain: Callable[..., Value]
) -> Finding:
    """Decide whether a block is what operators say, for all inputs."""
    ports = {name: Signal(width, name=name) for name, width in inputs.items()}
    expected = plain(*ports.values())
    block = gates_of(to_rtlil(Block(inputs, len(expected), logic), "block"), "block")
    network = Network()
    words = {name: network.variables(width) for name, width in inputs.items()}
    got = Step(network, block, words).word("y")
    right = Step(network, operators(ports, {"y": expected}), words).word("y")
    sat = Sat(network)
    if not sat.possible([network.unequal(got, right)]):
        return Finding(verdict=PROVED, solver=SOLVER)
    given = ", ".join(f"{name} = {sat.value(word):#x}" for name, word in words.items())
    return Finding(
        verdict=FAILED, solver=SOLVER,
        counterexample=f"{given}: expected {sat.value(right):#x}, got {sat.value(got):#x}",
    )  # fmt: skip


def tree_adds(words: int, wide: bool, heap: type[BitHeap] = BitHeap) -> Finding:
    """Decide whether a tree of compressors and its final adder give the sum of some words."""
    width = TREE_WIDTH + (words - 1).bit_length()

    def logic(m: Module, *given: Value) -> Value:
        total = heap(m, width, "heap", wide=wide)
        for word in given:
            total.add_word(word)
        return total.sum()

    inputs = {f"word{at}": TREE_WIDTH for at in range(words)}
    design = gates_of(to_rtlil(Block(inputs, width, logic), "block"), "block")
    network = Network()
    given = [network.variables(TREE_WIDTH) for _ in range(words)]
    step = Step(network, design, dict(zip(inputs, given, strict=True)))
    cells = adder_cells(step)
    cuts: dict[int, int] = {}
    ends = {one >> 1 for cell in cells for one in (cell.total, *cell.carries)} - {0}
    cut = cut_at(network, step.word("y"), ends, cuts)
    total = probed(network, cut)
    found, expected = LinearSum(width), LinearSum(width)
    found.add(1, total.constant)
    for place, weight in total.weights.items():
        found.add(cuts.get(place, 2 * place), weight)
    found.rewrite(cells)
    for word in given:
        expected.add_word(word)
    same = found.weights == expected.weights and found.constant == expected.constant
    if same and is_sum(network, cut, total) and all_add(network, cells):
        return Finding(verdict=PROVED, solver=f"linear sums, {SOLVER}")
    return Finding(
        verdict=FAILED, solver=f"linear sums, {SOLVER}",
        counterexample=f"the sum is not that of the {words} words",
    )  # fmt: skip
