"""Fingerprints of hardware: of what it does, not of what its parts are called."""

import pytest
from amaranth import Elaboratable, Module, Signal
from amaranth.back import rtlil

from macsmith.catalog.catalog import make_spec
from macsmith.catalog.fingerprint import fingerprint, fingerprint_of


def design(register: str = "held", inner: str = "part", gate: str = "&", port: str = "a") -> str:
    """Return RTLIL of a register in a module behind a gate."""
    one, other, out = Signal(2, name=port), Signal(2, name="b"), Signal(2, name="o")

    class Part(Elaboratable):
        def elaborate(self, platform: object) -> Module:
            m = Module()
            held = Signal(2, name=register)
            m.d.sync += held.eq(one & other if gate == "&" else one | other)
            m.d.comb += out.eq(held)
            return m

    m = Module()
    m.submodules[inner] = Part()
    return rtlil.convert(m, name="unit", ports=[one, other, out], emit_src=False)


def test_names_of_signals_and_submodules_make_no_hardware() -> None:
    assert design() != design(register="kept", inner="half")
    assert fingerprint_of(design()) == fingerprint_of(design(register="kept", inner="half"))


@pytest.mark.parametrize("change", [{"gate": "|"}, {"port": "c"}])
def test_gates_and_ports_of_the_top_do(change: dict[str, str]) -> None:
    assert fingerprint_of(design()) != fingerprint_of(design(**change))


def test_units_differ_and_are_the_same_every_time() -> None:
    marks = {fingerprint("data-gated", make_spec("data-gated", {"rows": n})) for n in (1, 1, 2)}
    assert len(marks) == 2
