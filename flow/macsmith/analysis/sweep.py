"""What a sweep measures: every combination of parameters that a unit allows, on each technology."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from pathlib import Path
from typing import Any

from macsmith.analysis.sweep_values import read_file, split_settings, values_of
from macsmith.catalog.catalog import compared, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.jobs.netlist_job import Job, jobs_for
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import STIMULI
from macsmith.synthesis.yosys_abc import Recipe

ADDERS = ("gates", "cells")
"""Forms of adders that a netlist may have."""

MOST = 100_000
"""Combinations of parameters that a sweep may have: what a table of refusals can still be of."""


@dataclass(frozen=True)
class Refusal:
    """A combination of parameters that a unit does not allow, and why."""

    unit: str
    settings: tuple[tuple[str, Any], ...]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A sweep as users state it; every field may be given on the command line or in a file.

    Members
    -------
    units
        Names of the catalogue; none is all of it, and then a parameter goes to those that have it.
    parameters
        For each parameter the texts of its values.
    tech
        Technologies as `macsmith.library.resolve.resolve` takes them; none is the embedded library.
    boundaries
        Where units are cut; none is where each is measured by default.
    energy
        As for one unit: None is wherever it can be measured.
    """

    units: Sequence[str] = ()
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tech: Sequence[str] = ()
    boundaries: Sequence[str] = ()
    recipes: Sequence[str] = tuple(Recipe)
    adders: Sequence[str] = ADDERS
    energy: bool | None = None
    stimulus: str = "uniform"

    def __post_init__(self) -> None:
        for unit in self.units:
            lookup(unit)
        for key in self.parameters:
            lacking = [unit for unit in self.units or compared() if not _has(unit, key)]
            if lacking and (self.units or len(lacking) == len(compared())):
                make_spec(lacking[0], {key: None})  # has the sentence
        places = dict.fromkeys(
            place for unit in self.units or compared() for place in lookup(unit).measured
        )
        choices = {"boundaries": tuple(places), "recipes": tuple(Recipe), "adders": ADDERS}
        for name, allowed in choices.items():
            for value in getattr(self, name):
                if value not in allowed:
                    raise UserError(f"{name} must be of {', '.join(allowed)}, not {value!r}")
        if self.stimulus not in STIMULI:
            raise UserError(f"stimulus must be {' or '.join(STIMULI)}, not {self.stimulus!r}")

    def specs(self) -> tuple[list[tuple[str, UnitSpec]], list[Refusal]]:
        """Return the specifications to measure, and the combinations that units refuse.

        Raises
        ------
        UserError
            If a value cannot be read, there are too many combinations, or all are refused.
        """
        axes = {unit: self._axes(unit) for unit in dict.fromkeys(self.units or compared())}
        count = sum(math.prod(map(len, of_unit.values())) for of_unit in axes.values())
        if count > MOST:
            raise UserError(
                f"a sweep must have at most {MOST} combinations of parameters, not {count}"
            )
        found: dict[tuple[str, UnitSpec], None] = {}
        refused = []
        for unit, of_unit in axes.items():
            for values in product(*of_unit.values()):
                settings = dict(zip(of_unit, values, strict=True))
                try:
                    found[unit, make_spec(unit, settings)] = None
                except UserError as error:
                    refused.append(Refusal(unit, tuple(settings.items()), str(error)))
        if not found:
            raise UserError(
                f"a sweep must have a combination that its units allow, but all {count} are "
                f"refused: {refused[0].sentence}"
            )
        return list(found), refused

    def jobs(self, specs: Iterable[tuple[str, UnitSpec]], tech: Technology) -> list[Job]:
        """Return the points of a sweep on one technology."""
        recipes = [recipe for recipe in Recipe if recipe in self.recipes]
        return [
            job
            for unit, spec in specs
            for job in jobs_for({unit: spec}, None, recipes, tech)
            if job.adders in self.adders
            and (not self.boundaries or job.boundary in self.boundaries)
        ]

    def _axes(self, unit: str) -> dict[str, list[Any]]:
        """Return the values of each parameter that a unit has."""
        return {
            key: values_of(unit, key, texts)
            for key, texts in self.parameters.items()
            if _has(unit, key)
        }


def _has(unit: str, key: str) -> bool:
    return key in lookup(unit).spec.parameter_names()


def stated(file: Path | None, settings: Iterable[str], given: Mapping[str, Any]) -> Sweep:
    """Return the sweep of a file, if any, with ``given`` and ``settings`` in the place of its own.

    What is None or empty in ``given`` was not.
    """
    content = read_file(file, [one.name for one in fields(Sweep)]) if file else {}
    content |= {key: value for key, value in given.items() if value not in (None, [])}
    content["parameters"] = content.get("parameters", {}) | split_settings(settings)
    return Sweep(**content)
