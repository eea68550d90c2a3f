"""One port for words that lie beside each other in what is connected to them.

Amaranth makes a port of each word that passes into a module, so a vector that it takes apart is as
many ports as parts.
"""

from collections.abc import Iterable, Mapping

from macsmith.rtl_text.parsed.bit_uses import renamed
from macsmith.rtl_text.parsed.modules import Bit, Bits, Cell, RtlModule, Wire

_BUNDLE = "port$bundle$"


def bundle_ports(cell: Cell, inner: RtlModule, directions: dict[str, dict[str, str]]) -> None:
    """Make one port of those of the only instance of a module that are slices of one net."""
    slices: dict[tuple[str, str], list[Wire]] = {}
    for port in inner.ports:
        bits = cell.ports.get(port.name, ())
        if bits and bits[0][0] and not port.is_well_named and not port.wish and _is_slice(bits):
            slices.setdefault((bits[0][0], port.direction), []).append(port)
    places: dict[Bit, Bit] = {}
    for (net, direction), ports in slices.items():
        for stretch in _stretches(ports, cell.ports):
            name = f"{_BUNDLE}{direction}${net}${cell.ports[stretch[0].name][0][1]}"
            outer: list[Bit] = []
            for port in stretch:
                for bit in port.bits:
                    places[bit] = (name, len(outer))
                    outer.append(cell.ports[port.name][bit[1]])
                del cell.ports[port.name], inner.wires[port.name]
            inner.wires[name] = Wire(name, len(outer), direction)
            cell.ports[name] = tuple(outer)

    def put(bits: Bits) -> Bits:
        return tuple(places.get(bit, bit) for bit in bits)

    if places:
        renamed(inner, directions, put, put)
        directions[inner.name] = {port.name: port.direction for port in inner.ports}


def _is_slice(bits: Bits) -> bool:
    name, low = bits[0]
    return bits == tuple((name, low + k) for k in range(len(bits)))


def _stretches(ports: Iterable[Wire], outer: Mapping[str, Bits]) -> list[list[Wire]]:
    """Return groups of at least two ports whose nets follow each other without a gap."""
    groups: list[list[Wire]] = []
    for port in sorted(ports, key=lambda port: outer[port.name][0][1]):
        if groups:
            below = outer[groups[-1][-1].name][-1][1]
            if outer[port.name][0][1] == below + 1:
                groups[-1].append(port)
                continue
        groups.append([port])
    return [group for group in groups if len(group) > 1]
