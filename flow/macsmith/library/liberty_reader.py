"""Cell libraries from Liberty files, read once and kept on disk between runs."""

import hashlib
import pickle
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import diskcache

from macsmith.contract.errors import UserError
from macsmith.host.cache_folder import cache_folder
from macsmith.library import boolean, cell_library, liberty_cells, liberty_parser
from macsmith.library.cell_library import Array, Cell, Library, Tables
from macsmith.library.liberty_cells import CellReader
from macsmith.library.liberty_parser import LibertyGroup


def content_hash(paths: Sequence[Path]) -> str:
    """Return the sha256 of a file, or of the digests of several, in hexadecimal."""
    digests = []
    for path in paths:
        try:
            digests.append(hashlib.sha256(path.read_bytes()))
        except OSError as error:
            raise UserError(f"{path} must be a readable file: {error.strerror}") from None
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()


def load(paths: Sequence[Path]) -> Library:
    """Read the library in ``paths``; several files are parts of one.

    Cells that cannot be used are left out, with the reason. What was read is kept on disk under
    the content of the files and of this program.

    Raises
    ------
    UserError
        If a file is not readable, not Liberty, or nothing in it can be used.
    """
    modules = boolean, cell_library, liberty_cells, liberty_parser
    program = [Path(module.__file__ or "") for module in modules]
    key = "library", content_hash(paths), content_hash([*program, Path(__file__)])
    # A cache that cannot be used costs time, not the result.
    unusable = (OSError, sqlite3.Error, pickle.PickleError, EOFError, diskcache.Timeout)
    with suppress(*unusable), diskcache.Cache(cache_folder("libraries")) as cache:
        if (library := cache.get(key)) is not None:
            return library
    library = _library(liberty_parser.parts(paths))
    with suppress(*unusable), diskcache.Cache(cache_folder("libraries")) as cache:
        cache.set(key, library)
    return library


def _library(files: Sequence[tuple[Path, LibertyGroup]]) -> Library:
    tables: list[tuple[Array, Array, Array]] = []
    found: dict[str, Cell] = {}
    left_out: dict[str, str] = {}
    readers = []
    for path, group in files:
        try:
            reader = CellReader(group, tables)
        except ValueError as error:
            raise UserError(f"{path} must hold a well-formed library: {error}") from None
        readers.append(reader)
        earlier = set(found)
        for cell in group.select("cell"):
            if cell.name in earlier:
                raise UserError(
                    f"{path} must be part of one corner, but {cell.name} is in an earlier file"
                )
            if cell.name in found:
                left_out[cell.name] = "it is there twice, of which the first is taken"
                continue
            try:
                found[cell.name] = reader.cell(cell)
            except (ValueError, KeyError, IndexError) as error:
                left_out[cell.name] = f"no {error}" if isinstance(error, KeyError) else str(error)
    path, first = files[0]
    if not found and left_out:
        name, why = next(iter(left_out.items()))
        raise UserError(
            f"{path} must hold cells that can be used, but holds "
            f"{liberty_parser.cells(len(left_out))} that cannot; "
            f"{name or 'one without a name'}: {why}"
        )
    if not found:
        raise UserError(f"{path} must hold at least one cell, but holds none")
    if not tables:
        raise UserError(f"{path} must hold timing tables (NLDM), but holds none")
    try:
        wire_load = readers[0].wire_load()
    except ValueError as error:
        raise UserError(f"{path} must hold a well-formed wire load: {error}") from None
    return Library(
        name=first.name,
        cells=found,
        tables=Tables(tables),
        wire_load=wire_load,
        time_ns=readers[0].time_ns,
        capacitance_ff=readers[0].capacitance_ff,
        voltage=readers[0].voltage,
        left_out=left_out,
        parts=len(files),
    )
