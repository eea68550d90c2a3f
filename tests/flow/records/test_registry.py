"""The registry of keys: complete, in the order of files, and what the documentation says."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.analysis.alpha_power import AlphaPower
from macsmith.analysis.metrics import metrics
from macsmith.analysis.voltage_scaling import scaled
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import resolve
from macsmith.records import documentation, record, registry
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.records.registry import REGISTRY, figure, metric
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.checkout import ROOT
from tests.support.invented_records import of_macs

FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "data-gated": ("core", {"act_width": 2, "weight_width": 2}),
    "ebsp": ("core", {}),
    "dap": ("unit", {"act_width": 2, "block": 4, "nonzeros": 1}),
    "systolic": ("pe", {"rows": 1, "cols": 1, "act_width": 2, "weight_width": 2}),
    "systolic-engine": (
        "logic",
        {"rows": 1, "cols": 1, "out_lanes": 1, "act_width": 2, "weight_width": 2, "acc_width": 8,
         "out_width": 2, "act_depth": 256, "weight_depth": 128, "channel_depth": 16,
         "arith": "operators"},
    ),
}  # fmt: skip
"""A small one of each family, and where it is cut."""


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    """The first record of each family, on the embedded library."""
    library = resolve.resolve()
    jobs = {
        name: Job(name, make_spec(name, parameters), boundary, Recipe.AREA, False)
        for name, (boundary, parameters) in FAMILIES.items()
    }
    found = measure(list(jobs.values()), library)
    return {name: next(one for one in found if one["unit"] == name) for name in jobs}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_key_of_a_record_is_registered(records: dict[str, Record], name: str) -> None:
    keys = [one.key for one in registry.KEYS]
    if name.startswith("systolic"):
        keys += [one.key for one in registry.ARRAY_KEYS]
    assert list(records[name]) == keys


def test_types_have_the_registered_keys_in_order() -> None:
    base = [one.key for one in registry.KEYS]
    arrays = base + [one.key for one in registry.ARRAY_KEYS]
    times = base + [one.key for one in registry.TIME_KEYS]
    told = {
        record.Record: base,
        record.ArrayRecord: arrays,
        record.PeRecord: arrays + [one.key for one in registry.PE_KEYS],
        record.MixRecord: times + [one.key for one in registry.MIX_KEYS],
    }
    for kind, keys in told.items():
        assert [*kind.__required_keys__ & set(keys)] and set(kind.__required_keys__) == set(keys)
        assert list(kind.__annotations__) == keys
    network = {one.key for one in registry.NETWORK_KEYS}
    assert set(record.NetworkRecord.__required_keys__) == {*times, *network}
    modelled = {one.key for one in registry.SCALING_KEYS}
    assert set(record.ScaledRecord.__required_keys__) - set(base) == modelled


def test_modelled_records_have_the_keys_of_their_type() -> None:
    core = of_macs({
        "unit": "u", "parameters": {}, "boundary": "core", "tech": "t", "recipe": "speed",
        "adders": "gates", "mode": "8x8", "area_ge": 1.0, "period_ns": 2.0, "mode_period_ns": 2.0,
        "macs_per_cycle": 1.0, "energy_pj_per_mac": 3.0, "stimulus": "none", "versions": {},
        "energy_parts": {"logic": 2.0, "leakage": 1.0},
    })  # fmt: skip
    law = AlphaPower(nominal_v=1.5, vth_v=0.5, alpha=1.0, vmin_v=0.6, source="by hand")
    made = scaled([core], law)
    assert len(made) == 3
    for one in made:
        assert list(one) == list(record.ScaledRecord.__annotations__)


@pytest.mark.parametrize("key", REGISTRY)
def test_every_key_has_a_meaning_and_every_figure_a_unit(key: str) -> None:
    one = REGISTRY[key]
    assert one.key == key and one.meaning
    if isinstance(one, Metric):
        assert one.name and one.unit and one.column
        assert "{" not in one.of("MAC").title + one.of("MAC").column
        assert one.origin in ("measured", "computed", "modelled")


def test_units_are_those_of_library_and_operation() -> None:
    assert [one.title for one in metrics(physical=True)] == [
        "area, um2", "clock period, ns", "throughput, GMAC/s", "throughput per area, GMAC/s/mm2",
        "energy per MAC, pJ",
    ]  # fmt: skip
    assert [one.title for one in metrics(physical=False, operation="block")] == [
        "area, GE", "clock period, tau", "throughput, block/ktau",
        "throughput per area, block/ktau/kGE", "energy per block, C0V2",
    ]  # fmt: skip
    assert [one.aim for one in metrics(physical=True)] == [
        "least area", "least clock period", "most throughput", "most throughput per area",
        "least energy per MAC",
    ]  # fmt: skip
    assert metric("operations_per_cycle", "block").column == "block/cycle"
    assert metric("energy_pj_per_operation").column == "pJ/MAC"


def test_a_key_that_is_no_figure_is_refused() -> None:
    with pytest.raises(KeyError, match="recipe is no figure"):
        metric("recipe")
    with pytest.raises(KeyError, match="area_um3"):
        figure({"area_um3": 1.0}, "area_um3")


@pytest.mark.parametrize(
    ("page", "tables"),
    [("records.md", documentation.RECORDS), ("scaling.md", documentation.SCALING)],
)
def test_the_documentation_says_the_same(page: str, tables: Any) -> None:
    text = Path(ROOT, "docs", page).read_text("utf-8")
    for name, block in documentation.blocks(tables).items():
        _, opened, rest = text.partition(f"<!-- {name} -->\n")
        shown, closed, _ = rest.partition(f"<!-- /{name} -->")
        assert opened and closed, name
        assert shown.strip() == block, f"put this between the comments of {name}:\n{block}"
