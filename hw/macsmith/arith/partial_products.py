"""Partial products of two words whose top bits may be negative, always or by a control bit."""

from amaranth import Value

from macsmith.arith.bit_heap import BitHeap, Sign, constant_sign


def product_sign(act: Sign, weight: Sign) -> Sign:
    """Return whether a product of two bits is negative: exactly one of the two is."""
    if (known := constant_sign(act)) is not None:
        act, weight = weight, known
    if (known := constant_sign(weight)) is None:
        return act ^ weight
    if (other := constant_sign(act)) is not None:
        return other != known
    return ~Value.cast(act) if known else act


def add_product(
    heap: BitHeap,
    act: Value,
    weight: Value,
    *,
    act_sign: Sign = False,
    weight_sign: Sign = False,
) -> None:
    """Add ``act * weight`` to a heap as a matrix of AND gates.

    The top bit of a word has negative weight where its sign says so; of 2 x 2 bits with a signed
    weight the sum is ``a0w0 + 2 (a1w0 - a0w1) - 4 a1w1``.
    """
    # One object per kind of bit, so that the heap gathers the constants of a control bit.
    signs = {
        (False, False): False,
        (True, False): act_sign,
        (False, True): weight_sign,
        (True, True): product_sign(act_sign, weight_sign),
    }
    for row in range(len(weight)):
        for column in range(len(act)):
            kind = column == len(act) - 1, row == len(weight) - 1
            heap.add(act[column] & weight[row], row + column, signs[kind])
