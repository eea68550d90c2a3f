"""Output files, written whole or not at all."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from macsmith.errors import UserError


def check_output(path: Path | None) -> None:
    """Raise a sentence if a file could not be written, before the work for it is done.

    Raises
    ------
    UserError
        If the path is a folder, or its folder is missing or read-only.
    """
    if path is None:
        return
    if path.is_dir():
        raise UserError(f"output must be a file, not the folder {path}")
    if not path.parent.is_dir():
        raise UserError(f"output must be in a folder that exists, not in {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"output must be in a folder that can be written, not in {path.parent}")


def write_whole(path: Path, text: str) -> None:
    """Write a file by way of a temporary one beside it, so that no reader sees a part of it."""
    check_output(path)
    with NamedTemporaryFile("w", dir=path.parent, delete=False, prefix=f".{path.name}.") as file:
        partial = Path(file.name)
        try:
            file.write(text)
            file.flush()
            partial.chmod(0o666 & ~_umask())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise UserError(f"output {path} could not be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
