"""The smallest clock period of a netlist: OpenSTA's where it is installed, else our own."""

from dataclasses import dataclass

from macsmith import nldm, opensta
from macsmith.mapped import Netlist
from macsmith.technology import Technology

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
    note
        Why OpenSTA was not used though it is installed, or None.
    """

    period_ns: float
    engine: str
    engine_version: str | None
    path: tuple[tuple[str, float], ...]
    endpoints: tuple[tuple[str, float], ...]
    note: str | None = None


def minimum_period(netlist: Netlist, tech: Technology) -> Timing:
    """Return the smallest clock period of ``netlist``, pre-layout.

    The clock is ideal. Inputs change with it behind the technology's driving cell, outputs are
    taken with it at the technology's load. A netlist without any path has period 0.
    """
    program = opensta.command()
    if program is None:
        return _own(netlist, tech)
    try:
        return _opensta(program, netlist, tech)
    except opensta.OpenStaError as error:
        return _own(netlist, tech, str(error))


def _opensta(program: str, netlist: Netlist, tech: Technology) -> Timing:
    paths = opensta.worst_paths(program, netlist, tech, _ENDPOINTS)
    return Timing(
        period_ns=paths[0].needed_ns if paths else 0.0,
        engine="opensta",
        engine_version=opensta.version(program),
        path=paths[0].stages if paths else (),
        endpoints=tuple((path.endpoint, path.needed_ns) for path in paths),
    )


def _own(netlist: Netlist, tech: Technology, note: str | None = None) -> Timing:
    module = netlist.module()
    analysis = nldm.analyse(module, tech)
    return Timing(
        period_ns=max(float(analysis.needed_ns.max(initial=0.0)), 0.0),
        engine="macsmith",
        engine_version=None,
        path=analysis.critical_path(module),
        endpoints=analysis.endpoints(_ENDPOINTS),
        note=note,
    )
