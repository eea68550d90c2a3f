"""What a generator computes twice is written once."""

from macsmith.rtl_text.parsed.bit_uses import Directions, renamed
from macsmith.rtl_text.parsed.modules import Bit, Bits, Cell, RtlModule


def share(module: RtlModule, directions: Directions) -> None:
    """Leave one of the operators that compute the same of the same."""
    while places := _repeated(module):
        gone = {name for name, _ in places}

        def put(bits: Bits, places: dict[Bit, Bit] = places) -> Bits:
            return tuple(places.get(bit, bit) for bit in bits)

        module.cells = [
            cell for cell in module.cells
            if cell.is_instance or "Y" not in cell.ports or not _names(cell) & gone
        ]  # fmt: skip
        renamed(module, directions, put)
        for name in gone:
            del module.wires[name]


def _names(cell: Cell) -> set[str]:
    return {name for name, _ in cell.ports["Y"]}


def _repeated(module: RtlModule) -> dict[Bit, Bit]:
    """Return the bits that operators compute again, and those that are the same."""
    known: dict[object, Bits] = {}
    places: dict[Bit, Bit] = {}
    for cell in module.cells:
        if cell.is_instance or "Y" not in cell.ports or not cell.ports["Y"]:
            continue
        inputs = tuple(sorted((port, bits) for port, bits in cell.ports.items() if port != "Y"))
        output = cell.ports["Y"]
        key = (cell.kind, cell.flag("A_SIGNED"), cell.flag("B_SIGNED"), len(output), inputs)
        first = known.setdefault(key, output)
        wire = module.wires[output[0][0]]
        if first is not output and not wire.is_named and output == wire.bits:
            places |= dict(zip(output, first, strict=True))
    return places
