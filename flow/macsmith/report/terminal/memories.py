"""What a measurement leaves out: memories, which no cell library has."""

from collections import Counter
from collections.abc import Iterable

from macsmith.records.record import Record


def left_out(records: Iterable[Record]) -> list[str]:
    """Return a sentence for each unit whose memories are outside its area and period."""
    sentences = []
    for record in records:
        if not record["memories"]:
            continue
        # Lanes have memories of the same size, which are told together.
        kinds = Counter(
            (place.partition(".bank_")[0].removesuffix(".words").removeprefix("core."), size)
            for place, size in record["memories"].items()
        )
        each = ", ".join(
            f"{place} {f'{count} x ' if count > 1 else ''}{size}"
            for (place, size), count in kinds.items()
        )
        sentences.append(
            f"{record['unit']}: {record['memory_bits']} bits of memory are not in area and period: "
            f"{each} (bits x words)"
        )
    return list(dict.fromkeys(sentences))
