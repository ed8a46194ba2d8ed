"""The README's tables of results are what the program gives."""

import math
import re
import subprocess
import sys

import pytest
from test_reading import PROGRAM, ROOT

REPLICATES = 40


def cells(text, name):
    """The rows of a table between its marks, below its heads."""
    (section,) = re.findall(rf"<!-- table {name} -->\n(.*?)<!-- end -->", text, re.S)
    lines = [line for line in section.splitlines() if line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def number(cell):
    return float(cell.split()[0])


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The README with its tables written again, from fewer runs."""
    readme = tmp_path_factory.mktemp("tables") / "README.md"
    readme.write_text((ROOT / "README.md").read_text())
    script = [sys.executable, ROOT / "scripts/tables", "--program", PROGRAM, "--readme", readme]
    subprocess.run([*script, "--replicates", str(REPLICATES)], check=True)
    return readme.read_text()


def test_closed_forms_are_those_of_the_program(again):
    published = cells((ROOT / "README.md").read_text(), "presets")
    assert published == cells(again, "presets") and len(published) > 8


def test_a_small_sweep_is_as_published(again):
    published = cells((ROOT / "README.md").read_text(), "arithmetic")
    found = cells(again, "arithmetic")
    assert [row[:2] for row in found] == [row[:2] for row in published] and len(found) == 12
    for row, expected in zip(found, published, strict=True):
        granted, expected_granted = number(row[2]), number(expected[2])
        # The variance of grants is up to five times their mean: three standard errors, and the digits that are printed.
        assert abs(granted - expected_granted) < 3 * math.sqrt(5 * expected_granted / REPLICATES) + 0.01, row
        assert number(row[3]) == pytest.approx(number(expected[3]), rel=0.25), row
        if expected[4]:
            share = number(expected[4]) / 100
            spread = math.sqrt(share * (1 - share) / REPLICATES)
            assert abs(number(row[4]) / 100 - share) < 5 * spread + 0.02, row
