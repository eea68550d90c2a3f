"""Matrices in compressed sparse columns with relative indices, their rows dealt out to PEs.

Han et al., "EIE" (ISCA 2016): of each entry its value and the zeros before it among the rows of its
PE, column by column; where there are more zeros than the index can tell, an entry of value 0 stands
for the last of them.
"""

from dataclasses import dataclass

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, eq=False)
class Columns:
    """The part of a matrix that a PE has.

    Members
    -------
    values, zeros:
        Of each entry its value, and the zeros before it.
    pointers:
        Where each column begins, and at last where the last one ends.
    """

    values: Int64s
    zeros: Int64s
    pointers: Int64s

    def words(self, value_bits: int, index: int, lanes: int) -> Int64s:
        """Return the entries in words, the first lowest, its value in the low bits."""
        size = value_bits + index
        entries = self.zeros << value_bits | self.values & (1 << value_bits) - 1
        filled = np.zeros((-(-len(entries) // lanes), lanes), np.int64)
        filled.reshape(-1)[: len(entries)] = entries
        return (filled << size * np.arange(lanes)).sum(axis=1)


def deal(matrix: Int64s, pes: int, index: int) -> list[Columns]:
    """Return what each PE has of a matrix: row i goes to PE i modulo their number.

    >>> deal(np.array([[0, 2], [1, 0], [0, 0], [4, 0]]), 2, 4)[1].values.tolist()
    [1, 4]

    Parameters
    ----------
    matrix:
        Stored values, shape (rows, columns); what is not zero is kept.
    index:
        Bits of the zeros before an entry.

    Raises
    ------
    UserError
        If ``pes`` is not a number of PEs.
    """
    if pes < 1:
        raise UserError(f"pes must be at least 1, not {pes}")
    return [_columns(matrix[pe::pes], index) for pe in range(pes)]


def _columns(matrix: Int64s, index: int) -> Columns:
    column, row = np.nonzero(matrix.T)
    first = np.append(True, column[1:] != column[:-1])[: len(column)]
    before = np.where(first, -1, np.append(-1, row[:-1])[: len(row)])
    gap = row - before - 1
    padding = gap >> index
    # The entry itself comes after its padding.
    places = np.cumsum(padding + 1) - 1
    total = int((padding + 1).sum())
    values = np.zeros(total, np.int64)
    zeros = np.full(total, (1 << index) - 1, np.int64)
    values[places] = matrix[row, column]
    zeros[places] = gap & (1 << index) - 1
    counts = np.bincount(column, weights=padding + 1, minlength=matrix.shape[1]).astype(np.int64)
    return Columns(values, zeros, np.append(0, np.cumsum(counts)))
