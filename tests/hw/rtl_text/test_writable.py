"""What the writer takes, and what it refuses in a sentence."""

from pathlib import Path
from typing import Any

import pytest
from amaranth import Cat, Module, Mux, Signal, Value, signed
from amaranth.back import rtlil
from amaranth.lib.memory import Memory

from macsmith.contract.errors import UserError
from macsmith.rtl_text.verilog_writer import verilog_of
from tests.support.proved_text import is_the_rtlil


def words(value: Value) -> str:
    """Return RTLIL of a word of two operands."""
    m = Module()
    out = Signal(value.shape(), name="out")
    m.d.comb += out.eq(value)
    return rtlil.convert(m, name="unit", ports=[A, B, S, out], emit_src=False)


A, B, S = Signal(4, name="a"), Signal(4, name="b"), Signal(signed(4), name="s")


def memory(domain: str = "sync", transparent: bool = False, init: Any = ()) -> str:
    """Return RTLIL of a memory of one write port and one read port."""
    m = Module()
    store: Any = Memory(shape=4, depth=4, init=init)
    m.submodules.memory = store
    write = store.write_port()
    read = store.read_port(domain=domain, transparent_for=(write,) if transparent else ())
    out = Signal(4, name="out")
    m.d.comb += [write.en.eq(A[0]), write.addr.eq(A[2:]), write.data.eq(B), out.eq(read.data)]
    m.d.comb += read.addr.eq(A[:2])
    return rtlil.convert(m, name="unit", ports=[A, B, out], emit_src=False)


@pytest.mark.parametrize(
    "value",
    [
        A // B,
        A % B,
        S >> B[:2],
        S * A,
        S - A,
        A << B[:2],
        A.bit_select(B[:2], 2),
        -S,
        S < A,
        abs(S),
        Mux(A[0], S - A, S) - B,
        Signal(0, name="none") == Signal(0, name="nothing"),
        Cat(A, Signal(0, name="none") < Signal(0, name="nothing")),
        A * Signal(0, name="none") + B,
        Cat(Signal(0, name="none") * Signal(0, name="nothing"), A),
        Cat(Signal(0, name="none") & Signal(0, name="nothing"), ~Signal(0, name="none"), A),
    ],
    ids=str,
)
def test_operators_are_what_amaranth_means(value: Value, tmp_path: Path) -> None:
    assert is_the_rtlil(words(value), tmp_path)


def test_a_memory_is_what_amaranth_means(tmp_path: Path) -> None:
    assert is_the_rtlil(memory(), tmp_path)


REFUSED = [
    (
        words(S // A),
        "divisors and places must have no sign to be written as Verilog, not $divfloor with one",
    ),
    (
        memory(domain="comb"),
        "memories must be read and written at rising edges to be written as Verilog, not otherwise",
    ),
    (
        memory(transparent=True),
        "a word that is read while it is written must be the older one to be written as Verilog, not the newer one",
    ),
    (
        memory(init=[1, 2]),
        "memories must begin with anything, or with zeros to be written as Verilog, not with given words",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=["sign", "edge", "newer", "words"])
def test_the_rest_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as error:
        verilog_of(text, "unit")
    assert str(error.value).startswith(f"{sentence}, in module unit")
    assert str(error.value).endswith("; Amaranth's verilog.convert writes others")


@pytest.mark.parametrize("name", ["begin", "logic"])
def test_a_port_named_by_a_keyword_is_one_sentence(name: str) -> None:
    m = Module()
    out = Signal(4, name=name)
    m.d.comb += out.eq(A)
    text = rtlil.convert(m, name="unit", ports=[A, out], emit_src=False)
    with pytest.raises(UserError) as refused:
        verilog_of(text, "unit")
    assert str(refused.value) == (
        f"ports must have names that Verilog takes, not '{name}', in module unit; {name}_out "
        "would do"
    )
