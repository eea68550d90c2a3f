"""Model of dot products of fixed point with error compensation."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.formats.compact.fpec_codes import Fpec
from macsmith.golden.compact.wrapping import as_total
from macsmith.host.int64s import Int64s


class FpecModel:
    """Bit-exact model of `fpec`.

    Parameters
    ----------
    spec:
        Any object with its parameters and totals.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.act = Fpec(
            integer_bits=spec.act_integer_bits,
            fraction_bits=spec.act_fraction_bits,
            signed=spec.act_signed,
            magnitude_bits=spec.magnitude_bits,
        )
        self.weight = Fpec(
            integer_bits=spec.weight_integer_bits,
            fraction_bits=spec.weight_fraction_bits,
            signed=spec.weight_signed,
            magnitude_bits=spec.magnitude_bits,
        )

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        a, w = fields["a"], fields["w"]
        if self.spec.compensation == "none":
            return {"sum": (a * w).sum(axis=(1, 2))[:, np.newaxis]}
        if self.spec.compensation == "selective":
            return self._selective(fields)
        act, weight = self.act.parts(a), self.weight.parts(w)
        da, dw = self.act.error_units(act), self.weight.error_units(weight)
        unit = 2 << self.spec.magnitude_bits
        main = act.number * weight.number
        errors = act.number * dw + weight.number * da
        if self.spec.error_product:
            errors = errors * unit + da * dw
            unit *= unit
        main, errors = main.sum(axis=(1, 2)), errors.sum(axis=(1, 2))
        if self.spec.compensation == "end":
            main = as_total(self.spec, "main", main)
            errors = as_total(self.spec, "errors", errors)
        return {"sum": (main * unit + errors)[:, np.newaxis]}

    def _selective(self, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """Return the results of packets in which beats bring products, or a term each."""
        spec = self.spec
        packets, beats, products = fields["a"].shape
        term, index, of_weight, minus = (
            fields[name][:, :, 0] for name in ("term", "index", "of_weight", "minus")
        )
        size = 1 + (fields["magnitude"][:, :, 0] if spec.magnitude_bits else np.zeros_like(term))
        # What a term may choose: the products of the block so far, by their places.
        held = {name: np.zeros((packets, spec.block, products), np.int64) for name in ("a", "w")}
        filled = np.zeros(packets, np.int64)
        total, count = np.zeros((2, packets), np.int64)
        error = np.zeros(packets, np.bool_)
        rows = np.arange(packets)
        for beat in range(beats):
            is_term = term[:, beat] == 1
            place = index[:, beat]
            known = is_term & (place < filled * products)
            sides = {
                name: one.reshape(packets, -1)[rows, np.where(known, place, 0)]
                for name, one in held.items()
            }
            chosen = np.where(of_weight[:, beat] == 1, sides["a"], sides["w"])
            value = chosen * np.where(minus[:, beat] == 1, -size[:, beat], size[:, beat])
            main = (fields["a"][:, beat] * fields["w"][:, beat]).sum(axis=1)
            main <<= 1 + spec.magnitude_bits
            total += np.where(is_term, np.where(known, value, 0), main)
            count += known
            error |= is_term & ~known
            filled = np.where(~is_term & (filled == spec.block), 0, filled)
            stores = np.flatnonzero(~is_term)
            for name, one in held.items():
                one[stores, filled[stores]] = fields[name][stores, beat]
            filled = filled + ~is_term
        found = {"sum": total, "count": count, "error": error.astype(np.int64)}
        return {name: one[:, np.newaxis] for name, one in found.items()}
