"""Pages renewed from their records, checked against them, and their records measured anew."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from macsmith.contract.errors import UserError, nearest
from macsmith.figures import record_file
from macsmith.figures.docs_page import (
    GatheredRegion,
    Measured,
    MeasuredRegion,
    Page,
    Records,
    Shown,
)
from macsmith.figures.markdown import filled, region_of
from macsmith.figures.pages import PAGES, page_of
from macsmith.figures.provenance import commit_of, run_of
from macsmith.library.technology import Technology
from macsmith.output.whole_file import write_whole

Measure = Callable[[Technology], Records]

Say = Callable[[str], None]
"""Takes a sentence on what is going on."""


@dataclass(frozen=True)
class Wanted:
    """A page, and what of it to measure: all, or the one thing that is named."""

    name: str
    measured: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Wanted":
        """Return what ``PAGE`` or ``PAGE/WHAT`` asks for.

        Raises
        ------
        UserError
            If there is no such page, or nothing of that name is measured for it.
        """
        name, slash, measured = text.partition("/")
        known = [one.name for one in page_of(name).measured if callable(one.measure)]
        if slash and measured not in known:
            hint = nearest(measured, known) if known else "nothing is measured for it"
            raise UserError(f"{name}/WHAT must name what is measured, not {measured!r}; {hint}")
        return cls(name, measured if slash else None)

    @property
    def page(self) -> Page:
        return page_of(self.name)

    @property
    def to_measure(self) -> Iterator[tuple[Measured, Measure]]:
        """What of the page to measure, and how."""
        for one in self.page.measured:
            if callable(one.measure) and self.measured in (None, one.name):
                yield one, one.measure


def wanted(names: Iterable[str]) -> list[Wanted]:
    """Return the pages of that name, or all."""
    return [Wanted.parse(name) for name in list(names) or PAGES]


def checkout(folder: Path) -> Path:
    """Return the folder of the checkout, which has the pages.

    Raises
    ------
    UserError
        If it is none.
    """
    if not (folder / "docs" / "img").is_dir() or not (folder / "README.md").is_file():
        raise UserError(f"figures must be run in a checkout with its docs/ folder, not in {folder}")
    return folder


def measure_anew(one: Wanted, techs: Sequence[Technology], root: Path, say: Say) -> None:
    """Measure what a page needs and keep the records, each as soon as it is there.

    Of what has one run the first library counts.

    Raises
    ------
    UserError
        If a library has no um2 and ns, or there is no commit.
    """
    for tech in techs:
        if tech.embedded:
            raise UserError(f"tech must be a library in um2 and ns for figures, not {tech.name!r}")
    commit = commit_of(root)
    for measured, measure in one.to_measure:
        path = _data(root, one, measured)
        for tech in techs if measured.several else techs[:1]:
            say(f"measuring {one.name}/{measured.name} on {tech.name}")
            run = run_of(measure(tech), tech if measured.on_library else None, commit)
            runs = record_file.read(path)
            known = runs.get(measured.name, []) if measured.several else []
            record_file.write(path, runs | {measured.name: record_file.replaced(known, run)})


def renew(one: Wanted, root: Path, say: Say) -> None:
    """Write a page's regions and pictures as its records have them."""
    page = one.page
    shown = _shown(one, root, say)
    path = root / page.file
    text = path.read_text()
    new = filled(page.file, text, {name: it.text for name, it in shown.items()})
    if new != text:
        write_whole(path, new)
    for picture, svg in _pictures(shown):
        write_whole(_image(root, picture), svg)


def stale(one: Wanted, root: Path, say: Say) -> list[str]:
    """Return a sentence for each region and picture that is not what the records give."""
    page = one.page
    shown = _shown(one, root, say)
    text = (root / page.file).read_text()
    mend = f"differs from what its records give; run macsmith figures {one.name}"
    found = [
        f"{page.file}: region {name!r} {mend}"
        for name, it in shown.items()
        if region_of(page.file, text, name) != it.text.strip()
    ]
    for picture, svg in _pictures(shown):
        path = _image(root, picture)
        if not path.exists() or _says(path.read_text()) != _says(svg):
            found.append(f"docs/img/{picture} {mend}")
    return found


def _shown(one: Wanted, root: Path, say: Say) -> dict[str, Shown]:
    """Return what stands in each region, but for those whose records were never measured.

    Raises
    ------
    UserError
        If records lack what the page shows of them.
    """
    shown = {}
    for region in one.page.regions:
        if isinstance(region, GatheredRegion):
            files = {each.name: _data(root, one, each) for each in region.measured}
            runs = {name: record_file.read(file).get(name, []) for name, file in files.items()}
            shown[region.name] = region.show(runs)
            continue
        if not isinstance(region, MeasuredRegion):
            shown[region.name] = region.show()
            continue
        measured = region.measured
        command = f"macsmith figures '{one.name}/{measured.name}' --tech ..."
        if isinstance(measured.measure, str):
            command = measured.measure
        path = _data(root, one, measured)
        if known := record_file.read(path).get(measured.name):
            try:
                shown[region.name] = region.show(known)
            except KeyError as missing:
                raise UserError(
                    f"{path.name} must have {missing} in its records of {measured.name!r}, which "
                    f"are older than this version; {command} measures them"
                ) from missing
            continue
        say(
            f"{one.page.file}: region {region.name!r} has no records, its text stays; "
            f"{command} measures them"
        )
    return shown


def _pictures(shown: dict[str, Shown]) -> Iterator[tuple[str, str]]:
    return (pair for it in shown.values() for pair in it.pictures.items())


def _says(svg: str) -> object:
    """Return what a picture says: a chart's labels, as its layout depends on fonts; else all."""
    return re.findall(r'aria-label="([^"]*)"', svg) or svg


def _image(root: Path, picture: str) -> Path:
    return root / "docs" / "img" / picture


def _data(root: Path, one: Wanted, measured: Measured) -> Path:
    return root / "docs" / "data" / f"{measured.file or one.name}.json"
