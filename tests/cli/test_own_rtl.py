"""RTL of a user on the command line: figures beside ours, and one sentence for what is wrong."""

import json
import re
from pathlib import Path

import pytest

from macsmith.cli.own_rtl import parsed
from tests.support.cells import NANGATE
from tests.support.command import run
from tests.support.hand_written import FILES, words_of

ACC_MUL, BIT_SERIAL = str(FILES["acc_mul"]), str(FILES["bit_serial"])

SMALL = ("--set", "act_width=4", "--set", "weight_width=4", "--set", "modes=4x4")


def test_parameters_stand_behind_the_module() -> None:
    assert parsed("mac") == ("mac", {}) and parsed("mac()") == ("mac", {})
    assert parsed("mac(WIDTH=8, SIGNED=-1)") == ("mac", {"WIDTH": "8", "SIGNED": "-1"})


def test_measure_writes_records_of_a_map(tmp_path: Path) -> None:
    words = ("measure", *words_of("acc_mul"), "--tech", NANGATE, "--json", "m.json")
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    records = json.loads((tmp_path / "m.json").read_text())
    assert {one["unit"] for one in records} == {"verilog:acc_mul"}
    assert len(records) == 9 and len([one for one in records if one["energy_pj_per_mac"]]) == 1
    assert re.search(r"verilog:acc_mul +\S+.* 8x8 ", done.stdout)
    again = run(*words, cwd=tmp_path)
    assert again.returncode == 0 and json.loads((tmp_path / "m.json").read_text()) == records


