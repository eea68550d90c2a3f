"""A self-test behind a button and two LEDs."""

from typing import Any

from amaranth import Elaboratable, Module
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer  # type: ignore[import-untyped]

from .selftest import SelfTest

Pin = tuple[str, int]
"""Name and number of a resource of an Amaranth platform."""


class Panel(Elaboratable):
    """A self-test with its verdict on LEDs: green for a match, red for a mismatch.

    It runs at power-up and when the button is let go. Both LEDs are dark while the button is down
    and until there is a verdict; dark for more than a second means that the unit hangs.

    Parameters
    ----------
    selftest:
        What runs in the platform's default clock.
    button, green, red:
        The resources, of which each is one pin, true when pressed or lit.
    """

    def __init__(self, selftest: SelfTest, *, button: Pin, green: Pin, red: Pin) -> None:
        self.selftest, self.button, self.green, self.red = selftest, button, green, red

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.selftest = selftest = self.selftest
        for name, pin, verdict in (
            ("green", self.green, selftest.passed),
            ("red", self.red, selftest.failed),
        ):
            m.submodules[name] = led = io.Buffer(
                io.Direction.Output, platform.request(*pin, dir="-")
            )
            m.d.comb += led.o.eq(verdict)
        m.submodules.button = button = io.Buffer(
            io.Direction.Input, platform.request(*self.button, dir="-")
        )
        m.submodules.restart = FFSynchronizer(button.i, selftest.restart)
        return m
