"""Sparse engines and their memories as entries of the catalogue."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from macsmith.contract.packet_unit import packet_unit
from macsmith.contract.stream import notes_of, payload_notes
from macsmith.contract.unit import Cut, Unit
from macsmith.sparse.buffet.buffet import Buffet, BuffetLogic
from macsmith.sparse.buffet.double_buffer import DoubleBuffer, DoubleBufferLogic
from macsmith.sparse.buffet.spec import BuffetSpec, DoubleBufferSpec, TileMemorySpec
from macsmith.sparse.cnvlutin.cnvlutin import Cnvlutin, CnvlutinLogic
from macsmith.sparse.cnvlutin.skipping_lane import SkippingLaneLogic
from macsmith.sparse.cnvlutin.spec import CnvlutinSpec
from macsmith.sparse.cnvlutin.spec import Kind as LaneKind
from macsmith.sparse.cnvlutin.spec import Run as LaneRun
from macsmith.sparse.eie.arithmetic import EieArithmetic
from macsmith.sparse.eie.eie import Eie, EieLogic
from macsmith.sparse.eie.leading_nonzero import LeadingNonzero
from macsmith.sparse.eie.pe import EiePeLogic
from macsmith.sparse.eie.spec import EieSpec, Kind
from macsmith.sparse.scnn.product_crossbar import ProductCrossbar
from macsmith.sparse.scnn.product_pe import ScnnPeLogic
from macsmith.sparse.scnn.scnn import Scnn, ScnnLogic
from macsmith.sparse.scnn.spec import Kind as GridKind
from macsmith.sparse.scnn.spec import Run, ScnnSpec
from macsmith.sparse.sparce.skip_table import SkipTable
from macsmith.sparse.sparce.spec import Kind as SkipKind
from macsmith.sparse.sparce.spec import SkipTableSpec

Build = Callable[[Any], Any]

_REPLAY = "macsmith.energy.replays.packet_replay:PacketReplay"
"""What runs a sparse layer through the netlist of an engine without its memories."""


def _kinds(kinds: type[Enum]) -> str:
    """Return which number stands for which kind of packet."""
    return f"kinds: {', '.join(f'{kind.value} {kind.name.lower()}' for kind in kinds)}"


def _eie_notes(spec: EieSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        *notes_of("data of a run's first beat", spec.header),
        _kinds(Kind),
    ]  # fmt: skip


def _node(spec: EieSpec) -> LeadingNonzero:
    """Return a node of the lowest level of the tree."""
    return LeadingNonzero(spec.data_width)


_EIE = packet_unit(
    "eie", EieSpec,
    {
        "unit": Cut(Eie, notes=_eie_notes, replay=None, memories=True, measured=False),
        "logic": Cut(EieLogic, replay=_REPLAY, measured=False),
        "pe": Cut(EiePeLogic, replay=None),
        "mac": Cut(EieArithmetic, replay=None),
        "lnz": Cut(_node, replay=None),
    },
    golden="macsmith.golden.sparse.eie:EieModel",
    source="macsmith.operands.packet_sources.eie_packets:EieSource",
)  # fmt: skip


def _scnn_notes(spec: ScnnSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        _kinds(GridKind),
        f"numbers of a run: {', '.join(number.name.lower() for number in Run)}",
    ]  # fmt: skip


_SCNN = packet_unit(
    "scnn", ScnnSpec,
    {
        "unit": Cut(Scnn, notes=_scnn_notes, replay=None, memories=True, measured=False),
        "logic": Cut(ScnnLogic, replay=_REPLAY, measured=False),
        "pe": Cut(ScnnPeLogic, replay=None),
        "crossbar": Cut(ProductCrossbar, replay=None, measured=False),
    },
    golden="macsmith.golden.sparse.scnn_grid:ScnnModel",
    source="macsmith.operands.packet_sources.scnn_packets:ScnnSource",
    proof="macsmith.formal.streams.grid_rules:GridProver",
)  # fmt: skip


def _cnvlutin_notes(spec: CnvlutinSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        _kinds(LaneKind),
        f"numbers of a run: {', '.join(number.name.lower() for number in LaneRun)}",
    ]  # fmt: skip


_CNVLUTIN = packet_unit(
    "cnvlutin-lane", CnvlutinSpec,
    {
        "unit": Cut(Cnvlutin, notes=_cnvlutin_notes, replay=None, memories=True, measured=False),
        "logic": Cut(CnvlutinLogic, replay=_REPLAY, measured=False),
        "lane": Cut(SkippingLaneLogic, replay=None),
    },
    golden="macsmith.golden.sparse.cnvlutin_lanes:CnvlutinModel",
    source="macsmith.operands.packet_sources.cnvlutin_packets:CnvlutinSource",
)  # fmt: skip


def _skip_notes(spec: SkipTableSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        _kinds(SkipKind),
    ]  # fmt: skip


_SKIPS = packet_unit(
    "sparce-skip", SkipTableSpec,
    {"unit": Cut(SkipTable, notes=_skip_notes, replay=None)},
    golden="macsmith.golden.sparse.sparce:SkipTableModel",
    source="macsmith.operands.packet_sources.skip_packets:SkipSource",
)  # fmt: skip


def _tile_memory_notes(spec: TileMemorySpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *notes_of("i_fill__payload", spec.fill_layout),
        *notes_of("i_command__payload", spec.command_layout),
        *notes_of("i_update__payload", spec.update_layout),
        *notes_of("o__payload", spec.read_layout),
        "freed tells credits: for so many words there is room again",
    ]


def _tile_memory(
    name: str, spec: type[TileMemorySpec], golden: str, whole: Build, logic: Build
) -> Unit:
    """Return the entry of a memory between a producer and a consumer."""
    notes = _tile_memory_notes
    return Unit(
        name=name,
        spec=spec,
        cuts={
            "unit": Cut(whole, notes=notes, replay=None, memories=True, measured=False),
            "logic": Cut(logic, notes=notes, replay=None),
        },
        golden=f"macsmith.golden.sparse.tile_memory:{golden}",
        source="macsmith.operands.packet_sources.tile_programs:TileSource",
        verification="macsmith.verify.tile_memories:TileMemoryVerification",
        proof="macsmith.formal.streams.tile_memory_rules:TileMemoryProver",
        bench=("macsmith.bench.tile_memory",),
        vectors="macsmith.bundle.vectors.tile_vectors:tile_vectors",
        scenes="macsmith.bundle.diagrams.scene:tile_scenes",
    )


_ALL = (
    _tile_memory("buffet", BuffetSpec, "BuffetModel", Buffet, BuffetLogic),
    _tile_memory(
        "double-buffer", DoubleBufferSpec, "DoubleBufferModel", DoubleBuffer, DoubleBufferLogic
    ),
    _EIE,
    _SCNN,
    _CNVLUTIN,
    _SKIPS,
)

SPARSE: Mapping[str, Unit] = {unit.name: unit for unit in _ALL}
