"""A layer table by name, or from a file of the user's own."""

from pathlib import Path

from macsmith.contract.errors import UserError, nearest
from macsmith.networks.layer_tables.csv_table import read_csv
from macsmith.networks.layer_tables.layers import Workload
from macsmith.networks.layer_tables.onnx_model import read_onnx
from macsmith.networks.layer_tables.published import TABLES

READERS = {".csv": read_csv, ".onnx": read_onnx}
"""By the ending of a file's name."""


def read_workload(what: str) -> Workload:
    """Return a built-in table, or what a CSV file or an ONNX model holds.

    Raises
    ------
    UserError
        If it is none of them.
    """
    if what in TABLES:
        return TABLES[what]
    path = Path(what)
    ending = path.suffix.lower()
    if ending not in READERS:
        raise UserError(
            f"workload must be a built-in table, a CSV file or an ONNX model, not {what!r}; "
            f"{nearest(what, TABLES)}"
        )
    if not path.is_file():
        raise UserError(f"workload must be a file that exists, not {what!r}")
    return READERS[ending](path)
