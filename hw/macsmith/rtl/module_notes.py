"""What is said of each module of a design: the first sentence about the class it comes from."""

from typing import Any

from amaranth import Elaboratable
from amaranth.hdl import Fragment

Notes = dict[str, str]
"""Sentences by the names of modules."""


class Noted(Elaboratable):
    """A component that notes, as it is elaborated, what its modules come from.

    Parameters
    ----------
    name:
        Of its module; those within it are named after their places, with points between.
    notes:
        Takes the sentences.
    """

    def __init__(self, component: Any, name: str, notes: Notes) -> None:
        self._component, self._name, self._notes = component, name, notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._component, name)

    def elaborate(self, platform: object) -> Fragment:
        fragment = Fragment.get(self._component, platform)
        self._note(fragment, self._name)
        return fragment

    def _note(self, fragment: Fragment, name: str) -> None:
        for origin in fragment.origins or ():
            sentence = first_sentence(origin)
            if sentence and type(origin).__module__.partition(".")[0] != "amaranth":
                self._notes.setdefault(name, sentence)
        for inner, inner_name, *_ in fragment.subfragments:
            if inner_name:
                self._note(inner, f"{name}.{inner_name}")


def first_sentence(thing: object) -> str:
    """Return the first sentence about a class, on one line; empty if there is none."""
    paragraph = (type(thing).__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.replace("`", "").split())
