"""A board of the catalogue, and how a unit's bitstream for it is built."""

import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from macsmith.catalog import catalog
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.mac.unit import MacUnit

from .expected import expect
from .panel import Panel, Pin
from .result import BoardResult
from .selftest import SelfTest
from .toolchain import Toolchain
from .tools import versions

SEEDS = range(1, 17)
"""How many placements may be tried."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """An FPGA board with a button and two LEDs.

    Parameters
    ----------
    name:
        What users call it.
    summary:
        One line for listings.
    platform:
        Makes its Amaranth platform.
    button, green, red:
        Resources of the platform, one pin each.
    toolchain:
        The tools of its FPGA.
    """

    name: str
    summary: str
    platform: Callable[[], Any]
    button: Pin
    green: Pin
    red: Pin
    toolchain: Toolchain

    def build(self, unit: str, spec: Any, folder: Path, seeds: int = 3) -> BoardResult:
        """Build the bitstream of a unit's self-test, ``folder/unit.bin``.

        The design, the pins and the reports lie beside it. The same specification and the same
        versions give the same design and the same bitstream.

        Parameters
        ----------
        unit:
            The unit's name in the catalogue.
        spec:
            Its specification.
        folder:
            Where files go, once all has succeeded.
        seeds:
            Placements to try; the bitstream is of the fastest.

        Raises
        ------
        UserError
            If ``folder`` is a file, a tool is not installed, or the unit has clock gate cells, is
            too large or too slow for the board.
        """
        check_int("seeds", seeds, SEEDS)
        folder = folder.absolute()
        if folder.exists() and not folder.is_dir():
            raise UserError(f"folder must be a folder or new, not the file {folder}")
        if spec.clock_gating == "cell":
            raise UserError(
                "clock_gating must be enable or none on an FPGA, whose flip-flops have enables, "
                "not cell"
            )
        self.toolchain.check()
        expected = expect(unit, spec)
        platform = self.platform()
        panel = Panel(
            SelfTest(cast(MacUnit, catalog.build(unit, spec)), expected),
            button=self.button,
            green=self.green,
            red=self.red,
        )
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
            made = self.toolchain.implement(platform, panel, Path(work), seeds)
            folder.mkdir(exist_ok=True)
            bitstream = made.bitstream.replace(folder / f"{unit}{made.bitstream.suffix}")
            for name, file in made.files.items():
                file.replace(folder / name)
        return BoardResult(
            board=self.name,
            unit=unit,
            parameters=spec.parameters(),
            device=platform.device,
            resources=made.resources,
            clock_mhz=platform.default_clk_frequency / 1e6,
            fmax_mhz=round(statistics.median(made.fmax_by_seed.values()), 2),
            fmax_by_seed=made.fmax_by_seed,
            results=expected.results,
            signature=expected.signature,
            bitstream=bitstream,
            versions=versions(("macsmith", *self.toolchain.packages)),
        )
