"""Decides the claims of one specification in a process of its own: ``python -m ...child JSON``."""

import json
import signal
import subprocess
import sys
from typing import Any

from macsmith.catalog.catalog import spec_of_parameters
from macsmith.formal.arithmetic.building_blocks import NAME, Blocks
from macsmith.formal.claim import Proof, Subject
from macsmith.formal.provers import proofs_of, prover
from macsmith.host.garbage import collect_seldom


class ChildError(RuntimeError):
    """A child ended without an answer; the message is one sentence with the last that it said."""


def in_child(subject: Subject) -> list[Proof]:
    """Return the records of a specification's claims, decided in a child.

    Raises
    ------
    ChildError
        If the child fails.
    """
    given = {
        "unit": subject.unit, "variant": subject.variant, "boundary": subject.boundary,
        "parameters": subject.spec.parameters(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "macsmith.formal.child", json.dumps(given)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ChildError(f"{subject.title} has no verdict: {_end(done.returncode, done.stderr)}")
    return [Proof(**values) for values in json.loads(done.stdout)]


def _end(status: int, said: str) -> str:
    """Return how a child ended: by which signal, or the last line that it wrote."""
    if status < 0:
        return f"its process was ended by {signal.Signals(-status).name}"
    lines = said.strip().splitlines()
    return lines[-1] if lines else f"its process ended with status {status}"


def _subject(unit: str, variant: str, boundary: str, parameters: dict[str, Any]) -> Subject:
    spec = Blocks() if unit == NAME else spec_of_parameters(unit, parameters)
    return Subject(unit=unit, spec=spec, variant=variant, boundary=boundary)


def _main() -> None:
    collect_seldom()
    subject = _subject(**json.loads(sys.argv[1]))
    own = prover(subject.unit, subject.boundary)
    proofs = proofs_of(subject, own, own.claims(subject.spec))
    json.dump([proof.to_json() for proof in proofs], sys.stdout)


if __name__ == "__main__":
    _main()
