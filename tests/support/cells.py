"""Cell libraries that tests measure on."""

import os
from pathlib import Path
from typing import Any

from macsmith.library import wire_models
from macsmith.library.technology import Conditions, Technology
from macsmith.timing import opensta
from tests.support.checkout import ROOT

PDK = Path(os.environ.get("MACSMITH_TEST_PDK", ROOT.parent / "shared" / "pdk"))
"""The developers' libraries, beside the repository or where MACSMITH_TEST_PDK says."""

KNOWN = ("asap7", "gf180", "ihp-sg13g2", "nangate45", "sky130hd")
"""Libraries of that folder."""

# The extra for development brings Nangate45 by its name, with the same cells and figures.
NANGATE = str(PDK / "nangate45") if (PDK / "nangate45").is_dir() else "nangate45"
"""Nangate45 as ``--tech`` takes it: real cells with power data, on every machine."""

LIBRARIES = [
    *sorted({*(str(folder) for folder in PDK.glob("*/") if folder.name != "nangate45"), NANGATE}),
    "generic",
]
"""Every library here; the embedded one is the last."""

MISSING = [name for name in KNOWN if name not in {Path(text).name for text in LIBRARIES}]
"""Known libraries that are not here."""


def by_tools() -> Conditions:
    """Return conditions by which every tool that is here reads a library, OpenSTA too."""
    return Conditions(timing_engine="opensta" if opensta.command() else "macsmith")


def under(technology: Technology, **conditions: Any) -> Technology:
    """Return a library under other conditions."""
    return wire_models.under(technology, Conditions(**conditions))
