"""Liberty files as a tree of groups.

A Liberty file is nothing but statements of three kinds::

    area : 1.33;                    an attribute, ``group.attributes["area"]``
    index_1 ("0.1, 0.2");           a complex attribute, ``group.lists("index_1")``
    pin (A) { ... }                 a group, ``group.select("pin")``

so one regular expression reads a statement at a time; what the words mean is for `liberty_reader`.
Tables stay text until somebody asks for their numbers, since most of a file is tables that nobody
asks for. Nangate45 (7 MB) takes 0.3 s, the five files of ASAP7 (46 MB) 3 s.

Our own reader, because of the two on PyPI ``liberty-parser`` is GPL, and ``eda-liberty-parser``
0.1.1 took 1.35 s for Nangate45 and by its source reads no ``.gz`` and passes over syntax errors.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STATEMENT = re.compile(
    r"""
    (?: (?P<name> [\w.+-]+ ) \s*
        (?: : \s* (?P<value> {string} | [^;"{}\n]*? ) [^\S\n]* (?: ; | \n | (?= \} ) )
          | \( (?P<args> (?: [^()"]++ | {string} | \( (?: [^()"]++ | {string} )* \) )*+ ) \)
            \s* (?P<open> [{;]? )
        )
      | (?P<close> \} )
      | ;
    )
    \s*
    """.replace("{string}", _STRING),
    re.VERBOSE | re.DOTALL,
)
# Comments may stand between any two tokens; what a string holds is none.
_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/|//[^\n]*", re.DOTALL)
_INCLUDE = "include_file"
_ARGUMENT = re.compile(rf'({_STRING})|([^\s,"]+)')


@dataclass(slots=True)
class LibertyGroup:
    """One group: ``kind (names) { attributes, complex attributes, groups }``."""

    kind: str
    names: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    complex: list[tuple[str, str]] = field(default_factory=list)
    groups: list["LibertyGroup"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """First name in the brackets, or an empty string."""
        return self.names[0] if self.names else ""

    def select(self, *kinds: str) -> Iterator["LibertyGroup"]:
        """Yield the groups of some kinds directly within this one."""
        return (group for group in self.groups if group.kind in kinds)

    def lists(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield the arguments of every complex attribute ``name``."""
        return (_arguments(text) for key, text in self.complex if key == name)

    def number(self, name: str, default: float = 0.0) -> float:
        """Return attribute ``name`` as a number, or ``default`` where it is absent."""
        return float(self.attributes.get(name, default))

    def array(self, name: str) -> NDArray[np.float64]:
        """Return the numbers of complex attribute ``name`` in one row; none where it is absent."""
        for key, text in self.complex:
            if key == name:
                return np.array(text.replace('"', " ").replace(",", " ").split(), dtype=float)
        return np.empty(0)


def read(path: Path) -> LibertyGroup:
    """Read what a ``.lib`` or ``.lib.gz`` file holds; see `parse`.

    Raises
    ------
    UserError
        If the file cannot be read or is not Liberty.
    """
    return parse(_text(path), str(path))


def parts(paths: Sequence[Path]) -> list[tuple[Path, LibertyGroup]]:
    """Return the library groups of files; cells that have none of their own are in the first.

    Raises
    ------
    UserError
        If a file cannot be read, or none holds a library group.
    """
    files = [(path, read(path)) for path in paths]
    libraries = [(path, group) for path, group in files if group.kind == "library"]
    if not libraries:
        path, group = files[0]
        raise UserError(
            f"{path} must hold a library group, with units and templates of tables, but holds "
            f"{cells(len(group.groups))} alone; a folder of such files must hold one that does"
        )
    for _, group in files:
        if group.kind != "library":
            libraries[0][1].groups.extend(group.groups)
    return libraries


def cells(count: int) -> str:
    """Return a number of cells in words."""
    return f"{count} cell{'s' * (count != 1)}"


def parse(text: str, source: str) -> LibertyGroup:
    """Read ``text``; ``source`` names it in messages.

    What comes back is the library group; or, of a file of cells without one, as some PDKs ship
    their cells, a group without a name of kind ``cells``.
    """
    text = text.replace("\\\r\n", "").replace("\\\n", "").lstrip("\ufeff")
    if "/*" in text or "//" in text:
        text = _COMMENT.sub(r"\1 ", text)
    text = text.lstrip()
    top = LibertyGroup("cells")
    enclosing, group, end = [], top, 0
    for match in _STATEMENT.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        name, value, args, opening, closing = match.groups()
        if value is not None:
            group.attributes[name] = _bare(value)
        elif opening == "{":
            child = LibertyGroup(name, _arguments(args))
            group.groups.append(child)
            enclosing.append(group)
            group = child
        elif name == _INCLUDE:
            raise UserError(f"{source} must be whole, but asks for the file {args}: put it in")
        elif args is not None:
            group.complex.append((name, args))
        elif closing:
            if not enclosing:
                raise UserError(f"{source} must close no group that it has not opened, but does")
            group = enclosing.pop()
    if end != len(text):
        lines = text[end:].splitlines()
        raise UserError(
            f"{source} must be Liberty, not a file that holds {lines[0].strip()[:40]!r}"
        )
    if enclosing:
        raise UserError(f"{source} must close every group, but ends within {group.kind!r}")
    kinds = [found.kind for found in top.groups]
    if kinds and set(kinds) == {"cell"}:
        return top
    if kinds != ["library"]:
        raise UserError(f"{source} must hold one library group, not {len(kinds)} groups")
    return top.groups[0]


def _arguments(text: str) -> tuple[str, ...]:
    return tuple(_bare(quoted) or bare for quoted, bare in _ARGUMENT.findall(text))


def _bare(value: str) -> str:
    """Return a string without its quotes; a word as it is."""
    if value[:1] != '"':
        return value
    return value[1:-1].replace('\\"', '"')


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{path} must be a readable Liberty file: {reason}") from None
    # Liberty is ASCII; vendors' comments may hold anything.
    return data.decode("utf-8", errors="replace")
