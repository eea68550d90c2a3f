"""Output files and folders of them, written whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, TemporaryFile

from macsmith.contract.errors import UserError


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
    if _is_special(path):
        return
    if not path.parent.is_dir():
        raise UserError(f"output must be in a folder that exists, not in {path.parent}")
    try:
        TemporaryFile(dir=path.parent).close()  # only a trial tells, on every file system
    except OSError:
        sentence = f"output must be in a folder that can be written, not in {path.parent}"
        raise UserError(sentence) from None


def check_folder(path: Path | None) -> None:
    """Raise a sentence if no files could be written into a folder, which need not exist yet."""
    if path is None:
        return
    existing = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not existing.is_dir():
        raise UserError(f"output must be a folder, not the file {existing}")
    check_output(existing / "any")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file by way of a temporary one beside it, so that no reader sees a part of it.

    A pipe or a device is written as it is.

    Raises
    ------
    UserError
        If it cannot be written; nothing of it is left then.
    """
    check_output(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        if _is_special(path):
            path.write_bytes(data)
            return
        with NamedTemporaryFile(dir=path.parent, delete=False, prefix=f".{path.name}.") as file:
            partial = Path(file.name)
            try:
                file.write(data)
                file.flush()
                partial.chmod(0o666 & ~_umask())
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UserError(f"output {path} could not be written: {error.strerror}") from None


def _is_special(path: Path) -> bool:
    """Return whether a path is there, but neither file nor folder."""
    return path.exists() and not path.is_file() and not path.is_dir()


def check_new_folder(path: Path | None) -> None:
    """Raise a sentence if a folder of files could not be made: it must be new, or empty.

    Raises
    ------
    UserError
        If something is there, it is the working directory, or its parent is missing or read-only.
    """
    if path is None:
        return
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UserError(f"output must be a folder that is new or empty, not {path}")
    if path.resolve() == Path.cwd():  # a new one takes its place, and shells would stay in the old
        raise UserError(f"output must be another folder than that of the command, not {path}")
    check_output(path.absolute().parent / "any")


def write_folder(path: Path, files: Mapping[str, str]) -> None:
    """Write a folder of files, by way of one beside it that is then renamed."""
    check_new_folder(path)
    place = path.absolute()
    with TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.") as temporary:
        partial = Path(temporary) / place.name
        partial.mkdir()
        try:
            for name, content in files.items():
                (partial / name).parent.mkdir(parents=True, exist_ok=True)
                (partial / name).write_text(content, encoding="utf-8")
            partial.replace(place)
        except OSError as error:
            raise UserError(f"output {path} could not be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
