"""Entries of units that make a packet of each packet, however many beats either has."""

from collections.abc import Mapping

from macsmith.contract.unit import Cut, Unit, UnitSpec


def packet_unit(
    name: str, spec: type[UnitSpec], cuts: Mapping[str, Cut], golden: str, source: str,
    proof: str = "macsmith.formal.streams.packet_rules:PacketProver",
) -> Unit:  # fmt: skip
    """Return the entry of a unit that makes a packet of each packet."""
    return Unit(
        name=name, spec=spec, cuts=cuts, golden=golden, source=source,
        verification="macsmith.verify.packet_units:PacketVerification",
        proof=proof,
        bench=("macsmith.bench.packets",),
        vectors="macsmith.bundle.vectors.packet_vectors:packet_vectors",
        scenes="macsmith.bundle.diagrams.scene:packet_scenes",
    )  # fmt: skip
