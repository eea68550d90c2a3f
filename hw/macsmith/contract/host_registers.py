"""Registers by which a host runs a unit: their addresses, their fields, who may write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Access = Literal["read", "write", "both"]
"""What a host may do; ``both`` is a word that keeps what is written."""


@dataclass(frozen=True)
class RegisterField:
    """Bits of a register.

    Members
    -------
    name, meaning
        What it is called, and what it holds.
    low, bits
        Its lowest bit, and how many there are.
    value
        What it reads for ever, if it is constant.
    codes
        Names of its values, if it has some.
    """

    name: str
    low: int
    bits: int = 1
    meaning: str = ""
    value: int | None = None
    codes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class HostRegister:
    """A register of 32 bits at an address in bytes."""

    name: str
    address: int
    access: Access
    fields: tuple[RegisterField, ...]
    meaning: str = ""
