"""Ratios of fronts, by hand."""

import pytest

from benchmarks.qor.front_ratios import Point, hypervolume, ratios_of


def test_hypervolume_counts_what_a_front_covers_once() -> None:
    points = [Point("b", 2, 1), Point("a", 1, 3), Point("beaten", 3, 3)]
    assert hypervolume(points, (4, 4)) == 2 * 3 + 1 * 1
    assert hypervolume(points[:1], (4, 4)) == 6


def test_ratios_are_ours_over_theirs_and_hypervolume_the_other_way() -> None:
    ours, theirs = [Point("", 1, 4), Point("", 2, 1)], [Point("", 4, 2)]
    found = ratios_of(ours, theirs)
    assert found[:3] == pytest.approx((0.5, 0.25, 0.25))
    corner = 4.4, 4.4
    assert found.hypervolume == pytest.approx(
        hypervolume(theirs, corner) / hypervolume(ours, corner)
    )
    assert found.hypervolume < 1
