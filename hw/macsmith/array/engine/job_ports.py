"""What the engine's parts must know of a job."""

from amaranth.lib import data

from macsmith.array.engine.spec import SIZE_BITS, EngineSpec

PASS_BITS = 5
"""Bits of the number of passes."""


def job_layout(spec: EngineSpec) -> data.StructLayout:
    """Return the layout of a job.

    Members
    -------
    m, k, n
        Sizes, one at least.
    passes
        Words of weights a step.
    mode
        Index of the precision, if there are several.
    raw, hold_acts, hold_weights, hold_channels, keep
        As in `Schedule`.
    """
    fields: dict[str, object] = {"m": SIZE_BITS, "k": SIZE_BITS, "n": SIZE_BITS}
    fields["passes"] = PASS_BITS
    if len(spec.points) > 1:
        fields["mode"] = range(len(spec.points))
    flags = ("raw", "hold_acts", "hold_weights", "hold_channels", "keep")
    return data.StructLayout(fields | dict.fromkeys(flags, 1))
