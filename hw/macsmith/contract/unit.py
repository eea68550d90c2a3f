"""What tools ask of any unit: its specification, where it can be cut, and its catalogue entry."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Protocol, Self, get_type_hints

from amaranth.lib import wiring

from macsmith.contract.errors import UserError
from macsmith.contract.stream import Layout, OwnPorts

DEFAULT = "default"
"""The variant with no parameter set but those of its design."""

Variants = Mapping[tuple[str, str], Mapping[str, Any]]
"""Parameters of variants by the published design, empty if there is one alone, and their kind."""


LATER = {"later": True}
"""Metadata of a parameter that came after figures of its units: said only where it is set."""


class Point(Protocol):
    """One thing that a unit can be asked to do; its text is its name, such as ``8x4``."""

    def __hash__(self) -> int: ...

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class NamedPoint:
    """A point that is no more than its name."""

    name: str

    def __str__(self) -> str:
        return self.name


ALWAYS = (NamedPoint("always"),)
"""The points of a unit that can do one thing alone."""


class UnitSpec(ABC):
    """What a unit is: a frozen dataclass that validates itself.

    The component, the golden model, the testbench, the measurements and the docs all take that one
    object.
    """

    summary: ClassVar[str]
    """One line for listings: what is peculiar to the unit."""

    operation: ClassVar[str]
    """What is counted of its work, such as ``MAC`` or ``block``."""

    answers_any_point: ClassVar[bool] = False
    """Whether it is stated what becomes of beats whose point's index is beyond all points."""

    @property
    def points(self) -> tuple[Point, ...]:
        """All that it can be asked to do; the place of a point here is its index."""
        return ALWAYS

    @abstractmethod
    def operations(self, point: Any) -> int:
        """Return the operations of one input beat."""

    def cycles(self, point: Any) -> int:
        """Return the clock cycles of one input beat in steady state."""
        return 1

    @abstractmethod
    def latency(self, point: Any) -> int:
        """Return the cycles from a last beat's transfer to its result's first valid cycle."""

    def operations_per_cycle(self, point: Any) -> float:
        """Return the operations per clock in steady state."""
        return self.operations(point) / self.cycles(point)

    @abstractmethod
    def inputs(self, point: Any) -> Mapping[str, Layout]:
        """Return what the input streams hold, by their ports' names."""

    @abstractmethod
    def outputs(self, point: Any) -> Mapping[str, Layout]:
        """Return what the output streams hold, by their ports' names."""

    def facts(self, point: Any) -> Mapping[str, Any]:
        """Return what a listing says of a point besides, as plain JSON values."""
        return {}

    def at(self, boundary: str) -> "UnitSpec":
        """Return the specification of what lies within a boundary, the unit itself or its part."""
        return self

    @classmethod
    def variants(cls) -> Variants:
        """Return what ``verify --all`` tries; what breaks a rule of the specification is left out.

        The variants of a design together, its default first.
        """
        return {("", DEFAULT): {}}

    @classmethod
    def mutated(cls) -> Variants:
        """Return what ``mutate --all`` tries: between them all of a unit's hardware, kept small."""
        return {("", DEFAULT): {}}

    def forms(self) -> "Sequence[UnitSpec]":
        """Return specifications of units that do the same, built otherwise; itself comes first.

        They differ in parameters alone that have their defaults here.
        """
        return [self]

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the parameters, in order."""
        return tuple(one.name for one in fields(cls) if one.init)  # type: ignore[arg-type]

    @classmethod
    @cache
    def parameter_types(cls) -> Mapping[str, Any]:
        """Return the type of each parameter that can be set, by all names that it has."""
        hints = get_type_hints(cls)
        return {name: hints[name] for name in cls.parameter_names()}

    def parameters(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values.

        Those of `LATER` that have their default are left out, so that headers and records of units
        without them stay what they were.
        """
        names = [name for name in self.parameter_names() if name not in self.silent]
        return {name: getattr(self, name) for name in names}

    def all_parameters(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values, those of `LATER` last."""
        silent = self.silent
        later = {name: getattr(self, name) for name in self.parameter_names() if name in silent}
        return self.parameters() | later

    @property
    def silent(self) -> set[str]:
        """Parameters of `LATER` that have their default."""
        return {
            one.name
            for one in fields(self)  # type: ignore[arg-type]
            if one.metadata.get("later") and getattr(self, one.name) == one.default
        }

    @classmethod
    def of_parameters(cls, values: Mapping[str, Any]) -> Self:
        """Return the specification whose `parameters` these are."""
        return cls(**{name: cls.decoded(name, value) for name, value in values.items()})

    @classmethod
    def decoded(cls, name: str, value: Any) -> Any:
        """Return what a plain JSON value of a parameter means."""
        return value


ConstantsOf = Callable[[Any, Any, Mapping[str, int]], Mapping[str, list[int | None]]]
"""Gives, of a specification, a point and the ports' widths, the bits of ports that stand still."""


def _no_notes(spec: Any) -> list[str]:
    return []


def _no_component(spec: Any) -> wiring.Component:
    raise UserError("RTL that is not built here must be measured or verified, not generated")


@dataclass(frozen=True)
class Cut:
    """A boundary at which a unit can be cut: what lies within is generated and measured.

    Members
    -------
    build
        Returns the component of a specification.
    rtlil
        Returns the RTLIL of a specification, top module ``unit``, where no component gives it.
    inside
        The cut that drives it at work; None is itself.
    measured
        Whether it is measured where no boundary is named.
    memories
        Whether it holds memories, which no cell library has, so that it cannot be measured.
    published
        Whether its meaning is that of published figures.
    notes
        Returns lines for the header of its Verilog: what the ports stand for.
    constants
        What stands still at its ports at a point; None if the points are told apart by registers.
    replay
        ``module:class`` of what runs operands through its netlist for energies; None if nothing.
    no_energy
        Returns why a specification has no energy here, as the end of a sentence; else None.
    operands
        Returns of each input port the bits that carry operands, for energies by place; or None.
    ports
        How the streams of a specification are ports.
    ends
        ``module:class`` of what drives and watches its streams in cocotb.
    plain
        ``module:class`` of a component around it that has the unit's own streams, for drivers that
        know those alone; empty if they are its own.
    """

    build: Callable[[Any], wiring.Component] = _no_component
    rtlil: Callable[[Any], str] | None = None
    inside: str | None = None
    measured: bool = True
    memories: bool = False
    published: bool = False
    notes: Callable[[Any], list[str]] = _no_notes
    constants: ConstantsOf | None = None
    replay: str | None = "macsmith.energy.unit_replay:Replay"
    no_energy: Callable[[Any], str | None] = lambda spec: None
    operands: Callable[[Any], Mapping[str, Collection[int]]] | None = None
    ports: OwnPorts = field(default_factory=OwnPorts)
    ends: str = "macsmith.bench.stream_drivers:Streams"
    plain: str = ""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """The one entry of a family, or of one of its members, in the catalogue.

    What lies above the hardware is named, ``module:object``, and loaded when it is asked for.

    Members
    -------
    name
        What users call it.
    spec
        Class of its specification.
    cuts
        Where it can be cut, by name; ``unit`` is the whole.
    golden
        Class of its golden model, which takes a specification.
    source
        Class that draws its operands.
    verification
        Class that compares it with its golden model, in simulators and in bulk.
    proof
        Class that says what is claimed of it, for proofs.
    bench
        Modules of its cocotb bench.
    compared
        Whether commands take it if no unit is named.
    precisions
        Whether its points are precisions of a MAC, so that mixes, layers and supplies can be
        reckoned for it.
    registers
        Returns of a specification the registers by which a host runs it; empty if there are none.
    selftest
        Whether boards have a self-test for it.
    layers
        Makes what runs the layers of networks on it, by matrix products; empty if nothing does.
    skips
        Whether sparse operands let it leave operations out, so that energies are also those of an
        operation that it executes.
    speaks_axi
        Whether its streams are AXI4-Stream by themselves, so that it needs no wrapper.
    vectors
        Makes the vectors of its testbench in Verilog, of its name and specification; empty for a
        unit of one stream a side, of which a packet gives one beat.
    scenes
        Makes what timing diagrams of it show, of its name and specification; the same.
    errors
        Of an approximate unit: makes results beside exact ones, of its specification, its model and
        real operands; else empty.
    synthesis
        Options of Yosys's ``synth`` that are tried of operators; none for what has leaf cells in
        their place, which are tried as gates and as cells of the library.
    """

    name: str
    spec: type[UnitSpec]
    cuts: Mapping[str, Cut]
    golden: str
    source: str = "macsmith.operands.field_source:FieldSource"
    verification: str = "macsmith.verify.stream_unit:StreamVerification"
    proof: str = "macsmith.formal.streams.stream_claims:StreamProver"
    bench: tuple[str, ...] = ("macsmith.bench.stream",)
    compared: bool = False
    precisions: bool = False
    registers: str = ""
    selftest: bool = False
    layers: str = ""
    skips: bool = False
    speaks_axi: bool = False
    vectors: str = ""
    scenes: str = ""
    errors: str = ""
    synthesis: tuple[str, ...] = ()

    @property
    def measured(self) -> tuple[str, ...]:
        """Where it is cut for measurement if nothing is said."""
        return tuple(name for name, cut in self.cuts.items() if cut.measured)

    def load(self, what: str) -> Any:
        """Return the object behind one of the names above, such as ``golden``."""
        return resolve(getattr(self, what))


def resolve(reference: str) -> Any:
    """Return the object that ``module:object`` names."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


def module_name(name: str, boundary: str) -> str:
    """Return the Verilog module of a unit cut at a boundary: its catalogue name with underscores.

    >>> module_name("serial-1d", "core")
    'serial_1d_core'
    """
    return re.sub(r"\W", "_", name if boundary == "unit" else f"{name}_{boundary}")
