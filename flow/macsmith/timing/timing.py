"""The smallest clock period of a netlist, by our own engine or, where asked for, by OpenSTA."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import MappedNetlist, Module
from macsmith.timing import case_analysis, nldm_sta, opensta
from macsmith.timing.case_analysis import Constants

_ENDPOINTS = 5


@dataclass(frozen=True)
class Timing:
    """The smallest clock period, and what limits it.

    Members
    -------
    period_ns
        In ns; in tau on the embedded library.
    engine, engine_version
        "opensta", or "macsmith", which has no version apart from the package's.
    path
        Stages of the slowest path, each with its arrival, start first.
    endpoints
        The endpoints that need the longest periods, with these, longest first.
    """

    period_ns: float
    engine: str
    engine_version: str | None
    path: tuple[tuple[str, float], ...]
    endpoints: tuple[tuple[str, float], ...]


def minimum_period(netlist: MappedNetlist, tech: Technology) -> Timing:
    """Return the smallest clock period of ``netlist``, pre-layout.

    The clock is ideal. Inputs change with it behind the technology's driving cell, outputs are
    taken with it at the technology's load. A netlist without any path has period 0.
    """
    return minimum_periods(netlist, tech, [])[0]


def minimum_periods(
    netlist: MappedNetlist, tech: Technology, cases: Sequence[Constants]
) -> list[Timing]:
    """Return the smallest clock period of a netlist as it is, and with ports constant.

    In a case the paths count that something moving can run through: neither those behind constant
    nets nor those of flip-flops that stand still.

    Raises
    ------
    UserError
        If OpenSTA is asked for and not installed.
    opensta.OpenStaError
        If it fails.
    """
    if tech.conditions.timing_engine == "opensta":
        return _opensta(opensta.required(), netlist, tech, cases)
    return _own(netlist, tech, cases)


def _opensta(
    program: str, netlist: MappedNetlist, tech: Technology, cases: Sequence[Constants]
) -> list[Timing]:
    return [
        Timing(
            period_ns=paths[0].needed_ns if paths else 0.0,
            engine="opensta",
            engine_version=opensta.version(program),
            path=paths[0].stages if paths else (),
            endpoints=tuple((path.endpoint, path.needed_ns) for path in paths),
        )
        for paths in opensta.worst_paths(program, netlist, tech, _ENDPOINTS, cases)
    ]


def _own(netlist: MappedNetlist, tech: Technology, cases: Sequence[Constants]) -> list[Timing]:
    module = netlist.module()
    analysed = [case_analysis.analyse(module, tech.library.cells, constants) for constants in cases]
    whole, *in_cases = (
        _timing(nldm_sta.analyse(module, tech, one), module) for one in (None, *analysed)
    )
    # The paths of a case are among all. Tables in which a delay falls with the slew would make it
    # a hair longer where a slower input no longer counts.
    return [
        whole,
        *(replace(one, period_ns=min(one.period_ns, whole.period_ns)) for one in in_cases),
    ]


def _timing(analysis: nldm_sta.Analysis, module: Module) -> Timing:
    return Timing(
        period_ns=max(float(analysis.needed_ns.max(initial=0.0)), 0.0),
        engine="macsmith",
        engine_version=None,
        path=analysis.critical_path(module),
        endpoints=analysis.endpoints(_ENDPOINTS),
    )
