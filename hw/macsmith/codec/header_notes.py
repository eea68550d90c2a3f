"""What the ports of codecs stand for, for the header of their Verilog."""

from macsmith.codec.spec import CodecSpec
from macsmith.contract.stream import payload_notes


def encoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of an encoder hold."""
    return [
        *payload_notes(spec.element_layout, spec.encoded_layout),
        "count and error are those of the packet, with its last word",
    ]  # fmt: skip


def decoder_notes(spec: CodecSpec) -> list[str]:
    """Return what the payloads of a decoder hold."""
    return [
        *payload_notes(spec.coded_layout, spec.decoded_layout),
        "count is read with a packet's first word; error is up with the last beat of a bad packet",
    ]  # fmt: skip
