"""What the ports of the pruning unit stand for, for the header of its Verilog."""

from macsmith.array.pruning.spec import DapSpec
from macsmith.contract.stream import payload_notes


def pruning_notes(spec: DapSpec) -> list[str]:
    """Return what the payloads hold."""
    return [
        *payload_notes(spec.input_layout, spec.output_layout),
        f"keep 0 keeps all {spec.block}; a result comes {spec.nonzeros + 1} cycles after its block",
    ]  # fmt: skip
