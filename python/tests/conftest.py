"""Program with which the tests compare the package, and specs for both."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CONVICTION_PROGRAM", ROOT / "target/debug/conviction"))

SPEC = """
seed = 5
replicates = 40
days = 20

[levers]
half_life_days = [1.0, 3.0]

[uncertainties]
base_engagement_rate = [0.1, 0.5]

[output]
tables = ["runs", "days", "proposals"]
every = 10
"""


@pytest.fixture
def program() -> Callable[..., str]:
    """Returns a function that runs the program, which must succeed, and returns its output."""

    def run(*arguments: object) -> str:
        command = [str(PROGRAM), *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


def contents(place: Path) -> dict[str, bytes]:
    """Returns every file below a place, by name."""
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): path.read_bytes() for path in files}
