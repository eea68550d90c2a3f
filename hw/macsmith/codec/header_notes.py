"""What the ports of codecs stand for, for the header of their Verilog."""

from macsmith.codec.ebpc.spec import EbpcDecoderSpec
from macsmith.codec.spec import CodecSpec
from macsmith.contract.stream import notes_of, payload_notes

_DECODED = (
    "count is read with a packet's first word; error is up with the last beat of a bad packet"
)


def encoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of an encoder hold."""
    return [
        *payload_notes(spec.element_layout, spec.encoded_layout),
        "count and error are those of the packet, with its last word",
    ]  # fmt: skip


def decoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of a decoder hold."""
    return [*payload_notes(spec.coded_layout, spec.decoded_layout), _DECODED]


def two_string_notes(spec: EbpcDecoderSpec) -> list[str]:
    """Return what the payloads of a decoder of two strings hold."""
    return [
        *notes_of("i_zeros__payload", spec.coded_layout),
        *notes_of("i_blocks__payload", spec.block_layout),
        *notes_of("o__payload", spec.decoded_layout),
        _DECODED,
    ]
