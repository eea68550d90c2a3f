"""Ratios on the embedded library beside a real one's, and how far they agree: figures by hand."""

from typing import Any

from macsmith.figures.docs_page import LibraryRun
from macsmith.figures.macs.embedded_library import agreement

MODES = ("8x8", "2x2")

EMBEDDED = {"data-gated": (10.0, 4.0, 2.0), "second": (20.0, 6.0, 5.0), "third": (30.0, 2.0, 8.0)}
"""Area, period and energy at 8x8; at 2x2 the energy is half."""

REAL = {"data-gated": (100.0, 1.0, 4.0), "second": (160.0, 2.0, 8.0), "third": (300.0, 1.5, 16.0)}


def rows(tech: str, figures: dict[str, tuple[float, float, float]]) -> list[dict[str, Any]]:
    embedded = tech == "generic"
    keys = (
        ("area_ge", "period_tau", "energy_c0v2_per_mac")
        if embedded
        else ("area_um2", "period_ns", "energy_pj_per_mac")
    )
    return [
        {"unit": unit, "mode": mode, "tech": tech, "embedded_sha256": "e" * 64}
        | dict(zip(keys, (area, period, energy / (1 + (mode == "2x2"))), strict=True))
        for unit, (area, period, energy) in figures.items()
        for mode in MODES
    ]


def test_ratios_and_their_agreement() -> None:
    versions = {"macsmith": "1", "yosys": "2", "amaranth": "3", "timing_engine": "sta"}
    run = LibraryRun(
        "real", "f" * 64, versions, "library", "`abc`", "2026-01-01",
        [*rows("generic", EMBEDDED), *rows("real", REAL)],
    )  # fmt: skip
    text = agreement([run]).text
    assert "| unit | area | area, real | period | period, real | energy 8x8 |" in text
    assert "| `second` | 2.00 | 1.60 | 1.50 | 2.00 | 2.50 | 2.00 | 2.50 | 2.00 |" in text
    assert "| area | 1.00 | 1.25 | `second` |" in text
    # Ranks 2, 3, 1 and 1, 3, 2.
    assert "| period | 0.50 | 0.33 | `third` |" in text
    assert "| energy, 8x8, 2x2 | 1.00 | 1.25 | `second`, 8x8 |" in text
    assert "beside `generic` (SHA-256 `eeeeeeeeeeee`), `real` (SHA-256 `ffffffffffff`)." in text
