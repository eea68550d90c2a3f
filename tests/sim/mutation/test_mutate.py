"""Faults in a unit of which every kind of fate is known: killed, proved equivalent, alive."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from macsmith.catalog.fingerprint import fingerprint
from macsmith.catalog.settings import spec_of
from macsmith.mutation.equivalence import Prover
from macsmith.mutation.miter import Rules
from macsmith.mutation.mutants import draw
from tests.support.own_family import installed

REDUNDANT = "go.eq(~self.o.valid | self.o.ready | (self.o.valid & self.o.ready)),"
"""What readiness hangs on, with a term that the two before it make needless."""

BLIND = '''

class NeverStalls(StreamVerification):
    """Checks that never stall a stream, with a hole for faults of what stalls do."""

    def bulk(self, spec, plan):
        if plan.subject.mutant == 1:
            os.abort()
        engine = bulk_engine(self.name, spec, plan.subject)
        for index, point in enumerate(spec.points):
            source = source_of(self.name, spec, index, np.random.default_rng(1))
            run = Run(self.name, spec.parameters(), str(point), "bulk", engine.engine, 1, told=plan.told)
            for batch in source.enumerated():
                (got,) = engine.stream(spec, [batch])
                compare(run, batch, batch.expected(spec, golden(self.name, spec)), got)
            yield run

    def protocol(self, spec, simulator, folder, plan):
        return []
'''
"""A verification of one's own, which is blind on purpose."""

IMPORTS = """
import os

from macsmith.bench.bulk import compare
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.operands.stimulus import source_of
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.verify.stream_unit import StreamVerification
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A family with a needless term in its control and a bench that never stalls."""
    folder = tmp_path_factory.mktemp("installed")
    environment = installed(folder)
    module = folder / "popcount.py"
    text = module.read_text()
    broken = text.replace("go.eq(~self.o.valid | self.o.ready),", REDUNDANT)
    broken = broken.replace('golden="popcount:PopcountModel",', 'golden="popcount:PopcountModel",\n'
                            '    verification="popcount:NeverStalls",')  # fmt: skip
    assert REDUNDANT in broken and "popcount:NeverStalls" in broken
    module.write_text(broken + IMPORTS + BLIND)
    return environment


def mutate(environment: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "macsmith.cli", "mutate", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_killed_equivalent_and_alive_are_told_apart(
    environment: dict[str, str], tmp_path: Path
) -> None:
    words = ("popcount", "--set", "width=3", "--count", "40", "--at-least", "0.99")
    done = mutate(environment, tmp_path, *words, "--json", "m.json")
    assert done.returncode == 1, done.stderr
    (record,) = json.loads((tmp_path / "m.json").read_text())
    counts = record["counts"]
    assert sum(counts.values()) == record["drawn"] == 40 and record["seed"] == 1
    assert counts["bulk"] > 20 and counts["bench"] == 0
    assert counts["equivalent"] >= 1 and counts["alive"] >= 1
    assert record["score"] == pytest.approx(counts["bulk"] / (40 - counts["equivalent"]))
    assert sum(record["checks"]["bulk"].values()) == counts["bulk"]
    assert record["checks"]["bulk"]["the simulation ended its process"] == 1
    halves = [sum(region.values()) for region in record["regions"].values()]
    assert halves == [20, 20]
    for one in record["survivors"]:
        assert one["sources"] and one["fate"] in ("alive", "equivalent")
        assert one["description"] in done.stdout and one["fate"] in done.stdout
    alive = [one for one in record["survivors"] if one["fate"] == "alive"]
    # Each is told apart from the unit by a stall, after a few cycles.
    assert all(one["reason"].startswith("differs after") for one in alive)


def test_a_share_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    done = mutate(dict(os.environ), tmp_path, "data-gated", "--at-least", "99")
    assert done.returncode == 2
    assert done.stderr == "macsmith: at-least must be from 0 to 1, not 99.0\n"


@pytest.mark.slow
def test_a_mac_catches_every_fault_that_is_one(tmp_path: Path) -> None:
    settings = ["act_width=4", "weight_width=4", "modes=4x4,2x2"]
    words = [word for one in settings for word in ("--set", one)]
    done = mutate(
        dict(os.environ), tmp_path, "data-gated", *words, "--at-least", "0.99", "--json", "m.json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = json.loads((tmp_path / "m.json").read_text())
    spec = spec_of("data-gated", settings)
    assert record["drawn"] == 200
    assert record["fingerprint"] == fingerprint("data-gated", spec)
    # What a check can see is never proved equivalent.
    drawn = draw("data-gated", spec, 200, 1, tmp_path / "drawn")
    prover = Prover(spec, drawn.subject, tmp_path / "proof")
    survivors = {one["number"] for one in record["survivors"]}
    killed = [one.number for one in drawn.mutants if one.number not in survivors]
    rules = Rules(streams=True, points=True)
    assert not any(prover.compare(number, rules, 20).equivalent for number in killed[::8])
