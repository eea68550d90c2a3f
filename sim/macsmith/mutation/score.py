"""Which of a unit's mutants its checks kill, which are proved equivalent, and which stay alive."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from macsmith.catalog.fingerprint import fingerprint
from macsmith.mutation.mutants import Mutant
from macsmith.mutation.regions import CONTROL, DATAPATH
from macsmith.mutation.trials import LAYERS
from macsmith.rtlsim.tool_versions import tool_versions

EQUIVALENT, ALIVE = "equivalent", "alive"

FATES = (*LAYERS, EQUIVALENT, ALIVE)
"""What becomes of a mutant: killed by a layer, proved equivalent, or neither."""


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    Members
    -------
    fate:
        One of `FATES`.
    reason:
        The check that killed it, the proof, or what is known of one that is alive.
    """

    mutant: Mutant
    fate: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return self.mutant.to_json() | {"fate": self.fate, "reason": self.reason}


@dataclass(frozen=True)
class Score:
    """The mutants of one unit and what became of them."""

    unit: str
    spec: Any
    variant: str
    seed: int
    fates: tuple[Fate, ...]

    def counts(self, region: str | None = None) -> Mapping[str, int]:
        """Return how many mutants, of a region or of all, met each fate."""
        found = Counter(one.fate for one in self.fates if region in (None, one.mutant.region))
        return {fate: found[fate] for fate in FATES}

    def share(self, region: str | None = None) -> float | None:
        """Return the killed share of those not equivalent, or None where there are none."""
        return share_of(self.counts(region))

    def reaches(self, least: float) -> bool:
        """Return whether so large a share was killed; without any to kill it was."""
        share = self.share()
        return share is None or share >= least

    def survivors(self) -> list[Fate]:
        """Return what no check killed, the living first."""
        kept = [one for one in self.fates if one.fate not in LAYERS]
        return sorted(kept, key=lambda one: one.fate)

    def to_json(self) -> dict[str, Any]:
        """Return the record of the score as plain JSON values."""
        return {
            "unit": self.unit,
            "variant": self.variant,
            "parameters": self.spec.parameters(),
            "fingerprint": fingerprint(self.unit, self.spec),
            "seed": self.seed,
            "drawn": len(self.fates),
            "counts": self.counts(),
            "regions": {one: self.counts(one) for one in (CONTROL, DATAPATH)},
            "score": self.share(),
            "checks": _checks(self.fates),
            "survivors": [one.to_json() for one in self.survivors()],
            "date": datetime.now(UTC).date().isoformat(),
            "versions": tool_versions(),
        }


def share_of(counts: Mapping[str, int]) -> float | None:
    """Return the killed share of the mutants that are not equivalent, or None of none."""
    killed = sum(counts[layer] for layer in LAYERS)
    whole = killed + counts[ALIVE]
    return killed / whole if whole else None


def _checks(fates: Iterable[Fate]) -> dict[str, dict[str, int]]:
    """Return how many mutants each check killed, by layer, the most first."""
    return {
        layer: dict(Counter(one.reason for one in fates if one.fate == layer).most_common())
        for layer in LAYERS
    }
