"""What the ports of codecs stand for, for the header of their Verilog."""

from macsmith.codec.spec import CodecSpec
from macsmith.contract.stream import notes_of


def encoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of an encoder hold."""
    return [
        *notes_of("i__payload", spec.element_layout), *notes_of("o__payload", spec.encoded_layout),
        "count and error are those of the packet, with its last word",
    ]  # fmt: skip


def decoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of a decoder hold."""
    return [
        *notes_of("i__payload", spec.coded_layout), *notes_of("o__payload", spec.decoded_layout),
        "count is read with a packet's first word; error is up with the last beat of a bad packet",
    ]  # fmt: skip
