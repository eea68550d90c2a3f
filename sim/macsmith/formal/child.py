"""Decides the claims of one specification in a process of its own: ``python -m ...child JSON``."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from macsmith.catalog.catalog import spec_of_parameters
from macsmith.formal.arithmetic.building_blocks import NAME, Blocks
from macsmith.formal.claim import Proof, Subject
from macsmith.formal.provers import proofs_of, prover
from macsmith.host.garbage import collect_seldom


class ChildError(RuntimeError):
    """A child ended before its last answer; the message is one sentence with what it said last."""


def in_child(subject: Subject) -> Iterator[Proof]:
    """Yield the records of a specification's claims as a child decides them.

    Raises
    ------
    ChildError
        If the child fails; what it has decided until then has been yielded.
    """
    given = {
        "unit": subject.unit, "variant": subject.variant, "boundary": subject.boundary,
        "parameters": subject.spec.parameters(),
    }  # fmt: skip
    with TemporaryFile("w+") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "macsmith.formal.child", json.dumps(given)],
            stdout=subprocess.PIPE, stderr=said, text=True,
        )  # fmt: skip
        with child:
            assert child.stdout
            for line in child.stdout:
                yield Proof(**json.loads(line))
        if child.returncode:
            said.seek(0)
            raise ChildError(
                f"{subject.title} has no verdict: {_end(child.returncode, said.read())}"
            )


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
    for proof in proofs_of(subject, own, own.claims(subject.spec)):
        print(json.dumps(proof.to_json()), flush=True)


if __name__ == "__main__":
    _main()
