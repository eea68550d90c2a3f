"""Many specifications, some at a time, each in a process of its own."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock

from macsmith.formal.child import ChildError, in_child
from macsmith.formal.claim import Proof, Subject
from macsmith.host.threads import in_threads


def prove(
    chosen: Sequence[Subject],
    decided: Callable[[Proof], None] = lambda proof: None,
    done: Callable[[str], None] = lambda title: None,
) -> tuple[list[Proof], list[str]]:
    """Decide all claims of some specifications.

    Return the records in order, and a sentence for each specification that ended before all of its
    claims were decided. The others go on.

    Parameters
    ----------
    decided:
        Called with each record as it is made.
    done:
        Called with a specification's title when its claims are decided.
    """
    undecided: list[str] = []
    one_at_a_time = Lock()

    def one(subject: Subject) -> list[Proof]:
        proofs: list[Proof] = []
        try:
            for proof in in_child(subject):
                proofs.append(proof)
                with one_at_a_time:
                    decided(proof)
        except ChildError as error:
            undecided.append(str(error))
        with one_at_a_time:
            done(subject.title)
        return proofs

    found = in_threads([partial(one, subject) for subject in chosen])
    return [proof for proofs in found for proof in proofs], undecided
