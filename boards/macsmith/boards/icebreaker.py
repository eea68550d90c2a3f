"""The iCEBreaker: an iCE40UP5K with a 12 MHz clock, a button and a green and a red LED.

``iceprog UNIT.bin`` loads a bitstream over its USB socket.
"""

from amaranth_boards.icebreaker import ICEBreakerPlatform

from .board import Board
from .ice40 import ICE40

ICEBREAKER = Board(
    name="icebreaker",
    summary="iCEBreaker, Lattice iCE40UP5K, 12 MHz; button UBTN, LEDs LEDG and LEDR",
    platform=ICEBreakerPlatform,
    button=("button", 0),
    green=("led_g", 0),
    red=("led_r", 0),
    toolchain=ICE40,
)
