"""A chart of how errors are distributed: the share of results in each bin."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from macsmith.report.page.charts import Chart, compiled


def distribution(
    edges: Sequence[float], shares: Sequence[float], unit: str, colours: Mapping[str, str]
) -> Chart:
    """Return bars over bins.

    Parameters
    ----------
    edges
        Of the bins, one more than shares.
    unit
        What an error counts, perhaps nothing.
    """
    rows = [
        {"low": low, "high": high, "share": share}
        for (low, high), share in zip(pairwise(edges), shares, strict=True)
    ]
    of_unit = f", {unit}" if unit else ""
    return compiled(
        {
            "width": 420,
            "height": 200,
            "data": {"values": rows},
            "mark": {"type": "bar", "color": colours["mark"], "binSpacing": 0},
            "encoding": {
                "x": {
                    "field": "low", "bin": {"binned": True}, "type": "quantitative",
                    "title": f"error{of_unit}", "axis": {"grid": False, "tickCount": 7},
                },
                "x2": {"field": "high"},
                "y": {
                    "field": "share", "type": "quantitative", "title": "share of results",
                    "axis": {"grid": False, "tickCount": 4, "format": "~%"},
                },
            },
        },
        colours,
    )  # fmt: skip
