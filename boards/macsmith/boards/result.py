"""What a board build came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .toolchain import Resource


@dataclass(frozen=True, kw_only=True)
class BoardResult:
    """A bitstream and its cost, self-test included.

    Parameters
    ----------
    board, unit:
        Their catalogue names.
    parameters:
        Those of the unit's specification.
    device:
        The FPGA.
    resources:
        Cells used and available, by kind.
    clock_mhz:
        The clock that the board supplies.
    fmax_mhz:
        Highest clock of the design: the median over the seeds.
    fmax_by_seed:
        Highest clock by seed of the placer; the bitstream is of the best.
    results, signature:
        Accumulations of a run, and the signature that the golden model expects of them.
    bitstream:
        The file to load.
    versions:
        Tool packages and their versions.
    """

    board: str
    unit: str
    parameters: Mapping[str, Any]
    device: str
    resources: Mapping[str, Resource]
    clock_mhz: float
    fmax_mhz: float
    fmax_by_seed: Mapping[int, float]
    results: int
    signature: int
    bitstream: Path
    versions: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """Return the result as plain JSON values; frequencies in MHz."""
        return {
            "board": self.board,
            "unit": self.unit,
            "parameters": dict(self.parameters),
            "device": self.device,
            "resources": {
                kind: {"used": cells.used, "available": cells.available}
                for kind, cells in self.resources.items()
            },
            "clock_mhz": self.clock_mhz,
            "fmax_mhz": self.fmax_mhz,
            "fmax_by_seed": {str(seed): mhz for seed, mhz in self.fmax_by_seed.items()},
            "results": self.results,
            "signature": f"{self.signature:#x}",
            "bitstream": str(self.bitstream),
            "versions": dict(self.versions),
        }
