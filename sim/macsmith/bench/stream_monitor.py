"""The rules of a stream's sender, checked in every cycle by whoever watches the stream."""


class StreamMonitor:
    """What a receiver may rely on, of one stream.

    A beat that is offered stays, and stays the same, until it is taken. Valid is 0 or 1 from the
    end of reset on, and so is each bit of a payload that is valid.

    Parameters
    ----------
    name:
        The stream, for messages.

    Members
    -------
    taken:
        Beats that were transferred since reset.
    held:
        Cycles in which a beat waited, since reset.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget everything: a reset drops what was offered."""
        self.taken = self.held = 0
        self._waiting: int | None = None

    def see(self, payload: int | None, ready: bool) -> None:
        """Check a cycle.

        Parameters
        ----------
        payload:
            What is offered, or None if nothing is valid.
        ready:
            Whether it is taken.

        Raises
        ------
        AssertionError
            If the cycle breaks a rule; the message names the stream.
        """
        if self._waiting is not None:
            assert payload is not None, f"{self.name}.valid fell before {self.name}.ready rose"
            assert payload == self._waiting, (
                f"{self.name}.payload changed before {self.name}.ready rose"
            )
        self._waiting = None if ready else payload
        if payload is not None:
            self.taken += ready
            self.held += not ready
