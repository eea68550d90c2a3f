"""A layer table of the user's own, as CSV.

    layer,macs,act_bits,weight_bits,act_sparsity,weight_sparsity,m,n,k
    conv1,105415200,8,8,0,0.16,3025,96,363
    fc8,4096000,4,4,0.63,,,,

Columns behind the fourth may be left out, and their cells may be empty; of m, n and k a layer has
all or none. Other columns are ignored.
"""

import csv
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.networks.layer_tables.layers import Layer, MatrixProduct, Workload

WHOLE = ("macs", "act_bits", "weight_bits")
SHARES = ("act_sparsity", "weight_sparsity")
SIZES = ("m", "n", "k")


def read_csv(path: Path) -> Workload:
    """Read a layer table.

    Raises
    ------
    UserError
        If the file cannot be read, lacks a column or a layer, or a number breaks its rule; the
        sentence names the line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} must be a CSV file, but could not be read: {error}") from None
    try:
        rows = csv.DictReader(text.splitlines(), skipinitialspace=True, strict=True)
        missing = [name for name in ("layer", *WHOLE) if name not in (rows.fieldnames or ())]
        if missing:
            raise UserError(
                f"{path} must have the columns layer, {', '.join(WHOLE)}, but has no "
                f"{' and no '.join(missing)}"
            )
        layers = [_layer(row, f"{path} line {rows.line_num}") for row in rows]
    except csv.Error as error:
        raise UserError(f"{path} must be a CSV file, but could not be read: {error}") from None
    if not layers:
        raise UserError(f"{path} must hold at least one layer, but has only its heading")
    return Workload(name=path.stem, source=str(path), layers=tuple(layers))


def _layer(row: dict[str, str | None], place: str) -> Layer:
    macs, act_bits, weight_bits = (_whole(row[key], f"{place}: {key}") for key in WHOLE)
    act_sparsity, weight_sparsity = (_share(row.get(key), f"{place}: {key}") for key in SHARES)
    given = any(row.get(key) for key in SIZES)
    sizes = [_whole(row.get(key), f"{place}: {key}") for key in SIZES] if given else []
    try:
        return Layer(
            name=row["layer"] or place,
            macs=macs,
            act_bits=act_bits,
            weight_bits=weight_bits,
            act_sparsity=act_sparsity,
            weight_sparsity=weight_sparsity,
            product=MatrixProduct(*sizes) if sizes else None,
        )
    except UserError as error:
        raise UserError(f"{place}: {error}") from None


def _whole(text: str | None, what: str) -> int:
    try:
        return int(text or "")
    except ValueError:
        raise UserError(f"{what} must be a whole number, not {text or ''!r}") from None


def _share(text: str | None, what: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{what} must be a share from 0 to 1 or empty, not {text!r}") from None
