"""Many specifications, some at a time, each in a process of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from macsmith.formal.child import in_child
from macsmith.formal.claim import Proof, Subject

WORKERS = 2
"""Specifications at a time."""


def prove(
    chosen: Sequence[Subject], done: Callable[[str], None] = lambda title: None
) -> list[Proof]:
    """Decide all claims of some specifications, and return the records in order.

    Parameters
    ----------
    done:
        Called with a specification's title when its claims are decided.

    Raises
    ------
    macsmith.formal.child.ChildError
        If a specification ends without verdicts.
    """

    def one(subject: Subject) -> list[Proof]:
        proofs = in_child(subject)
        done(subject.title)
        return proofs

    with ThreadPoolExecutor(WORKERS) as pool:
        results = [pool.submit(one, subject) for subject in chosen]
        try:
            return [proof for result in results for proof in result.result()]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
