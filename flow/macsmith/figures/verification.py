"""The table of docs/verification.md: the variants that ``verify --all`` tries."""

from macsmith.catalog.catalog import with_precisions
from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.markdown import table
from macsmith.mac.design_variants import KINDS
from macsmith.verify.variants import variants


def tried() -> Shown:
    """Return the variants of `verify --all`, each with how many designs have it."""
    kinds = [variant.kind for variant in variants(with_precisions())]
    rows = []
    for kind, parameters in KINDS.items():
        settings = {
            key: ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
            for key, value in parameters.items()
        }
        written = ", ".join(f"`{key}={value}`" for key, value in settings.items())
        rows.append([kind, written, kinds.count(kind)])
    written = table(["variant", "settings", "designs"], rows, 2)
    return Shown(f"{written}\n\nThese are {len(kinds)} specifications.")


PAGE = Page("docs/verification.md", (Region("variants", tried),))
