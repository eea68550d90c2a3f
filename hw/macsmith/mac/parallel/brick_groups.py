"""Which bricks of divide and conquer move together from mode to mode, and are added before."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from macsmith.contract.modes import Mode

Brick = tuple[int, int]
"""A brick by its digits of activation and weight at full precision."""

Places = dict[Mode, int]
"""The product bit that a brick's lowest bit counts as, for each mode."""


@dataclass
class BrickGroup:
    """Bricks whose sum moves as one.

    Members
    -------
    places:
        Where the sum goes, in the modes in which it goes anywhere.
    members:
        The bricks, each with the modes in which it takes part.
    """

    places: Places
    members: list[tuple[Brick, frozenset[Mode]]]

    @property
    def moves(self) -> bool:
        """Whether the sum goes to more than one place."""
        return len(set(self.places.values())) > 1


def move_groups(places: Mapping[Brick, Places]) -> list[BrickGroup]:
    """Group bricks that are at the same places, then let small groups be guests of large ones.

    A guest that agrees with its host on several places is added to the host in those modes, and
    so shares its multiplexers; in the others it goes its own way.
    """
    alike: dict[tuple[int, ...], list[Brick]] = defaultdict(list)
    for brick, where in places.items():
        alike[tuple(where.values())].append(brick)
    groups = [
        BrickGroup(dict(places[bricks[0]]), [(brick, frozenset(places[brick])) for brick in bricks])
        for bricks in alike.values()
    ]
    guests: list[BrickGroup] = []
    hosts: list[BrickGroup] = []
    for group in sorted(groups, key=lambda group: len(group.members)):
        if any(group is host for host in hosts):
            continue
        offers = [
            (other, agreed)
            for other in groups
            if not any(other is one for one in (group, *guests))
            and len(other.members) >= len(group.members)
            and len(set((agreed := _agreement(group, other)).values())) > 1
        ]
        if offers:
            host, agreed = max(offers, key=lambda offer: len(offer[1]))
            host.members += [(brick, frozenset(agreed)) for brick, _ in group.members]
            for mode in agreed:
                del group.places[mode]
            group.members = [(brick, frozenset(group.places)) for brick, _ in group.members]
            guests.append(group)
            hosts.append(host)
    return groups


def _agreement(one: BrickGroup, other: BrickGroup) -> Places:
    """Return the places that two groups have in common, mode by mode."""
    return {mode: place for mode, place in one.places.items() if other.places.get(mode) == place}
