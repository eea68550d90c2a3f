"""Liberty files as the tools take them: cells that can be used, and of these what tools read.

Yosys, ABC and OpenSTA have a reader each, and each takes something else for granted. So they never
see a user's file: what our own reader takes is written anew, one file a file, without comments,
with plain names, strings and numbers, and lies beside the netlist under a plain name. Numbers keep
their digits. Power is left out, which is ours to work out, and so are cells that cannot be used;
what stands for cells that the library lacks is beside those that it is made of.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from pathlib import Path

from macsmith.host.kept_files import found, keep
from macsmith.library.cell_library import Cell
from macsmith.library.liberty_parser import LibertyGroup, parts
from macsmith.library.technology import StandIn, Technology

_TABLES = (
    "cell_rise", "cell_fall", "rise_transition", "fall_transition", "rise_constraint",
    "fall_constraint",
)  # fmt: skip

_GROUPS: dict[str, Collection[str]] = {
    "library": ("lu_table_template", "operating_conditions", "wire_load", "wire_load_selection"),
    "cell": ("ff", "latch", "statetable"),
    "pin": ("timing",),
    "timing": _TABLES,
}
"""Groups that tools read as they stand, by the group that they are in."""

_LISTS: dict[str, Collection[str]] = {
    "library": ("capacitive_load_unit", "technology"),
    "wire_load": ("fanout_length",),
    "wire_load_selection": ("wire_load_from_area",),
    "lu_table_template": ("index_1", "index_2"),
    "pin": ("rise_capacitance_range", "fall_capacitance_range"),
    **dict.fromkeys(_TABLES, ("index_1", "index_2")),
}
"""Complex attributes that tools read, by the group that they are in."""

_EXPRESSIONS = {
    "clear", "clocked_on", "clocked_on_also", "data_in", "enable", "function", "next_state",
    "preset", "related_pin", "state_function", "table", "three_state", "when",
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_WORD = re.compile(rf"[A-Za-z_]\w*|{_NUMBER.pattern}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_STRING = re.compile(r"[ !#-\[\]-z|^~]*")
"""What a string may hold: printable ASCII without quotes, backslashes and braces."""


def lend(tech: Technology, folder: Path) -> list[str]:
    """Put a technology's Liberty files, as tools take them, into a folder; return their names.

    They are links to files in the cache, or files where that cannot be used.
    """
    program = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    key = hashlib.sha256(f"{tech.sha256} {program}".encode()).hexdigest()[:32]
    names = [f"library{n}.lib" for n in range(tech.library.parts)]
    kept = {name: found("libraries", f"{key}-{name}") for name in names}
    for name, path in kept.items():
        (folder / name).unlink(missing_ok=True)
        if path is not None:
            (folder / name).symlink_to(path.resolve())
    if None in kept.values():
        for name, text in zip(names, render(tech), strict=True):
            if kept[name] is None:
                (folder / name).write_text(text)
                keep("libraries", f"{key}-{name}", text.encode())
    return names


def render(tech: Technology) -> list[str]:
    """Return the text of each file."""
    texts, names = [], set[str]()
    written = set[str]()
    for number, (_, group) in enumerate(parts(tech.liberty)):
        name = re.sub(r"\W", "_", group.name, flags=re.ASCII)
        name = name if name and name not in names else f"{name}_{number}"
        names.add(name)
        lines = [f"library ({name}) {{", *_body(group, {})]
        templates = {template.name: template for template in group.select("lu_table_template")}
        for child in group.select("cell"):
            cell = tech.library.cells.get(child.name)
            # One without outputs fills or ties; a second one of a name was left out.
            if cell is not None and cell.outputs and cell.name not in written:
                written.add(cell.name)
                lines += _cell(child, cell, templates)
                for one in (one for one in tech.stand_ins if one.cell == cell.name):
                    lines += _cell(_stand_in(one, child), cell, templates)
        texts.append("\n".join([*lines, "}", ""]))
    return texts


def _cell(group: LibertyGroup, cell: Cell, templates: dict[str, LibertyGroup]) -> Iterator[str]:
    yield f"cell ({_text(group.name)}) {{"
    yield from _body(group, templates)
    for pin in group.select("pin"):
        yield f"pin ({', '.join(pin.names)}) {{"
        yield from _body(pin, templates)
        if "direction" not in pin.attributes:
            yield f"direction : {cell.pins[pin.name].direction};"
        role = cell.pins[pin.name].role
        if role and f"clock_gate_{role}_pin" not in pin.attributes:
            yield f"clock_gate_{role}_pin : true;"
        yield "}"
    yield "}"


def _stand_in(stand_in: StandIn, cell: LibertyGroup) -> LibertyGroup:
    """Return the Liberty group of a stand-in, by that of the cell that it is made of."""
    made = deepcopy(cell)
    made.names = (stand_in.name,)
    ties = dict(stand_in.ties)
    made.groups = [one for one in made.groups if one.kind != "pin" or one.name not in ties]
    if stand_in.data is not None:
        for state in made.select("ff"):
            state.attributes["next_state"] = stand_in.data
        return made
    made.attributes["area"] = str(2 * cell.number("area"))
    (source,) = (pin.name for pin in made.select("pin") if "function" not in pin.attributes)
    for pin in made.select("pin"):
        if "function" in pin.attributes:
            pin.attributes["function"] = source
        for timing in pin.select("timing"):
            timing.attributes["timing_sense"] = "positive_unate"
    return made


def _body(group: LibertyGroup, templates: dict[str, LibertyGroup]) -> Iterator[str]:
    """Yield what stands within a group, but for cells and pins."""
    without = {load.name for load in group.select("wire_load") if not any(_lengths(load))}
    for name, value in group.attributes.items():
        if name == "default_wire_load" and value in without:
            continue
        value = " ".join(value.split())
        if _STRING.fullmatch(value) and _NAME.fullmatch(name):
            text = f'"{value}"' if name in _EXPRESSIONS else _text(value)
            yield f"{name} : {text};"
    for name in _LISTS.get(group.kind, ()):
        every = list(_lengths(group) if name == "fanout_length" else group.lists(name))
        if name.startswith("index_"):
            # The first counts, as it does for our reader; an empty one is the template's.
            every = list(filter(_numbers, every[:1]))
        for words in every:
            yield f"{name} ({_list(name, words)});"
    if group.kind in _TABLES:
        yield f"values ({', '.join(_rows(group, templates.get(group.name)))});"
    children = list(group.select(*_GROUPS.get(group.kind, ())))
    if group.kind == "timing":
        # Of two tables of a kind the last counts.
        children = list({child.kind: child for child in children}.values())
    for child in children:
        if child.kind == "wire_load" and child.name in without:
            continue
        if all(map(_STRING.fullmatch, child.names)):
            yield f"{child.kind} ({', '.join(map(_text, child.names))}) {{"
            yield from _body(child, templates)
            yield "}"


def _lengths(wire_load: LibertyGroup) -> Iterator[tuple[str, ...]]:
    """Yield the lengths of a wire load: tools end on one without a length, or on none at all."""
    for words in wire_load.lists("fanout_length"):
        if len(words) >= 2 and all(map(_NUMBER.fullmatch, words)):
            yield words


def _list(name: str, words: Sequence[str]) -> str:
    """Return the arguments of a complex attribute: an axis is one string of numbers."""
    if name.startswith("index_"):
        return f'"{", ".join(_numbers(words))}"'
    return ", ".join(_text(word) for word in words)


def _rows(group: LibertyGroup, template: LibertyGroup | None) -> list[str]:
    """Return the values of a table, a string a row."""
    numbers = _numbers(next(group.lists("values"), ()))
    axis = group if any(group.lists("index_2")) else template
    columns = len(numbers)
    if template is not None and axis is not None and "variable_2" in template.attributes:
        columns = max(axis.array("index_2").size, 1)
    return [
        f'"{", ".join(numbers[start : start + columns])}"'
        for start in range(0, len(numbers), columns)
    ]


def _numbers(words: Sequence[str] | Iterator[str]) -> list[str]:
    return [number for word in words for number in word.replace(",", " ").split()]


def _text(value: str) -> str:
    return value if _WORD.fullmatch(value) else f'"{value}"'
