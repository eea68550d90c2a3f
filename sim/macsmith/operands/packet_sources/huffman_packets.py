"""Packets for Huffman codecs: tables of every shape, some of them wrong, and what they code."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.formats.codecs.huffman import HuffmanCode
from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.codec_packets import ElementSource, WordSource
from macsmith.operands.packet_sources.packets import Packet

PER_TABLE = 6
"""Packets that follow a table, on average."""


class TableSource:
    """Tables: lengths of random, balanced and degenerate codes, and such as are none."""

    def __init__(self, width: int, longest: int, rng: np.random.Generator) -> None:
        self.count, self.longest, self.rng = 2**width, longest, rng

    def draw(self) -> tuple[str, Int64s]:
        """Return the lengths of a table, and what it is."""
        leaves = int(self.rng.integers(2, min(self.count, 2**self.longest) + 1))
        lengths = [1, 1]
        narrow = self.rng.random() < 0.3
        while len(lengths) < leaves and min(lengths) < self.longest:
            # A narrow tree grows as deep as it may, until nothing deep is left to be split.
            open_ = [at for at, length in enumerate(lengths) if length < self.longest]
            at = max(open_, key=lengths.__getitem__) if narrow else int(self.rng.choice(open_))
            lengths[at] += 1
            lengths.append(lengths[at])
        table = np.zeros(self.count, np.int64)
        table[self.rng.permutation(self.count)[: len(lengths)]] = lengths
        kind = self.rng.integers(12)
        if kind == 0:
            table[self.rng.integers(self.count)] += 1
            return "a table that is not complete", np.minimum(table, 15)
        if kind == 1:
            return "a table that is too short", table[: self.rng.integers(1, self.count)]
        if kind == 2:
            return "a table that is too long", np.append(table, table[: self.rng.integers(1, 9)])
        if kind == 3:
            return "a table of any lengths", self.rng.integers(0, 16, self.count)
        return "a narrow table" if narrow else "a table", table


def _mixed(source: Any, count: int) -> list[Packet]:
    """Return packets with tables among them, the first of them mostly a table."""
    rng, packets = source.rng, []
    tables = TableSource(source.spec.width, source.spec.longest, rng)
    if rng.random() < 0.9:
        packets.append(source.table(*tables.draw()))
    while len(packets) < count:
        if rng.random() < 1 / PER_TABLE:
            packets.append(source.table(*tables.draw()))
        else:
            packets.append(source.coded())
    return packets


class SymbolSource(ElementSource):
    """Symbols for an encoder, mostly such as have a code."""

    coding: HuffmanCode = HuffmanCode(None)

    def packets(self, count: int) -> list[Packet]:
        return _mixed(self, count)

    def table(self, label: str, lengths: Int64s) -> Packet:
        """Return a packet that loads a table."""
        self.coding = HuffmanCode(lengths)
        above = self.rng.integers(0, 2 ** (self.spec.width - 4), len(lengths)) << 4
        return Packet(label, self._beats((lengths | above)[:, np.newaxis], 1))

    def coded(self) -> Packet:
        """Return a packet of symbols."""
        label, values = self.symbols()
        return Packet(label, self._beats(values, 0))

    def symbols(self) -> tuple[str, Int64s]:
        """Return symbols; nineteen packets of twenty have none without a code."""
        label, values = self._one()
        lengths = self.coding.lengths
        if lengths is not None and self.rng.random() < 0.95:
            known = np.flatnonzero(lengths)
            known = known if known.size else np.zeros(1, np.int64)
            weights = 0.5 ** lengths[known] if self.rng.random() < 0.5 else np.ones(len(known))
            if self.rng.random() < 0.2:
                weights = lengths[known] == lengths.max()
            drawn = self.rng.choice(known, values.shape, p=weights / weights.sum())
            return "symbols", drawn.astype(np.int64)
        return f"symbols, {label}", values

    def _beats(self, values: Int64s, table: int) -> Mapping[str, Int64s]:
        kinds = self.rng.integers(0, 2, (len(values), 1))
        kinds[0] = table
        return {"value": values, "table": kinds}


class CodeSource(WordSource):
    """Words for a decoder."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.symbols = SymbolSource(spec, model, point, rng)

    def packets(self, count: int) -> list[Packet]:
        self.model.begin()
        return _mixed(self, count)

    def table(self, label: str, lengths: Int64s) -> Packet:
        """Return a packet that loads a table."""
        self.symbols.coding = HuffmanCode(lengths)
        above = self.rng.integers(0, 2 ** (self.spec.word - 4), len(lengths), np.uint64)
        words = lengths | (above << np.uint64(4)).view(np.int64)
        packet = Packet(label, self._kind(self.beats(words, 0), 1))
        self.model.load(packet.fields)
        return packet

    def coded(self) -> Packet:
        """Return a packet of words."""
        packet = self.packet(*self.symbols.symbols())
        return Packet(packet.label, self._kind(packet.fields, 0))

    def _kind(self, fields: Mapping[str, Int64s], table: int) -> Mapping[str, Int64s]:
        kinds = self.rng.integers(0, 2, fields["word"].shape)
        kinds[0] = table
        return {**fields, "table": kinds}
