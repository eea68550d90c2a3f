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


def test_while_the_command_is_read_in() -> None:
    command = [sys.executable, "-c", _WHILE_IT_IS_READ_IN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "macsmith: interrupted; nothing was begun\n"
