"""Maps of ports: what they mean, and a sentence for each that contradicts itself or the module."""

import tomllib
from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.user_rtl.pins import Pins, Port
from macsmith.user_rtl.port_map import map_of, read_map

PORTS = {
    "clk": Port(1, True), "rst_n": Port(1, True), "in": Port(16, True), "prec": Port(2, True),
    "clear": Port(1, True), "acc": Port(24, False),
}  # fmt: skip

WHOLE = """
clock = "clk"
reset = "!rst_n"
a = "in[7:0]"
w = "in[15:8]"
mode = "prec"
first = "clear"
result = "acc"
signed = ["w"]
latency = 2

[modes]
"8x8" = { value = 0 }
"4x4" = { value = 3, lanes = 2, sums = "apart" }
"""


def test_a_map_is_what_it_says() -> None:
    found = map_of(tomllib.loads(WHOLE), PORTS)
    assert found.w == Pins("in", 8, 8) and found.result == Pins("acc", 0, 24)
    assert found.steering["reset"] == Pins("rst_n", 0, 1, inverted=True)
    assert (found.signed, found.latency, found.first_delay) == (("w",), 2, 0)
    full, half = found.modes.values()
    assert list(found.modes) == [Mode.parse("8x8"), Mode.parse("4x4")]
    assert (half.value, half.lanes, half.sums, half.cycles) == (3, 2, "apart", 1)
    assert (full.lanes, full.sums) == (1, "together")


def test_without_modes_there_is_one_as_wide_as_the_operands() -> None:
    given = tomllib.loads(WHOLE.partition("[modes]")[0].replace('mode = "prec"', ""))
    found = map_of(given | {"constants": {"prec": 2}}, PORTS)
    assert list(found.modes) == [Mode.parse("8x8")]
    assert found.constants == ((Pins("prec", 0, 2), 2),)


WRONG = [
    ('a = "in[7:0]"', 'a = "din"', "a must be an input of the module, not 'din'; did you mean in"),
    ('a = "in[7:0]"', 'a = "acc"', "a must be an input of the module, not 'acc'; there are clk, rst_n, in, prec, clear"),
    ('a = "in[7:0]"', 'a = "in[16:9]"', "a must have bits of in[15:0], the higher first, not 'in[16:9]'"),
    ('a = "in[7:0]"', 'a = "in[0:7]"', "a must have bits of in[15:0], the higher first, not 'in[0:7]'"),
    ('a = "in[7:0]"', "a = 7", "a must be port, port[bit], port[high:low] or !bit, not 7"),
    ('a = "in[7:0]"', 'a = "in[8:1]"', "in[8] must have one meaning, not a and w"),
    ('a = "in[7:0]"', 'a = "in[6:0]"', "inputs must have a role, or a value in constants, which in[7] has not"),
    ('a = "in[7:0]"', 'a = "!in[7:0]"', "a must be a single bit to be inverted, not '!in[7:0]'"),
    ('first = "clear"', "", "inputs must have a role, or a value in constants, which clear has not"),
    ('first = "clear"', 'frst = "clear"', "keys must be clock, reset, mode, first, start, valid, a, w, result"),
    ('clock = "clk"', 'clock = "prec"', "prec[0] must have one meaning, not clock and mode"),
    ('result = "acc"', 'result = "in"', "result must be an output of the module, not 'in'; there are acc"),
    ("latency = 2", "", "latency must be given"),
    ("latency = 2", "latency = -1", "latency must be from 0 to 1024, not -1; the nearest is 0"),
    ("latency = 2", 'latency = "2"', "latency must be a whole number from 0 to 1024, not '2'"),
    ('signed = ["w"]', 'signed = "w"', 'signed must be a list of some of "a" and "w", not \'w\''),
    ('signed = ["w"]', 'signed = ["acc"]', 'signed must be a list of some of "a" and "w", not [\'acc\']'),
    ("{ value = 0 }", "0", "modes.8x8 must be a table such as { value = 0 }, not 0"),
    ("{ value = 0 }", "{ code = 0 }", "keys of modes.8x8 must be value, lanes, sums, cycles, not 'code'"),
    ("{ value = 0 }", "{ value = 4 }", "modes must have values of their own in 2 bits, not [4, 3]"),
    ("{ value = 0 }", "{ value = 3 }", "modes must have values of their own in 2 bits, not [3, 3]"),
    ("{ value = 0 }", "{ lanes = 2 }", "a must have 16 bits in mode 8x8, not 8: 2 lanes, 1 cycles"),
    ("{ value = 0 }", "{ cycles = 0 }", "modes.8x8.cycles must be from 1 to 1024, not 0; the nearest is 1"),
    ('"8x8" =', '"8by8" =', "mode must be activation bits x weight bits, such as 8x4, not '8by8'"),
    ('"8x8" =', '"9x8" =', "a must have 9 bits in mode 9x8, not 8: 1 lanes, 1 cycles"),
    ('sums = "apart"', 'sums = "alone"', "modes.4x4.sums must be one of together, apart, not 'alone'"),
    ("[modes]", "[constants]\nclear = 1\n[modes]", "clear[0] must have one meaning, not first and constants"),
    ("[modes]", "[constants]\nscan = 1\n[modes]", "a constant must be an input of the module, not 'scan'"),
    ('mode = "prec"', "constants = 3", "constants must be a table, not 3"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG)
def test_a_map_that_cannot_be_is_one_sentence(
    old: str, new: str, sentence: str, tmp_path: Path
) -> None:
    assert WHOLE.count(old) == 1
    file = tmp_path / "mac.toml"
    file.write_text(WHOLE.replace(old, new))
    with pytest.raises(UserError) as raised:
        read_map(file, PORTS)
    assert str(raised.value).startswith(f"map {file}: {sentence}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"latency", "must be TOML: Expected '='"), (b"\xff", "must be TOML: 'utf-8' codec")],
)
def test_a_file_that_is_no_map(content: bytes, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "mac.toml"
    file.write_bytes(content)
    with pytest.raises(UserError) as raised:
        read_map(file, PORTS)
    assert str(raised.value).startswith(f"map {file} {sentence}")


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no\.toml could not be read: No such file or directory$"):
        read_map(tmp_path / "no.toml", PORTS)
