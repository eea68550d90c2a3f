"""Where the bits of a word come from, as a specification states it."""

Source = int | None
"""Where one bit of a routed word comes from: a bit index, or None for a constant zero."""


def repeated(source: tuple[Source, ...], count: int, pitch: int) -> tuple[Source, ...]:
    """Repeat the routes of a word ``count`` times, each ``pitch`` source bits further.

    >>> repeated((None, 0), 2, 3)
    (None, 0, None, 3)
    """
    return tuple(
        None if bit is None else index * pitch + bit for index in range(count) for bit in source
    )


def msb_aligned(lanes: int, bits: int, lane_width: int, width: int) -> tuple[Source, ...]:
    """Route ``lanes`` fields of ``bits`` bits to lanes of ``lane_width``, each to its lane's top.

    The bits below a field in its lane, and those of unused lanes, are zero.

    >>> msb_aligned(2, 1, 2, 5)
    (None, 0, None, 1, None)
    """
    routed: list[Source] = []
    for lane in range(lanes):
        routed += [None] * (lane_width - bits)
        routed += range(lane * bits, (lane + 1) * bits)
    return tuple(routed + [None] * (width - len(routed)))
