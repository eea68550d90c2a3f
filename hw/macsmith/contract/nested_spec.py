"""Units made of units: a parameter that is another unit's specification, and names for its own.

    @dataclass(frozen=True, kw_only=True, init=False)
    class RowSpec(NestedSpec):
        mac: MacSpec = nested("data-gated", choices, flat=("act_width",))
        lanes: int = 4

    RowSpec(mac="subword-st")                                 # by name
    RowSpec(mac=SubwordStSpec(levels=1))                      # by specification
    RowSpec(**{"mac": "subword-st", "mac.levels": 1})         # and with parameters set
    RowSpec(act_width=4)                                      # by a flat name

What is given by name has the defaults of the outer unit, in `dataclasses.replace` as well.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, get_type_hints

from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError, nearest
from macsmith.contract.unit import UnitSpec


def _as_given(choice: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values


@dataclass(frozen=True, kw_only=True)
class Nested:
    """What is known of a parameter whose value is the specification of another unit.

    Members
    -------
    default
        The choice if none is given.
    choices
        Specifications by the names that users call them.
    flat
        Names of nested parameters that are known without a prefix too.
    follows
        Nested parameters that the outer unit decides; nobody sets them.
    completed
        Adds the outer unit's defaults to parameters of a choice that is given by this name.
    unused
        Of flat names that not every choice has: checks of a value that comes with one that has not.
    """

    default: str
    choices: Mapping[str, type[UnitSpec]]
    flat: tuple[str, ...] = ()
    follows: frozenset[str] = frozenset()
    completed: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] = _as_given
    unused: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)

    @cached_property
    def owners(self) -> Mapping[str, type[UnitSpec]]:
        """A choice that has each of the parameters that can be set, by all their names."""
        found: dict[str, type[UnitSpec]] = {}
        for choice in self.choices.values():
            for name in choice.parameter_types():
                if name not in self.follows:
                    found.setdefault(name, choice)
        return found

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The nested parameters that are listed, those with a flat name first."""
        names = [name for choice in self.choices.values() for name in choice.parameter_names()]
        mine = dict.fromkeys(name for name in names if name not in self.follows)
        return tuple(sorted(mine, key=lambda name: name not in self.flat))

    def name_of(self, spec: UnitSpec) -> str:
        """Return the name of the choice that a specification is."""
        return next(name for name, choice in self.choices.items() if choice is type(spec))

    def made(
        self, outer: str, value: Any, parameters: Mapping[str, Any], plain: Collection[str]
    ) -> UnitSpec:
        """Return a choice, given by name or as a specification, with some parameters set.

        Those of ``plain`` came without a prefix, and may be unused.
        """
        if isinstance(value, UnitSpec):
            if type(value) not in self.choices.values():
                check_choice(outer, type(value).__name__, self.choices)
            kept = self._had(outer, self.name_of(value), parameters, plain)
            return replace(value, **kept) if kept else value  # type: ignore[type-var]
        check_choice(outer, value, self.choices)
        return self.choices[value](
            **self._had(outer, value, self.completed(value, parameters), plain)
        )

    def _had(
        self, outer: str, choice: str, parameters: Mapping[str, Any], plain: Collection[str]
    ) -> dict[str, Any]:
        """Return the parameters that a choice has; others must be unused."""
        known, kept = self.choices[choice].parameter_types(), {}
        for name, value in parameters.items():
            if name in known:
                kept[name] = value
            elif name in self.unused and name in plain:
                self.unused[name](value)
            else:
                mine = [f"{outer}.{one}" for one in known if one not in self.follows]
                wrong = f"{outer}.{name}"
                raise UserError(
                    f"parameter must be one that {outer} = {choice} has, not {wrong!r}; "
                    f"{nearest(wrong, mine)}"
                )
        return kept

    def default_of(self, name: str) -> Any:
        """Return the default of a parameter, in a choice that has it."""
        return next(one.default for one in fields(self.owners[name]) if one.name == name)  # type: ignore[arg-type]


def nested(default: str, choices: Mapping[str, type[UnitSpec]], **more: Any) -> Any:
    """Return a field of a `NestedSpec` that holds another specification: see `Nested`."""
    what = Nested(default=default, choices=choices, **more)
    return field(default=default, metadata={"nested": what})


