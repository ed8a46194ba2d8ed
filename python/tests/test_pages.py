"""Executes and type-checks the examples of the pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
FIRST = ROOT.parent / "README.md"


def example(page: Path) -> str:
    """Returns the Python blocks of a page in order; from the project's README, only those that use the package."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return "\n".join(block for block in blocks if page != FIRST or "import conviction" in block)


@pytest.mark.parametrize("page", [*PAGES, FIRST], ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_the_example_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    script = tmp_path / f"page_{page.stem.lower()}.py"
    script.write_text(example(page))
    environment = {**os.environ, "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert script.read_text().strip(), "a page has an example"


def test_the_package_and_all_examples_are_typed(tmp_path: Path) -> None:
    for page in PAGES:
        (tmp_path / f"page_{page.stem.lower()}.py").write_text(example(page))
    config = ROOT / "pyproject.toml"
    for what in (["--package", "conviction"], sorted(map(str, tmp_path.glob("page_*.py")))):
        command = [sys.executable, "-m", "mypy", "--config-file", config, *what]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
