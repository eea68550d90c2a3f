"""What the RTLIL of a unit in the cache depends on."""

import subprocess
import sys
from pathlib import Path

import pytest

from macsmith.catalog.catalog import units
from macsmith.jobs.design_job import HARDWARE, source_files
from tests.support.own_family import installed


@pytest.mark.parametrize("name", units())
def test_designs_depend_on_the_rooms_of_hardware_alone(name: str) -> None:
    """As a wheel all rooms lie in one folder; a chart that is edited must renew no design."""
    rooms = [Path(room.__path__[0]) for room in HARDWARE]
    files = source_files(name)
    assert all(any(path.is_relative_to(room) for room in rooms) for path in files)
    for room in rooms:
        assert set(room.rglob("*.py")) <= set(files)


def test_a_unit_of_another_package_depends_on_its_module_too(tmp_path: Path) -> None:
    script = (
        "from macsmith.jobs.design_job import source_files\n"
        "print([path.name for path in source_files('popcount') if 'macsmith' not in path.parts])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=installed(tmp_path), cwd=tmp_path, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "['popcount.py']"
