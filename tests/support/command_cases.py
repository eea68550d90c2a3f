"""Random command lines, for every command and its parameters as the command itself declares them."""

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from hypothesis import strategies as st
from typer.models import ArgumentInfo, OptionInfo

from macsmith.catalog.catalog import units
from macsmith.cli.main import app

Words = list[str]

COMMANDS: Mapping[str, Callable[..., Any]] = {
    command.name or command.callback.__name__: command.callback
    for command in app.registered_commands
    if command.callback is not None
}
"""What each command calls."""

_WORDS = st.one_of(
    st.sampled_from(["", "x", "-1", "0", "1", "2", "3.5", "nan", "inf", "1e9", "8x8", "8x4=1", "core",
                     "unit", "4/8", "1x4x1", "generic", "uniform", "=", "act_width=2", "act_width=99",
                     "icarus", "balanced", "gates", "\u0661", "/", "no/such/file.csv", ".", "/proc/a"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), max_size=5),
)  # fmt: skip


@st.composite
def command_lines(draw: st.DrawFn) -> Words:
    """Return a command with some of its parameters, legal values and others."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    hints = get_type_hints(COMMANDS[name], include_extras=True)
    words = [name]
    for parameter in inspect.signature(COMMANDS[name]).parameters.values():
        if hints[parameter.name] is typer.Context:
            continue  # no word gives it
        if parameter.default is not parameter.empty and draw(st.integers(0, 7)):
            continue
        kind, told = get_args(hints[parameter.name])
        if isinstance(told, ArgumentInfo):
            known = st.sampled_from(list(units()))
            words.append(draw(_values(kind, told) if not draw(st.integers(0, 5)) else known))
            continue
        option = draw(st.sampled_from(_spelled(parameter.name, kind, told)))
        words += (
            [option] if bool in (kind, *get_args(kind)) else [option, draw(_values(kind, told))]
        )
    if not draw(st.integers(0, 15)):
        words.append(draw(_WORDS))
    return words


def _spelled(name: str, kind: Any, told: OptionInfo) -> list[str]:
    """Return how an option is written; a switch has a word for each side."""
    stated = [word for decl in told.param_decls or () for word in decl.split("/")]
    plain = f"--{name.replace('_', '-')}"
    return stated or ([plain, f"--no-{plain[2:]}"] if kind is bool else [plain])


def _values(kind: Any, told: ArgumentInfo | OptionInfo) -> st.SearchStrategy[str]:
    """Return words for a parameter: those of its help, numbers, names of files, and junk."""
    kinds = [_WORDS, st.sampled_from(re.findall(r"[a-z][a-z0-9:%=.-]+", told.help or "") or ["x"])]
    if Path in (kind, *get_args(kind)):
        kinds.append(st.sampled_from(["out.json", "out.csv", "folder/out", "out"]))
    if {int, float} & {kind, *get_args(kind)}:
        kinds.append(st.integers(-1, 300).map(str))
    return st.one_of(kinds)
