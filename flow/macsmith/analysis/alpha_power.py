"""How much slower logic becomes at a lower supply: the alpha-power law, and how low one may go.

    t(V) = k V / (V - Vth)^alpha

Sakurai and Newton, Alpha-power law MOSFET model and its applications to CMOS inverter delay and
other formulas, IEEE JSSC 25(2), pages 584-594, 1990. All delays grow alike in this model, so a
netlist keeps its critical path and its glitches. It holds in strong inversion, well above Vth.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.library.technology import Technology

_ALPHAS = (1.0, 2.0)
"""Velocity saturation, and a long channel."""

_MILLIVOLT = 1e-3
_MARGIN = 0.01
"""Least voltage in V between a threshold and the lowest supply that it is fitted to."""


@dataclass(frozen=True, kw_only=True)
class AlphaPower:
    """The delay model of one process.

    Parameters
    ----------
    nominal_v
        Supply that delays and energies were characterised at, in V.
    vth_v, alpha
        Effective threshold voltage of the slowest stage, in V, and exponent.
    vmin_v
        Lowest supply to be used, in V.
    step_v
        Voltages of the regulator are the nominal one less whole steps; 0 if it has no steps.
    source
        Where the figures come from.

    Raises
    ------
    UserError
        If a figure is out of its range.
    """

    nominal_v: float
    vth_v: float
    alpha: float
    vmin_v: float
    step_v: float = 0.0
    source: str

    def __post_init__(self) -> None:
        nominal, (least, most) = self.nominal_v, _ALPHAS
        if not 0 < self.vth_v < nominal:
            raise UserError(
                f"vth must be above 0 and below the nominal {nominal:g} V, not {self.vth_v:g} V"
            )
        if not least <= self.alpha <= most:
            raise UserError(
                f"alpha must be from {least:g} (velocity saturation) to {most:g} (long channel), "
                f"not {self.alpha:g}"
            )
        if not self.vth_v < self.vmin_v <= nominal:
            raise UserError(
                f"vmin must be above vth = {self.vth_v:g} V and at most the nominal {nominal:g} V, "
                f"not {self.vmin_v:g} V"
            )
        if not 0 <= self.step_v < nominal:
            raise UserError(
                f"step must be at least 0 and below the nominal {nominal:g} V, "
                f"not {self.step_v:g} V"
            )

    def growth(self, volts: float) -> float:
        """Return delays at ``volts`` over delays at the nominal supply."""
        return self._delay(volts) / self._delay(self.nominal_v)

    def _delay(self, volts: float) -> float:
        return float(volts / (volts - self.vth_v) ** self.alpha)

    def lowest(self, growth: float) -> float:
        """Return the lowest supply in V at which delays grow by no more than ``growth``.

        It is never below `vmin_v`, nor above the nominal supply.
        """
        low, high = self.vmin_v, self.nominal_v
        if self.growth(low) <= growth:
            high = low
        while high - low > _MILLIVOLT / 1e3:  # delay falls as the supply rises
            middle = (low + high) / 2
            low, high = (low, middle) if self.growth(middle) <= growth else (middle, high)
        return self._regulated(high)

    def _regulated(self, volts: float) -> float:
        """Return the regulator's next voltage from ``volts`` up."""
        if not self.step_v:
            return volts
        steps = int((self.nominal_v - volts) / self.step_v + 1e-9)
        return self.nominal_v - steps * self.step_v

    @property
    def assumed(self) -> bool:
        """Whether some figure is neither known of the process nor given by the user."""
        return _ASSUMED in self.source

    def sourced(self, source: str) -> "AlphaPower":
        """Return the same model with another source."""
        return replace(self, source=source)

    def to_json(self) -> dict[str, float | str]:
        """Return the parameters by name, for records."""
        return {"law": "t = k V / (V - Vth)^alpha", **asdict(self)}


@dataclass(frozen=True)
class _Process:
    """What is known of the transistors behind a library."""

    vth_v: float
    alpha: float
    vmin_v: float
    source: str


PROCESSES = {
    "NangateOpenCellLibrary": _Process(
        0.322, 1.3, 0.55,
        "vth: vth0 of the low-threshold NMOS in FreePDK45's model cards; alpha: assumed, near "
        "velocity saturation; vmin: assumed, some 0.2 V above vth",
    ),
    "sky130_fd_sc_hd__": _Process(
        0.85, 1.6, 1.28,
        "vth, alpha: fitted to rise and fall of sky130_fd_sc_hd__inv_2 driving its own size in "
        "public corners at -40 C, ss (1.28 to 1.76 V) and ff (1.56 to 1.76 V), their mean less "
        "0.06 V for 25 C; vmin: lowest voltage of a public corner",
    ),
}  # fmt: skip
"""By the beginning of a library's own name. Neither was measured on silicon by us."""

_SHARES = (0.35, 1.5, 0.6)
_ASSUMED = "assumed, not of this process: vth 0.35 and vmin 0.6 of the nominal voltage, alpha 1.5"


def model_of(
    tech: Technology,
    *,
    vth: float | None = None,
    alpha: float | None = None,
    vmin: float | None = None,
    step: float = 0.0,
) -> AlphaPower:
    """Return the delay model of a library, with what the user gives instead of what is known.

    Raises
    ------
    UserError
        If the library states no voltage, or a figure is out of its range.
    """
    nominal = tech.library.voltage
    if tech.embedded or not nominal:
        raise UserError(
            f"voltage scaling needs a library that states nom_voltage, which {tech.name} does not; "
            "give one with --tech"
        )
    process = _process(tech.library.name, nominal)
    given = {"vth": vth, "alpha": alpha, "vmin": vmin}
    said = ", ".join(name for name, value in given.items() if value is not None)
    return AlphaPower(
        nominal_v=nominal,
        vth_v=process.vth_v if vth is None else vth,
        alpha=process.alpha if alpha is None else alpha,
        vmin_v=process.vmin_v if vmin is None else vmin,
        step_v=step,
        source=f"{said}: given by the user; {process.source}" if said else process.source,
    )


def _process(library: str, nominal: float) -> _Process:
    for name, process in PROCESSES.items():
        # A corner below the lowest known voltage is a process that we know less of.
        if library.startswith(name) and process.vmin_v <= nominal:
            return process
    vth, alpha, vmin = _SHARES
    return _Process(round(vth * nominal, 3), alpha, round(vmin * nominal, 3), _ASSUMED)


def fitted(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return threshold in V and exponent that fit (voltage, period) pairs best.

    For each threshold, ``ln(t / V) = ln k - alpha ln(V - Vth)`` is a straight line: least squares
    give alpha, and the threshold of the least residual, to a millivolt, is taken. The pairs should
    be of one netlist, one process corner and one temperature.

    Raises
    ------
    UserError
        If there are fewer than three voltages, or a period or voltage is not above 0.
    """
    volts, periods = np.array(sorted(pairs), dtype=float).reshape(-1, 2).T
    if len(set(volts)) < 3 or not (np.all(volts > 0) and np.all(periods > 0)):
        raise UserError(
            "a delay model must be fitted to at least three voltages and their periods, all above "
            f"0, not to {list(pairs)}"
        )
    logs, found = np.log(periods / volts), []
    for vth in np.arange(_MILLIVOLT, volts[0] - _MARGIN, _MILLIVOLT):
        overdrive = np.log(volts - vth)
        alpha = float(np.clip(-np.polyfit(overdrive, logs, 1)[0], *_ALPHAS))
        found.append((float(np.var(logs + alpha * overdrive)), float(vth), alpha))
    _, vth, alpha = min(found)
    return round(vth, 3), round(alpha, 3)
