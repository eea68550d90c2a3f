"""Voltage and frequency scaling: the delay model, the energies, what was published, the command."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from macsmith.analysis.alpha_power import AlphaPower, fitted, model_of
from macsmith.analysis.published.envision import compared
from macsmith.analysis.voltage_scaling import METHODS, scaled
from macsmith.cli import main
from macsmith.cli.analyses import scaling as scaling_command
from macsmith.contract.errors import UserError
from macsmith.library import resolve
from macsmith.timing.timing import Timing
from tests.support.cells import NANGATE
from tests.support.invented_records import of_macs

# t = V / (V - 0.5): 1.5 at 1.5 V, 2 at 1 V, 3 at 0.75 V, 4 at 2/3 V.
LINE = AlphaPower(nominal_v=1.5, vth_v=0.5, alpha=1.0, vmin_v=0.6, source="by hand")


def test_supply_by_hand() -> None:
    assert LINE.growth(0.75) == pytest.approx(2)
    assert LINE.lowest(2) == pytest.approx(0.75, abs=1e-5)
    assert LINE.lowest(4 / 3) == pytest.approx(1, abs=1e-5)
    assert LINE.lowest(1) == pytest.approx(1.5)
    assert LINE.lowest(0.9) == 1.5
    assert LINE.lowest(100) == 0.6
    stepped = replace(LINE, step_v=0.1)
    assert stepped.lowest(2) == pytest.approx(0.8)
    assert stepped.lowest(4 / 3 + 1e-3) == pytest.approx(1)
    assert stepped.lowest(1) == 1.5


@pytest.mark.parametrize("alpha", [1.0, 1.3, 2.0])
def test_the_lowest_supply_is_enough_and_no_more(alpha: float) -> None:
    model = replace(LINE, alpha=alpha)
    for growth in (1.01, 1.5, 2, 2.5):
        volts = model.lowest(growth)
        assert model.growth(volts) <= growth
        assert model.growth(volts - 0.001) > growth


SKY130_INV_2 = [(1.28, 0.551), (1.40, 0.340), (1.76, 0.1532)]
"""Rise and fall of sky130_fd_sc_hd__inv_2 at 9.8 fF behind its like, ns: public corners ss, -40 C."""


def test_fit() -> None:
    for vth, alpha in ((0.322, 1.3), (0.85, 1.6), (0.2, 2.0)):
        model = AlphaPower(nominal_v=1.8, vth_v=vth, alpha=alpha, vmin_v=1.0, source="")
        pairs = [(volts, 3.7 * model.growth(volts)) for volts in (1.8, 1.0, 1.2, 1.5)]
        assert fitted(pairs) == pytest.approx((vth, alpha), abs=2e-3)
    vth, alpha = fitted(SKY130_INV_2)
    assert 0.95 < vth < 1.05 and 1.5 < alpha < 1.7
    for few in (
        [],
        SKY130_INV_2[:2],
        [*SKY130_INV_2[:2], SKY130_INV_2[0]],
        [(0, 1), (1, 1), (2, 1)],
    ):
        with pytest.raises(UserError, match="fitted to at least three voltages and their periods"):
            fitted(few)


def record(unit: str, mode: str, macs: float, period: float, **parts: float) -> Any:
    """Return what scaling reads of a record."""
    return of_macs({
        "unit": unit, "parameters": {}, "boundary": "core", "tech": "by hand", "recipe": "speed",
        "adders": "gates", "mode": mode, "area_ge": 1.0, "period_ns": 2.0, "period_tau": None,
        "mode_period_ns": period, "macs_per_cycle": macs, "energy_parts": parts,
        "energy_pj_per_mac": sum(parts.values()), "stimulus": "none", "versions": {},
    })  # fmt: skip


RECORDS = [
    record("data-gated", "8x8", 1, 2.0, logic=7.0, glitches=2.0, leakage=1.0),
    record("data-gated", "4x4", 1, 1.5, logic=3.0, glitches=1.0, leakage=1.0),
    record("serial", "8x8", 0.25, 1.0, logic=30.0, clock=6.0, leakage=4.0),
    record("serial", "4x4", 0.5, 1.0, logic=12.0, clock=3.0, leakage=2.0),
]


def points(fixed: tuple[str, ...] = ()) -> dict[tuple[str, str | None, str], Any]:
    return {(r["unit"], r["mode"], r["method"]): r for r in scaled(RECORDS, LINE, fixed)}


def test_energies_by_hand() -> None:
    at = points()
    assert len(at) == len(RECORDS) * len(METHODS)
    for unit in ("data-gated", "serial"):
        for method in METHODS:  # nothing to gain at full precision
            assert at[unit, "8x8", method]["voltage_v"] == pytest.approx(1.5)
    # DVAS: 1.5 ns may take 2 ns, at 1 V: (2/3)^2 of 4 pJ and 2/3 of the leakage.
    dvas = at["data-gated", "4x4", "DVAS"]
    assert (dvas["voltage_v"], dvas["clock_period_ns"]) == (pytest.approx(1, abs=1e-5), 2.0)
    assert dvas["energy_pj_per_mac"] == pytest.approx(4 * 4 / 9 + 2 / 3, abs=1e-4)
    assert dvas["energy_relative"] == pytest.approx(dvas["energy_pj_per_mac"] / 10)
    assert at["data-gated", "4x4", "DVAFS"]["voltage_v"] == dvas["voltage_v"]  # one product a cycle
    assert at["serial", "4x4", "DVAS"]["voltage_v"] == pytest.approx(1.5)  # no slack
    # DVAFS: half the cycles, so twice the period, at 0.75 V; leakage over twice the time.
    dvafs = at["serial", "4x4", "DVAFS"]
    assert (dvafs["products"], dvafs["clock_period_ns"], dvafs["clock_mhz"]) == (2, 2.0, 500)
    assert dvafs["voltage_v"] == pytest.approx(0.75, abs=1e-5)
    assert dvafs["energy_pj_per_mac"] == pytest.approx(15 / 4 + 2, abs=1e-4)
    assert dvafs["gmacs_per_s"] == at["serial", "8x8", "DAS"]["gmacs_per_s"]
    assert dvafs["limit"] == "delay" and dvafs["delay_growth"] == pytest.approx(2, abs=1e-4)
    assert all(row["measured"] is False and row["model"]["vth_v"] == 0.5 for row in at.values())


def test_das_is_what_was_measured() -> None:
    at = points()
    for given in RECORDS:
        row = at[given["unit"], given["mode"], "DAS"]
        assert row["energy_pj_per_mac"] == given["energy_pj_per_mac"]
        assert row["voltage_v"] == 1.5 and row["limit"] == "nominal"


def test_fixed_parts_stay() -> None:
    at = points(("clock",))
    assert at["serial", "4x4", "DVAFS"]["energy_parts"]["clock"] == 3.0
    assert at["serial", "4x4", "DVAFS"]["energy_fixed"] == ["clock"]
    assert at["serial", "4x4", "DVAFS"]["energy_pj_per_mac"] == pytest.approx(12 / 4 + 3 + 2, 1e-4)


def test_without_the_reference_there_is_no_ratio() -> None:
    assert {row["energy_relative"] for row in scaled(RECORDS[2:], LINE)} == {None}


def test_no_energy_is_one_sentence() -> None:
    with pytest.raises(UserError, match="needs energies and periods of a core, but there are none"):
        scaled([row | {"energy_parts": {}} for row in RECORDS], LINE)


# ---- the command ----


def scaling(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run ``macsmith scaling`` in this process and return its status."""
    monkeypatch.setattr(sys, "argv", ["macsmith", "scaling", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0)


GENERIC = "voltage scaling needs a library that states nom_voltage, which generic does not; give one with --tech"
BAD = [
    ((), GENERIC),
    (("--tech", "generic"), GENERIC),
    (("--fixed", "memories"), "fixed must be one of clock, registers, logic, inputs, not 'memories'"),
    (("--others", "-1"), "others must be an energy of at least 0 pJ, not -1 pJ"),
    (("--others", "nan"), "others must be an energy of at least 0 pJ, not nan pJ"),
    (("--corner", "a.lib", "--corner", "b.lib", "--vth", "0.3"), "--corner must not be given with --vth or --alpha, which it finds"),
    (("--corner", "a.lib"), "--corner must be given at least 2 times, beside the library itself, not 1 times"),
    (("--boundary", "chip"), "boundary must be unit or core, not 'chip'"),
    (("--json", "no/such/folder/s.json"), "output must be in a folder that exists, not in no/such/folder"),
    (("--plots", "/etc/passwd/plots"), "output must be a folder, not the file /etc/passwd"),
]  # fmt: skip

BAD_ON_NANGATE = [
    (("--vth", "1.2"), "vth must be above 0 and below the nominal 1.1 V, not 1.2 V"),
    (("--vth", "0"), "vth must be above 0 and below the nominal 1.1 V, not 0 V"),
    (("--vth", "nan"), "vth must be above 0 and below the nominal 1.1 V, not nan V"),
    (("--vth", "0.7"), "vmin must be above vth = 0.7 V and at most the nominal 1.1 V, not 0.55 V"),
    (("--vmin", "1.2"), "vmin must be above vth = 0.322 V and at most the nominal 1.1 V, not 1.2 V"),
    (("--alpha", "0.5"), "alpha must be from 1 (velocity saturation) to 2 (long channel), not 0.5"),
    (("--step", "-0.1"), "step must be at least 0 and below the nominal 1.1 V, not -0.1 V"),
    (("--corner", "generic", "--corner", "generic"), "corner generic must have the cells of nangate45, but lacks AND4_X1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [*BAD, *(((*words, "--tech", NANGATE), text) for words, text in BAD_ON_NANGATE)],
    ids=lambda part: " ".join(part)[:40],
)
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert scaling(monkeypatch, *words) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"macsmith: {sentence}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Return words for units that are synthesised and simulated fast."""
    monkeypatch.setattr("macsmith.operands.stimulus.STIMULI", {"uniform": _few_beats()})
    words = ("act_width=4", "weight_width=4", "modes=4x4,2x2")
    return ("--tech", NANGATE, *(part for word in words for part in ("--set", word)))


def _few_beats() -> Any:
    from macsmith.operands.stimulus import Uniform

    return Uniform(beats=200)


def test_command_writes_rows_and_prints_them(
    small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    words = ("data-gated", "subword-st", *small, "--json", "s.json", "--csv", "s.csv")
    assert scaling(monkeypatch, *words) == 0
    rows = json.loads((tmp_path / "s.json").read_text())
    assert [(r["unit"], r["mode"], r["method"]) for r in rows] == [
        (unit, mode, method)
        for unit in ("data-gated", "subword-st")
        for mode in ("4x4", "2x2")
        for method in METHODS
    ]
    shown = capsys.readouterr().out
    for row in rows:
        assert row["measured"] is False and row["model"]["source"]
        assert f"{row['energy_pj_per_mac']:.3f}" in shown
        assert f"{row['energy_relative']:.3f}" in shown
        assert row["energy_pj_per_mac"] == pytest.approx(sum(row["energy_parts"].values()))
    with (tmp_path / "s.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [float(line["energy_pj_per_mac"]) for line in lines] == [
        row["energy_pj_per_mac"] for row in rows
    ]
    assert {line["model.vth_v"] for line in lines} == {"0.322"}
    halved = next(
        r for r in rows if (r["unit"], r["mode"], r["method"]) == ("subword-st", "2x2", "DVAFS")
    )
    assert halved["products"] == 2 and halved["voltage_v"] < 0.75


def test_the_wrapper_and_others_stay_at_the_nominal_supply(
    small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    extra = ("--boundary", "unit", "--others", "1", "--json", "s.json")
    assert scaling(monkeypatch, "subword-st", *small, *extra) == 0
    rows = {(r["mode"], r["method"]): r for r in json.loads((tmp_path / "s.json").read_text())}
    for mode, others in (("4x4", 1.0), ("2x2", 0.5)):
        before, after = rows[mode, "DAS"]["energy_parts"], rows[mode, "DVAFS"]["energy_parts"]
        assert before["wrapper"] == after["wrapper"] > 0
        assert before["others"] == after["others"] == others
        assert rows[mode, "DVAFS"]["energy_fixed"] == ["wrapper", "others"]
    assert (
        rows["2x2", "DVAFS"]["energy_parts"]["logic"] < rows["2x2", "DAS"]["energy_parts"]["logic"]
    )


def test_corners_give_the_model(
    small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Corners whose delays follow a law give that law's parameters."""
    nominal = resolve.resolve(NANGATE)
    law = replace(model_of(nominal), vth_v=0.45, alpha=1.6)
    corners = {
        volts: replace(nominal, library=replace(nominal.library, voltage=float(volts)))
        for volts in ("0.7", "0.8", "0.95")
    }
    used: list[Any] = []
    jobs_for = scaling_command.jobs_for

    def timed(netlist: Any, corner: Any) -> Timing:
        period = scaling_command.measured(used[0], nominal)["period"]
        return Timing(period * law.growth(corner.library.voltage), "by hand", None, (), ())

    def noted(*given: Any) -> list[Any]:
        used.extend(jobs_for(*given))
        return used

    monkeypatch.setattr(scaling_command, "jobs_for", noted)
    monkeypatch.setattr(scaling_command, "resolve", lambda text, _: corners.get(text, nominal))
    monkeypatch.setattr(scaling_command, "minimum_period", timed)
    monkeypatch.chdir(tmp_path)
    words = [word for volts in corners for word in ("--corner", volts)]
    assert scaling(monkeypatch, "data-gated", *small, *words, "--json", "s.json") == 0
    model = json.loads((tmp_path / "s.json").read_text())[0]["model"]
    assert (model["vth_v"], model["alpha"]) == pytest.approx((0.45, 1.6), abs=2e-3)
    assert model["vmin_v"] == 0.7 and "fitted to data-gated" in model["source"]


def test_published_figures_need_the_published_widths() -> None:
    assert compared(scaled(RECORDS, LINE)) == []


def test_published_ratios_by_hand() -> None:
    """A plain unit of 10 and 2 pJ, a subword one of 12 and 1 pJ a product: each ratio follows."""
    logic = {"clock": 0.0, "registers": 0.0, "leakage": 0.0, "glitches": 0.0}
    rows = scaled(
        [
            record("data-gated", "16x16", 1, 2.0, logic=10.0, **logic),
            record("data-gated", "4x4", 1, 1.5, logic=2.0, **logic),
            record("subword-sa", "16x16", 1, 2.0, logic=12.0, **logic),
            record("subword-sa", "4x4", 4, 2.0, logic=1.0, **logic),
        ],
        LINE,
    )
    found = {one.quantity: one for one in compared(rows)}
    ours = [one.ours for one in found.values()]
    dvas = 2 * 4 / 9  # 1.5 ns may take 2 ns, at 1 V of 1.5 V
    supply = rows[-1]["voltage_v"] / 1.5
    assert ours[:4] == pytest.approx([1.2, 5, 3, 0.25])
    assert ours[4:6] == pytest.approx([2 / 3, supply], abs=1e-4)
    assert ours[6] == pytest.approx(100 - 100 * supply**2 / 12)
    assert ours[7:9] == pytest.approx([2 / supply**2, dvas / supply**2], rel=1e-4)
    published = [one.published for one in found.values()]
    assert published == [
        "1.22",
        "12.5",
        "3.2",
        "0.25",
        "0.82",
        "0.68",
        "> 95",
        "1.8",
        "1.2",
        "6.9",
        "4.1",
    ]
