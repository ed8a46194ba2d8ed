"""The tables of results in docs/ are what the program gives."""

import math
import re
import shutil
import subprocess
import sys

import pytest
from test_reading import PROGRAM, ROOT

REPLICATES = 40


PAGES = {"presets": "settings.md", "arithmetic": "contracts.md"}


def cells(docs, name):
    """The rows of a table between its marks, below its heads."""
    text = (docs / PAGES[name]).read_text()
    (section,) = re.findall(rf"<!-- table {name} -->\n(.*?)<!-- end -->", text, re.S)
    lines = [line for line in section.splitlines() if line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def number(cell):
    return float(cell.split()[0])


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The pages with their tables written again, from fewer runs."""
    docs = tmp_path_factory.mktemp("tables") / "docs"
    shutil.copytree(ROOT / "docs", docs)
    script = [sys.executable, ROOT / "scripts/tables", "--program", PROGRAM, "--docs", docs]
    subprocess.run([*script, "--replicates", str(REPLICATES)], check=True)
    return docs


def test_closed_forms_are_those_of_the_program(again):
    published = cells(ROOT / "docs", "presets")
    assert published == cells(again, "presets") and len(published) > 8


def test_a_small_sweep_is_as_published(again):
    published = cells(ROOT / "docs", "arithmetic")
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
