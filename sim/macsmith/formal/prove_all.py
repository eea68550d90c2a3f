"""Many specifications, some at a time, each in a process of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from macsmith.formal.child import ChildError, in_child
from macsmith.formal.claim import Proof, Subject

WORKERS = 2
"""Specifications at a time."""


def prove(
    chosen: Sequence[Subject], done: Callable[[str, list[Proof]], None] = lambda title, proofs: None
) -> tuple[list[Proof], list[str]]:
    """Decide all claims of some specifications.

    Return the records in order, and a sentence for each specification that ended without verdicts.
    The others go on.

    Parameters
    ----------
    done:
        Called with a specification's title and records when its claims are decided.
    """
    undecided: list[str] = []
    one_at_a_time = Lock()

    def one(subject: Subject) -> list[Proof]:
        try:
            proofs = in_child(subject)
        except ChildError as error:
            undecided.append(str(error))
            proofs = []
        with one_at_a_time:
            done(subject.title, proofs)
        return proofs

    with ThreadPoolExecutor(WORKERS) as pool:
        results = [pool.submit(one, subject) for subject in chosen]
        try:
            return [proof for result in results for proof in result.result()], undecided
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
