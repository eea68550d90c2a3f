"""Model of converters: values in float64, or whole numbers, rounded to a format."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.formats.block_scales import scale_exponents, to_nvfp4
from macsmith.formats.exact_rounding import rounded
from macsmith.formats.number_codes import decode, encode
from macsmith.host.int64s import Int64s


class FpConvertModel:
    """Bit-exact model of `fp-convert`.

    Parameters
    ----------
    spec:
        Any object with its parameters and sides.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec = self.spec
        saturate = True if spec.overflow == "saturate" else None
        codes = fields["x"][:, 0]
        if spec.of.format is None:
            return {"y": self._of_fixed(codes, saturate)}
        values = decode(spec.of.format, codes)
        if spec.of.scale is not None:
            scale = spec.of.scale.format
            # The sign of a scale says nothing.
            scales = decode(scale, fields["scale"][:, 0] % scale.magnitudes)
            values = values * np.repeat(scales, spec.of.scale.block, axis=1)
        found: dict[str, Int64s] = {}
        if spec.to.scale is not None and spec.to.scale.name == "nv":
            blocks = values.reshape(len(values), -1, spec.to.scale.block)
            codes, chosen = to_nvfp4(blocks, rounding=spec.rounding, rule=spec.scale_rule)
            return {"y": codes.reshape(len(values), -1).astype(np.int64), "scale_y": chosen}
        if spec.to.scale is not None:
            blocks = values.reshape(len(values), -1, spec.to.scale.block)
            exponents, lost = scale_exponents(blocks, spec.to.format, spec.scale_rule)
            values = np.where(lost[..., np.newaxis], np.copysign(0.0, blocks), blocks)
            values = np.ldexp(values, -exponents[..., np.newaxis]).reshape(len(values), -1)
            if spec.to.format.integer:
                values = np.where(values == 0, 0.0, values)
            found["scale_y"] = np.where(lost, 255, exponents + 127)
        y = encode(spec.to.format, values, spec.rounding, saturate).astype(np.int64)
        if spec.to.scale is not None:
            y = np.where(np.repeat(lost, spec.to.scale.block, axis=1), 0, y)
        return {"y": y, **found}

    def _of_fixed(self, numbers: Int64s, saturate: bool | None) -> Int64s:
        """Return codes of fixed-point numbers, which float64 may not hold."""
        spec = self.spec
        flat = [
            rounded(spec.to.format, number, -spec.of.point, spec.rounding, saturate)
            for number in numbers.reshape(-1).tolist()
        ]
        return np.array(flat, np.int64).reshape(numbers.shape)