def test_compare_sets_it_beside_ours(tmp_path: Path) -> None:
    words = ("compare", "data-gated", *SMALL, "--tech", NANGATE, "--boundary", "core")
    own = ("--verilog", BIT_SERIAL, "--top", "bit_serial(BITS=4)", "--top", "bit_serial(BITS=5)")
    outputs = ("--json", "c.json", "--csv", "c.csv", "--html", "c.html")
    done = run(*words, *own, *outputs, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    records = json.loads((tmp_path / "c.json").read_text())
    units = ["data-gated", "verilog:bit_serial(BITS=4)", "verilog:bit_serial(BITS=5)"]
    assert list(dict.fromkeys(one["unit"] for one in records)) == units
    assert {one["boundary"] for one in records} == {"core"}
    assert [one["parameters"]["settings"] for one in records[-2:]] == [{"BITS": "5"}] * 2
    for unit in units:
        assert unit in done.stdout and unit in (tmp_path / "c.html").read_text()


def test_verify_takes_it(tmp_path: Path) -> None:
    words = ("verify", *words_of("two_precisions"), "--accumulations", "500", "--json", "v.json")
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    runs = json.loads((tmp_path / "v.json").read_text())
    assert [(one["mode"], one["mismatches"]) for one in runs] == [("8x8", 0), ("4x4", 0)]
    wrong = run("verify", "--verilog", BIT_SERIAL, "--top", "bit_serial(BITS=7)", "--map",
                str(FILES["bit_serial"].with_suffix(".toml")))  # fmt: skip
    assert wrong.returncode == 1 and "expected 0xfff80, got 0x80" in wrong.stderr


BAD = [
    (("measure",), "measure must have one unit, by name or by --verilog and --top, not 0"),
    (("measure", "data-gated", *words_of("acc_mul")), "measure must have one unit, by name or by --verilog and --top, not 2"),
    (("measure", "--top", "mac"), "--top must be given with --verilog, not alone"),
    (("compare", "--map", "mac.toml"), "--map must be given with --verilog, not alone"),
    (("measure", "--verilog", ACC_MUL), "--top must name a module of acc_mul.v, not be left out"),
    (("measure", "--verilog", ACC_MUL, "--top", "acc mul"), "--top must be a module's name, or name(PARAMETER=NUMBER,...), not 'acc mul'"),
    (("measure", "--verilog", ACC_MUL, "--top", "acc_mul(W=x)"), "--top must be a module's name, or name(PARAMETER=NUMBER,...), not 'acc_mul(W=x)'"),
    (("measure", "--verilog", ACC_MUL, "--top", "accmul"), "top must be a module of acc_mul.v, not 'accmul'; did you mean acc_mul"),
    (("measure", "--verilog", "no.v", "--top", "mac"), "verilog no.v could not be read: No such file or directory"),
    (("measure", *words_of("acc_mul"), "--set", "headroom=1"), "--set must be left out with --verilog, whose parameters are --top's, such as 'mac(WIDTH=8)', not be 'headroom=1'"),
    (("measure", *words_of("acc_mul"), "--boundary", "chip"), "boundary of verilog:acc_mul must be core or unit, not 'chip'"),
    (("measure", *words_of("acc_mul"), "--mode", "4x4"), "mode must be one of 8x8, not '4x4'"),
    (("measure", *words_of("acc_mul"), "--map", "other.toml"), "--map must be given as often as --top, which is 1 times, or not at all, not 2 times"),
    (("measure", "--verilog", ACC_MUL, "--top", "acc_mul", "--energy"), "energy of verilog:acc_mul must be left out without a map of its ports, which --map gives"),
    (("measure", "--verilog", ACC_MUL, "--top", "acc_mul", "--map", "no.toml"), "map no.toml could not be read: No such file or directory"),
    (("measure", "--verilog", ACC_MUL, "--top", "acc_mul", "--map", str(FILES["bit_serial"].with_suffix(".toml"))), f"map {FILES['bit_serial'].with_suffix('.toml')}: reset must be an input of the module, not 'rst_n'; did you mean rst"),
    (("compare", "data-gated", "--boundary", "chip"), "boundary of data-gated must be unit or core or multiplier or axi-stream, not 'chip'"),
    (("compare", "--verilog", ACC_MUL, "--top", "acc_mul", "--top", "acc_mul"), "--top must name each module once, not acc_mul twice"),
    (("verify", "--verilog", ACC_MUL, "--top", "acc_mul"), "--map must say what the ports of verilog:acc_mul are, to verify it"),
    (("verify", *words_of("acc_mul"), "--all"), "--all must be left out with --verilog"),
    (("verify", *words_of("acc_mul"), "--tech", "generic"), "--tech must be left out with --verilog"),
    (("generate", "verilog:acc_mul"), "unit must be a name of the catalogue, not 'verilog:acc_mul'"),
    (("measure", "verilog:acc_mul"), "unit must be a name of the catalogue, not 'verilog:acc_mul'"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), BAD, ids=range(len(BAD)))
def test_bad_input_is_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"macsmith: {sentence}")
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_map_that_does_not_fit_what_the_rtl_computes_is_one_sentence(tmp_path: Path) -> None:
    text = FILES["acc_mul"].with_suffix(".toml").read_text()
    for latency in (1, 3):
        (tmp_path / "off.toml").write_text(text.replace("latency = 2", f"latency = {latency}"))
        words = ("measure", "--verilog", ACC_MUL, "--top", "acc_mul", "--map", "off.toml")
        done = run(*words, "--json", "m.json", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(
            r"macsmith: a map must say what its RTL computes, but verilog:acc_mul 8x8, pairs in "
            r"lane 0: a = .*: expected 0x\w+, got 0x\w+\n", done.stderr,
        )  # fmt: skip
        assert not (tmp_path / "m.json").exists()


def test_the_netlist_beside_a_saif_does_not_take_the_place_of_the_rtl(tmp_path: Path) -> None:
    file = tmp_path / "acc_mul.v"
    file.write_bytes(FILES["acc_mul"].read_bytes())
    words = ("measure", "--verilog", "acc_mul.v", *words_of("acc_mul")[2:])
    done = run(*words, "--saif", "acc_mul.saif", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "macsmith: saif must have another name than acc_mul.saif, whose netlist is acc_mul.v\n"
    )
    assert file.read_bytes() == FILES["acc_mul"].read_bytes()
