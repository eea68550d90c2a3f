"""The codecs as entries of the catalogue."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.codec import bitmask, block, run_level, zero_run
from macsmith.codec.ebpc import spec as ebpc
from macsmith.codec.ebpc.plane_decoder import EbpcDecoder
from macsmith.codec.ebpc.plane_encoder import EbpcEncoder
from macsmith.codec.header_notes import decoder_notes, encoder_notes, two_string_notes
from macsmith.codec.huffman import spec as huffman
from macsmith.codec.huffman.huffman import (
    HuffmanDecoder,
    HuffmanDecoderLogic,
    HuffmanEncoder,
    HuffmanEncoderLogic,
)
from macsmith.codec.huffman.serial_decoder import SerialHuffmanDecoder, SerialHuffmanDecoderLogic
from macsmith.codec.packing_units import PackerSpec, Unpacker, UnpackerSpec, packer_of
from macsmith.codec.spec import CodecSpec
from macsmith.contract.packet_unit import packet_unit
from macsmith.contract.stream import payload_notes
from macsmith.contract.unit import Cut, Unit

Build = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Codec:
    """An encoder and its decoder.

    Members
    -------
    encoder, decoder:
        Specifications, each with its component.
    without_memories:
        The components without their memories, if they have some.
    golden:
        Module of the golden models, and what their names begin with.
    sources:
        Module of what draws packets, and the names for elements and for words.
    words:
        What the payloads of the decoder hold.
    """

    encoder: tuple[type[CodecSpec], Build]
    decoder: tuple[type[CodecSpec], Build]
    golden: str
    without_memories: tuple[Build, Build] | None = None
    sources: tuple[str, str, str] = (
        "macsmith.operands.packet_sources.codec_packets", "ElementSource", "WordSource",
    )  # fmt: skip
    words: Callable[[Any], list[str]] = decoder_notes

    def units(self, name: str) -> Iterator[Unit]:
        """Yield the entries."""
        module, *drawn = self.sources
        sides = (self.encoder, "Encoder", encoder_notes), (self.decoder, "Decoder", self.words)
        for place, ((spec, build), side, notes) in enumerate(sides):
            memories = self.without_memories is not None
            cuts = {
                "unit": Cut(
                    build, notes=notes, replay=None, memories=memories, measured=not memories
                )
            }
            if self.without_memories:
                cuts["logic"] = Cut(self.without_memories[place], notes=notes, replay=None)
            yield packet_unit(
                f"{name}-{side.lower()}", spec, cuts, f"{self.golden}{side}",
                f"{module}:{drawn[place]}",
            )  # fmt: skip


def _searching(decoders: Mapping[str, Build]) -> Build:
    """Return what builds a Huffman decoder by how it looks for lengths."""
    return lambda spec: decoders[spec.search](spec)


_CODECS = {
    "bitmask": Codec(
        encoder=(bitmask.BitmaskEncoderSpec, bitmask.BitmaskEncoder),
        decoder=(bitmask.BitmaskDecoderSpec, bitmask.BitmaskDecoder),
        golden="macsmith.golden.sparse.codecs:Bitmask",
    ),
    "zero-run": Codec(
        encoder=(zero_run.ZeroRunEncoderSpec, zero_run.ZeroRunEncoder),
        decoder=(zero_run.ZeroRunDecoderSpec, zero_run.ZeroRunDecoder),
        golden="macsmith.golden.sparse.codecs:ZeroRun",
    ),
    "rlc": Codec(
        encoder=(run_level.RlcEncoderSpec, run_level.PairEncoder),
        decoder=(run_level.RlcDecoderSpec, run_level.PairDecoder),
        golden="macsmith.golden.sparse.codecs:RunLevel",
    ),
    "csc": Codec(
        encoder=(run_level.CscEncoderSpec, run_level.PairEncoder),
        decoder=(run_level.CscDecoderSpec, run_level.PairDecoder),
        golden="macsmith.golden.sparse.codecs:SparseColumn",
    ),
    "block": Codec(
        encoder=(block.BlockEncoderSpec, block.BlockEncoder),
        decoder=(block.BlockDecoderSpec, block.BlockDecoder),
        golden="macsmith.golden.sparse.codecs:Block",
    ),
    "ebpc": Codec(
        encoder=(ebpc.EbpcEncoderSpec, EbpcEncoder),
        decoder=(ebpc.EbpcDecoderSpec, EbpcDecoder),
        golden="macsmith.golden.sparse.ebpc:Ebpc",
        words=two_string_notes,
        sources=(
            "macsmith.operands.packet_sources.ebpc_packets",
            "SmoothSource",
            "TwoStringSource",
        ),
    ),
    "huffman": Codec(
        encoder=(huffman.HuffmanEncoderSpec, HuffmanEncoder),
        decoder=(
            huffman.HuffmanDecoderSpec,
            _searching({huffman.PARALLEL: HuffmanDecoder, huffman.SERIAL: SerialHuffmanDecoder}),
        ),
        without_memories=(
            HuffmanEncoderLogic,
            _searching(
                {huffman.PARALLEL: HuffmanDecoderLogic, huffman.SERIAL: SerialHuffmanDecoderLogic}
            ),
        ),
        golden="macsmith.golden.sparse.huffman:Huffman",
        sources=("macsmith.operands.packet_sources.huffman_packets", "SymbolSource", "CodeSource"),
    ),
}


def _packer_notes(spec: PackerSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        "bits below a field's length must be 0; the tag of its packet goes with the last word",
    ]  # fmt: skip


_PACKING = (
    packet_unit(
        "packer", PackerSpec, {"unit": Cut(packer_of, notes=_packer_notes, replay=None)},
        "macsmith.golden.sparse.codecs:PackerModel",
        "macsmith.operands.packet_sources.codec_packets:FieldsSource",
    ),
    packet_unit(
        "unpacker", UnpackerSpec, {"unit": Cut(Unpacker, notes=decoder_notes, replay=None)},
        "macsmith.golden.sparse.codecs:UnpackerModel",
        "macsmith.operands.packet_sources.codec_packets:WordSource",
    ),
)  # fmt: skip

CODECS: Mapping[str, Unit] = {
    unit.name: unit
    for unit in (
        *(unit for name, codec in _CODECS.items() for unit in codec.units(name)),
        *_PACKING,
    )
}
