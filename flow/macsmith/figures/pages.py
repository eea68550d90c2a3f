"""The pages that have generated regions, by the names of their files."""

from importlib import import_module

from macsmith.contract.errors import UserError, nearest
from macsmith.figures.docs_page import Page

PAGES = {
    "README": "macs.readme",
    "commands": "settings_table",
    "mac-styles": "macs.mac_styles",
    "measurement": "macs.measurement",
    "scaling": "macs.voltage_scaling",
    "use-cases": "macs.use_cases",
    "systolic-array": "arrays.systolic_array",
    "ebsp": "ebsp.ebsp_page",
    "floating-point": "floating_point.floating_point_page",
    "number-formats": "compact_formats.number_formats_page",
    "special-functions": "floating_point.special_functions",
    "networks": "networks",
    "records": "record_keys",
    "sparse-formats": "sparse_formats",
    "codecs": "codecs.codec_costs",
    "sparse-engines": "sparse_engines",
    "verification": "verification",
    "evidence": "evidence.evidence_page",
}
"""The module of each page, which is imported when the page is asked for."""


def page_of(name: str) -> Page:
    """Return a page.

    Raises
    ------
    UserError
        If there is none of that name.
    """
    if name not in PAGES:
        raise UserError(f"page must have figures, not {name!r}; {nearest(name, PAGES)}")
    page: Page = import_module(f"macsmith.figures.{PAGES[name]}").PAGE
    return page
