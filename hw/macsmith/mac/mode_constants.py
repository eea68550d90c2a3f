"""What stands still at the ports of a core in one mode."""

from collections.abc import Mapping, Sequence

from macsmith.contract.modes import Mode
from macsmith.mac.register_groups import RegisterGroup
from macsmith.mac.spec import MacSpec


def static_ports(
    spec: MacSpec, mode: Mode, widths: Mapping[str, int]
) -> dict[str, list[int | None]]:
    """Return the bits of a core's ports that are constant in a mode, and what they are.

    These are its control bits, the enables of groups that it does not clock, and operand bits
    that it does not use, which are zero.

    Parameters
    ----------
    widths
        Bits of each input port; those that are not there have no constants.
    """
    constants: dict[str, list[int | None]] = {
        "control": [int(mode in modes) for modes in spec.control_sets],
        "acc_control": [int(mode in modes) for modes in spec.acc_control_sets],
        "product_en": _idle(spec.product_groups, mode),
        "acc_en": _idle(spec.acc_groups, mode),
    }
    for port, sources in (("act", spec.act_source(mode)), ("weight", spec.weight_source(mode))):
        # An operand that comes digit by digit has a port of another width, and no idle bits.
        if widths[port] == len(sources):
            constants[port] = [0 if source is None else None for source in sources]
    return {port: values for port, values in constants.items() if port in widths}


def _idle(groups: Sequence[RegisterGroup], mode: Mode) -> list[int | None]:
    return [None if mode in group.modes else 0 for group in groups]
