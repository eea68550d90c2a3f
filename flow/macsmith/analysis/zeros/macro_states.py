"""States of a memory macro's pins in an access."""

from macsmith.contract.errors import UserError

READ, WRITE = "A_MEN & !A_WEN & A_REN", "A_MEN & A_WEN & !A_REN"
"""What is up at the clock's edge of a read and of a write, by the names of IHP's macros."""


def state_of(access: str, when: str) -> dict[str, int]:
    """Return the pins of a state, 1 for those that are up."""
    pins: dict[str, int] = {}
    for literal in when.split("&"):
        name = literal.strip()
        pins[name.removeprefix("!").strip()] = int(not name.startswith("!"))
    if not all(name.isidentifier() for name in pins):
        raise UserError(
            f"macro-{access} must be pins joined by &, with ! before those that are down, such as "
            f"{(READ, WRITE)[access == 'write']!r}, not {when!r}"
        )
    return pins
