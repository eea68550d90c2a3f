"""An interrupt is a sentence and status 130, whenever it comes."""

import subprocess
import sys

_WHILE_IT_IS_READ_IN = """
import sys
from macsmith.cli.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "macsmith.cli.main":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
main()
"""

_IN_A_FINALISER = """
import signal, sys, time
from macsmith.cli import main as command
from macsmith.cli.__main__ import main

class Interrupting:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def app(prog_name):
    Interrupting()
    time.sleep(60)

command.app = app
main()
"""


def _interrupted(program: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    return done.stderr


def test_while_the_command_is_read_in() -> None:
    told = _interrupted(_WHILE_IT_IS_READ_IN)
    assert told == "macsmith: interrupted; nothing was begun\n"


def test_in_a_finaliser() -> None:
    """Python tells of what a finaliser raises, and goes on."""
    told = _interrupted(_IN_A_FINALISER)
    assert told == "macsmith: interrupted; what was finished is kept in the cache\n"
