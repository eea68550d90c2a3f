"""Accuracies of digits and letters in each compact format after training: ``compact_formats.json``.

    python -m macsmith.networks.training.train_compact_formats    (some minutes on one core)

Networks and folds are those of `train_number_formats`; each is measured on the fold that it has not
seen, both operands quantised layer by layer, nothing tuned.
"""

from threadpoolctl import threadpool_limits

from macsmith.networks.compact_formats import FIGURES, compact_formats
from macsmith.networks.training.train_ebsp import FLOAT_EPOCHS
from macsmith.networks.training.train_number_formats import FoldedNetwork, write_record


def accuracies(name: str, number: int, epochs: int = FLOAT_EPOCHS) -> dict[str, float]:
    """Return the accuracy of a fold's network in float and in each format."""
    formats = {one.label: one for one in compact_formats()}
    return FoldedNetwork(name, number, epochs).accuracies(formats)


if __name__ == "__main__":
    with threadpool_limits(1):
        write_record(FIGURES, accuracies)
