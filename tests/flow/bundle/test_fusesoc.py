"""FuseSoC loads the core file of a bundle and runs its targets."""

from pathlib import Path

import pytest

from tests.support.bundled import design, fusesoc, written


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """A bundle of a unit with few bits."""
    written(tmp_path / "bundle", design("data-gated", "act_width=4", "weight_width=4"))
    return tmp_path


def core_of(folder: Path) -> str:
    """Return the name of the one core, without its version."""
    (path,) = (folder / "bundle").glob("*.core")
    return f"macsmith:units:{path.stem}"


def test_lint(bundled: Path) -> None:
    done = fusesoc(bundled, "lint", core_of(bundled))
    assert done.returncode == 0 and "%Warning" not in done.stdout + done.stderr, done.stderr


@pytest.mark.needs("icarus")
def test_simulation_on_icarus(bundled: Path) -> None:
    done = fusesoc(bundled, "sim", core_of(bundled))
    assert done.returncode == 0 and "\nPASS: " in done.stdout, done.stdout + done.stderr


@pytest.mark.needs("icarus")
def test_a_failing_testbench_is_a_failing_target(bundled: Path) -> None:
    (due,) = (bundled / "bundle").glob("*_due.hex")
    due.write_text("0\n" + due.read_text().partition("\n")[2])
    done = fusesoc(bundled, "sim", core_of(bundled))
    assert done.returncode != 0 and "FAIL at time" in done.stdout, done.stdout


@pytest.mark.slow
def test_simulation_on_verilator(bundled: Path) -> None:
    done = fusesoc(bundled, "sim_verilator", core_of(bundled))
    assert done.returncode == 0 and "\nPASS: " in done.stdout, done.stdout + done.stderr


def test_what_has_no_testbench_has_a_lint_target(tmp_path: Path) -> None:
    unit = design("data-gated", boundary="core")
    written(tmp_path / "bundle", unit)
    assert "sim:" not in (tmp_path / "bundle" / f"{unit.module}.core").read_text()
    assert fusesoc(tmp_path, "lint", core_of(tmp_path)).returncode == 0
