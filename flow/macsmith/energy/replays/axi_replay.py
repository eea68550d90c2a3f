"""A mapped netlist of a unit in its AXI4-Stream wrapper at work, driven as the unit itself is."""

from copy import copy
from typing import Any

import numpy as np

from macsmith.contract.axi_stream import axi_name, beat_of
from macsmith.contract.stream import Layout
from macsmith.energy.unit_replay import Replay
from macsmith.netlist.gate_netlist import GateNetlist, Port


class AxiStreamReplay(Replay):
    """One netlist of a wrapper; bits that pad fields to bytes stay 0."""

    def __init__(self, name: str, spec: Any, *netlist: Any) -> None:
        super().__init__(name, spec, *netlist)
        self.gates = with_own_streams(self.gates, spec)


def with_own_streams(wrapper: GateNetlist, spec: Any) -> GateNetlist:
    """Return gates of a wrapper that have the ports of the unit's streams, too."""
    found, point = copy(wrapper), spec.points[0]
    found.ports = dict(wrapper.ports)
    for inward, streams in ((True, spec.inputs(point)), (False, spec.outputs(point))):
        for stream, layout in streams.items():
            prefix = axi_name(stream, inward=inward)
            found.ports[f"{stream}__payload"] = _payload(wrapper, prefix, layout, inward)
            for line in ("valid", "ready"):
                found.ports[f"{stream}__{line}"] = wrapper.ports[f"{prefix}_t{line}"]
    return found


def _payload(wrapper: GateNetlist, prefix: str, layout: Layout, inward: bool) -> Port:
    """Return the bits of a payload as a port, wherever they lie in ``tdata`` and ``tlast``."""
    beat, tdata = beat_of(layout), wrapper.ports[f"{prefix}_tdata"].rows
    rows = np.zeros(layout.width, np.intp)
    for part in beat.parts:
        at = part.field.offset
        rows[at : at + part.bits] = tdata[part.at : part.at + part.bits]
    if beat.last is not None:
        (rows[beat.last],) = wrapper.ports[f"{prefix}_tlast"].rows
    return Port(inward, rows)
