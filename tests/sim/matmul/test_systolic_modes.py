"""Arrays of precision-scalable MACs: tiles of different modes in turn."""

from collections.abc import Iterable

import numpy as np
import pytest

from macsmith.array.output_stationary.array import Systolic
from macsmith.array.spec import SystolicSpec
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import words_for
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.compiled_rtl import CompiledUnit

Field = tuple[Iterable[int], int]


def packed(*fields: Field) -> int:
    """Return values one above the other, each in so many bits."""
    total = place = 0
    for values, bits in fields:
        for value in values:
            total |= (int(value) & ((1 << bits) - 1)) << place
            place += bits
    return total


def tile(spec: SystolicSpec, rng: np.random.Generator, index: int) -> tuple[list[int], list[int]]:
    """Return the beats of a random tile in a mode, and the columns that it should give."""
    mode = spec.modes[index]
    pairs = spec.mac.element_products(mode)
    rows, cols = spec.rows * spec.a, spec.cols * spec.c
    fields = [max(spec.act_lanes(m) * m.act_bits for m in spec.modes)]
    fields += [max(spec.weight_lanes(m) * m.weight_bits for m in spec.modes)]
    steps = int(rng.integers(1, 30))
    acts = rng.integers(0, 1 << mode.act_bits, (steps, rows, spec.b * pairs))
    half = 1 << (mode.weight_bits - 1)
    weights = rng.integers(-half, half, (steps, spec.b * pairs, cols))
    beats = []
    for step in range(steps):
        # The mode of later beats does not count.
        said = index if step == 0 else int(rng.integers(len(spec.modes)))
        beat = packed((acts[step].ravel(), mode.act_bits))
        beat |= packed((weights[step].T.ravel(), mode.weight_bits)) << fields[0]
        control = said | (step == steps - 1) << (len(spec.modes) - 1).bit_length()
        beats.append(beat | control << sum(fields))
    sums = np.einsum("srk,skc->rc", acts, weights)
    columns = sums.reshape(spec.rows, spec.a, spec.cols, spec.c).transpose(2, 0, 1, 3)
    return beats, [
        packed((column.ravel(), spec.acc_width), ([number == spec.cols - 1], 1))
        for number, column in enumerate(columns)
    ]


@pytest.mark.parametrize("stages", [pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize(
    ("mac", "modes"),
    [
        ("data-gated", ("8x8", "8x4", "2x2")),
        ("subword-st", ("8x8", "4x4", "2x2")),
        ("dnc-1d-st", ("8x8", "8x4", "8x2")),
        ("dnc-2d-st", ("4x4", "4x2", "2x2")),
    ],
)
def test_tiles_of_random_modes(mac: str, modes: tuple[str, ...], stages: int) -> None:
    width = Mode.parse(modes[0]).act_bits
    spec = SystolicSpec(
        rows=2, cols=2, mac=mac, modes=tuple(map(Mode.parse, modes)), stages=stages,
        act_width=width, weight_width=width, b=3 - stages,
    )  # fmt: skip
    rng = np.random.default_rng(stages)
    unit = Systolic(spec)
    in_bits, out_bits = (len(port.payload.as_value()) for port in (unit.i, unit.o))
    compiled = CompiledUnit(to_rtlil(unit, "unit"), in_bits, out_bits)
    beats, expected = [], []
    for _ in range(12):
        more, columns = tile(spec, rng, int(rng.integers(len(spec.modes))))
        beats += more
        expected += columns
    for stalls in (0.0, 0.3):
        raw = b"".join(beat.to_bytes(8 * words_for(in_bits), "little") for beat in beats)
        words = np.frombuffer(raw, np.uint64).reshape(len(beats), -1)
        got = compiled.run(words, len(expected), stalls)
        assert [int.from_bytes(row.tobytes(), "little") for row in got] == expected
