"""How often a spatial design halves an operand in a mode."""


def halvings(width: int, bits: int, levels: int) -> int:
    """Return how often ``width`` is halved with ``bits`` still fitting, at most ``levels`` times.

    >>> [halvings(8, bits, 2) for bits in (8, 5, 4, 3, 2)]
    [0, 0, 1, 1, 2]
    """
    count = 0
    while count < levels and bits * 2 ** (count + 1) <= width:
        count += 1
    return count
