"""What a report shows beyond its records' own figures, where they allow it."""

from collections.abc import Sequence
from pathlib import Path

from macsmith.analysis.alpha_power import model_of
from macsmith.library.technology import Technology
from macsmith.records.record import Record
from macsmith.report.page.area_delay import curve_section, has_curve, write_curve_plots
from macsmith.report.page.arrays import array_section, write_array_plots
from macsmith.report.page.equal_throughput import throughput_section, write_throughput_plots
from macsmith.report.page.format_errors import format_section, write_format_plots
from macsmith.report.page.precision_mixes import usecase_section, write_usecase_plots
from macsmith.report.page.scaling import scaling_section
from macsmith.report.page.section import Section


def sections_of(records: Sequence[Record], technologies: Sequence[Technology]) -> list[Section]:
    """Return the further sections of a page."""
    models = {tech.name: model_of(tech) for tech in technologies if _states_volts(tech)}
    found = (
        throughput_section(records),
        array_section(records),
        usecase_section(records),
        format_section(records),
        curve_section(records),
        scaling_section(records, models),
    )
    return [section for section in found if section is not None]


def write_extra_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the further charts and return the files."""
    curves = write_curve_plots(records, folder) if has_curve(records) else []
    arrays = write_array_plots(records, folder)
    usecases = write_usecase_plots(records, folder)
    formats = write_format_plots(records, folder)
    return [*write_throughput_plots(records, folder), *usecases, *formats, *curves, *arrays]


def _states_volts(technology: Technology) -> bool:
    return not technology.embedded and bool(technology.library.voltage)
