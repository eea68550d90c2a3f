"""The documentation: examples are real, the site builds; tests/flow/figures has its tables."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer

from macsmith.catalog.catalog import make_spec
from macsmith.catalog.verilog import generate
from macsmith.cli.main import app
from tests.support.checkout import ROOT


def test_site_builds(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site/mac-styles.html").exists()


def test_the_page_on_verilog_shows_what_is_generated() -> None:
    """Each block of it is in the file of `data-gated`, and the number of its lines is right."""
    page = (ROOT / "docs/verilog.md").read_text()
    text = generate("data-gated", make_spec("data-gated"), "unit")
    blocks = re.findall(r"```verilog\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 5 and [block for block in blocks if block not in text] == []
    assert f"`macsmith generate data-gated`, {text.count(chr(10))} lines" in page


def test_the_page_on_commands_has_every_option() -> None:
    """In the section of its command; `compare` takes those of `measure` besides its own."""
    page = (ROOT / "docs/commands.md").read_text()
    sections = {
        part.split()[0]: set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", part))
        for part in page.split("\n## ")[1:]
    }
    sections["compare"] |= sections["measure"]
    commands = vars(typer.main.get_command(app))["commands"]
    missing = {
        name: left
        for name, command in commands.items()
        if (left := _options(command) - sections[name] - {"--help"})
    }
    assert missing == {}


def _options(command: Any) -> set[str]:
    words = (one for one in command.params if one.param_type_name == "option")
    return {word for one in words for word in (*one.opts, *one.secondary_opts)}


def examples() -> list[tuple[str, str]]:
    """Return the commands of the README's consoles that only make files, and their output."""
    text = (ROOT / "README.md").read_text()
    consoles = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    found = []
    for console in consoles:
        for block in console.split("$ ")[1:]:
            command, _, output = block.partition("\n")
            found.append((command, output))
    return found


def test_readme_example_is_what_the_command_prints(tmp_path: Path) -> None:
    (generate, nothing), (look, shown), *_ = examples()
    assert shlex.split(generate)[:2] == ["macsmith", "generate"] and nothing == ""
    command = f"{sys.executable} -m macsmith.cli"
    script = f"set -e\n{generate.replace('macsmith', command, 1)}\n{look}\n"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == shown.strip()
