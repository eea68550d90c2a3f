"""Standard output whose errors are sentences, as those of files are.

Python writes what is left in a buffer when it ends, and an error then is a traceback or nothing at
all. So standard output is written before the command ends, a full disk is a sentence, and a stream
that the caller has closed stays closed: no file that is opened later takes its number.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from macsmith.contract.errors import UserError

INTERRUPTED = 130
"""The exit status of a command that was interrupted, as shells have it."""


class _Output(io.FileIO):
    """A descriptor whose errors say whose they are; a reader that has gone is no error."""

    def write(self, data: Any) -> int:
        """Write bytes."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UserError(f"standard output could not be written: {error.strerror}") from None


@contextmanager
def standard_streams() -> Iterator[None]:
    """Make the errors of standard output sentences, up to the last byte of it.

    Raises
    ------
    UserError
        If standard output cannot be written.
    """
    _occupy()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123, open to the end
    mine = sys.stdout is sys.__stdout__
    if mine:
        sys.stdout = _stream()
    try:
        try:
            yield
        finally:
            if mine and sys.exc_info()[0] is not UserError:
                sys.stdout.flush()
    except BrokenPipeError:
        _abandon()
        sys.exit(1)
    except UserError:
        if mine:
            _abandon()
        raise


def _occupy() -> None:
    """Open what the caller has closed, so that writing to it fails."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError as error:
            if error.errno == errno.EBADF:
                os.open(os.devnull, os.O_RDONLY)  # takes the lowest number, which is this one


def _stream() -> io.TextIOWrapper:
    before = sys.__stdout__
    encoding, errors = (before.encoding, before.errors) if before else ("utf-8", "strict")
    raw = _Output(1, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors, line_buffering=raw.isatty(), write_through=False
    )


def _abandon() -> None:
    """Let what is left in buffers go nowhere: its error has been told."""
    with suppress(Exception):
        sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