class NestedSpec(UnitSpec):
    """A specification with parameters that are specifications.

    Its subclasses are dataclasses with ``init=False``. A nested parameter ``x.y`` can be set by
    this name, and read as an attribute; where it is flat, by ``y`` as well. In `parameters` it
    stands once, under its flat name if it has one.
    """

    def __init__(self, **parameters: Any) -> None:
        own, inner = self._sorted(parameters)
        for one in fields(self):  # type: ignore[arg-type]
            factory: Any = one.default_factory
            default = one.default if factory is MISSING else factory()
            value = own.get(one.name, default)
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {one.name}")
            if one.name in inner:
                what = self._nests()[one.name]
                value = what.made(one.name, value, inner[one.name], parameters)
            object.__setattr__(self, one.name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the parameters, and decide those of nested specifications that follow."""

    @classmethod
    @cache
    def _nests(cls) -> Mapping[str, Nested]:
        return {
            one.name: one.metadata["nested"]
            for one in fields(cls)  # type: ignore[arg-type]
            if "nested" in one.metadata
        }

    @classmethod
    def _place(cls, name: str) -> tuple[str, str] | None:
        """Return which nested specification has a parameter, and how it calls it."""
        for outer, what in cls._nests().items():
            inner = name if name in what.flat else name.removeprefix(f"{outer}.")
            if inner in what.owners and (inner != name or inner in what.flat):
                return outer, inner
        return None

    @classmethod
    def _sorted(
        cls, parameters: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Return parameters of its own, and those of each nested specification."""
        own: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {name: {} for name in cls._nests()}
        names = {one.name for one in fields(cls)}  # type: ignore[arg-type]
        for name, value in parameters.items():
            place = None if name in names else cls._place(name)
            if name in names:
                own[name] = value
            elif place is None:
                known = cls.parameter_types() if "." in name else cls.parameter_names()
                raise UserError(
                    f"parameter must be one that {cls.__name__} has, not {name!r}; "
                    f"{nearest(name, known)}"
                )
            elif place[1] in inner[place[0]]:
                raise UserError(
                    f"parameter must be given once, not both as {place[1]} and as {'.'.join(place)}"
                )
            else:
                inner[place[0]][place[1]] = value
        return own, inner

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            place = type(self)._place(name)
            if place is None:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            outer, inner = place
            spec, what = object.__getattribute__(self, outer), self._nests()[outer]
            if inner in what.unused and not hasattr(spec, inner):
                return what.default_of(inner)
            return getattr(spec, inner)

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        names: list[str] = []
        for one in fields(cls):  # type: ignore[arg-type]
            what = cls._nests().get(one.name)
            if what is None or len(what.choices) > 1:
                names.append(one.name)
            if what is not None:
                names += [_written(one.name, what, inner) for inner in what.listed]
        return tuple(names)

    @classmethod
    @cache
    def parameter_types(cls) -> Mapping[str, Any]:
        hints = get_type_hints(cls)
        own = {one.name: hints[one.name] for one in fields(cls)}  # type: ignore[arg-type]
        found: dict[str, Any] = {}
        for outer, what in cls._nests().items():
            own[outer] = str
            for inner, owner in what.owners.items():
                kind = owner.parameter_types()[inner]
                found |= {f"{outer}.{inner}": kind} | ({inner: kind} if inner in what.flat else {})
        return own | found

    def parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in fields(self):  # type: ignore[arg-type]
            what = self._nests().get(one.name)
            if what is None:
                if one.name not in self.silent:
                    found[one.name] = getattr(self, one.name)
                continue
            spec: UnitSpec = getattr(self, one.name)
            if len(what.choices) > 1:
                found[one.name] = what.name_of(spec)
            unused: Iterable[str] = what.unused
            values = {name: what.default_of(name) for name in unused} | spec.parameters()
            found |= {
                _written(one.name, what, inner): values[inner]
                for inner in what.listed
                if inner in values
            }
        return found

    @classmethod
    def decoded(cls, name: str, value: Any) -> Any:
        place = cls._place(name)
        if place is None:
            return value
        outer, inner = place
        return cls._nests()[outer].owners[inner].decoded(inner, value)


def _written(outer: str, what: Nested, inner: str) -> str:
    """Return under which name a nested parameter is listed."""
    return inner if inner in what.flat else f"{outer}.{inner}"
