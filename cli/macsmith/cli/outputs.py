"""Where records go besides the terminal: JSON, CSV, a page, a folder of plots."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from macsmith.library.technology import Technology
from macsmith.output.whole_file import check_folder, check_output, write_whole
from macsmith.records.record import Record
from macsmith.report.terminal.units import to_csv


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where records go, besides the terminal: files, and a folder for plots."""

    json: Path | None = None
    csv: Path | None = None
    html: Path | None = None
    plots: Path | None = None

    def check(self) -> None:
        """Raise a sentence if one of them could not be written."""
        for path in (self.json, self.csv, self.html):
            check_output(path)
        check_folder(self.plots)

    def write(self, records: Sequence[Record], technologies: Sequence[Technology]) -> None:
        """Write what was asked for; only a report loads the charting library."""
        write_json(self.json, records)
        if self.csv is not None:
            write_whole(self.csv, to_csv(records))
        if self.html is not None:
            from macsmith.report.page.all_sections import sections_of
            from macsmith.report.page.page import page

            write_whole(self.html, page(records, sections_of(records, technologies)))
        if self.plots is not None:
            from macsmith.report.page.all_sections import write_extra_plots
            from macsmith.report.page.plots import write_plots

            write_plots(records, self.plots)
            write_extra_plots(records, self.plots)


def write_json(path: Path | None, value: object) -> None:
    """Write a value as JSON if a file was asked for."""
    if path is not None:
        write_whole(path, json.dumps(value, indent=1) + "\n")
