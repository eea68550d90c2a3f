"""What a report shows beyond its records' own figures, where they allow it."""

from collections.abc import Sequence
from pathlib import Path

from macsmith.alpha_power import AlphaPower, model_of
from macsmith.measure import Record
from macsmith.report.curve_charts import curve_section, has_curve, write_curve_plots
from macsmith.report.scaling_charts import scaling_section
from macsmith.report.sections import Section
from macsmith.technology import Technology


def sections_of(records: Sequence[Record], technology: Technology) -> list[Section]:
    """Return the further sections of a page."""
    found = (curve_section(records), scaling_section(records, _model(technology)))
    return [section for section in found if section is not None]


def write_extra_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the further charts and return the files."""
    return write_curve_plots(records, folder) if has_curve(records) else []


def _model(technology: Technology) -> AlphaPower | None:
    """Return the delay model of a library, or None where it states no voltage."""
    known = not technology.embedded and technology.library.voltage
    return model_of(technology) if known else None
