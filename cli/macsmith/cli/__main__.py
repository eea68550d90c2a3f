"""The program ``macsmith``, also ``python -m macsmith.cli``.

The command is read in here, so that an interrupt in the meantime is one sentence too.
"""

import sys

from macsmith.cli.standard_streams import INTERRUPTED
from macsmith.host.interrupts import keep_interrupts


def main() -> None:
    """Read the command in and run it."""
    keep_interrupts()
    try:
        from macsmith.cli.main import main as run
        from macsmith.host.garbage import collect_seldom
    except KeyboardInterrupt:
        print("macsmith: interrupted; nothing was begun", file=sys.stderr)
        sys.exit(INTERRUPTED)
    collect_seldom()
    run()


if __name__ == "__main__":
    main()
