"""The page's module computes what the program writes, to the last bit."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

PRESETS = """
replicates = 2
days = 60

[[attacker]]
share = 0.05

[output]
tables = ["runs", "days", "proposals"]
every = 7
"""


# Uncertain points and days of a study, whose worlds are many and whose years are long.
POINTS, DAYS = 4, 100


def few_runs(path):
    """The spec of a sweep, of two replicates a point, few points and, where points are many, few days."""
    text, count = re.subn(r"(?m)^replicates *=.*$", "replicates = 2", path.read_text())
    assert count == 1, path
    text, are_many = re.subn(r"(?m)^points = \d+$", f"points = {POINTS}", text)
    if are_many:
        text = re.sub(r"(?m)^days = (\d+)$", lambda days: f"days = {min(int(days[1]), DAYS)}", text)
    return text


def without_files(conviction, place, text):
    """The spec with the contents of the files that it names, which the page cannot read."""
    for file in (ROOT / "sweeps").glob("*.csv"):
        shutil.copy(file, place)
    (place / "named.toml").write_text(text)
    done = conviction("sweep", "named.toml", "--dry-run", "--format", "json", cwd=place)
    return json.loads(done.stdout)["spec"]


def specs(conviction, place):
    """A spec for every sweep of the project, and for all presets under each arithmetic."""
    found = {path.stem: few_runs(path) for path in sorted((ROOT / "sweeps").glob("*.toml"))}
    found = {name: without_files(conviction, place, text) if ".csv" in text else text for name, text in found.items()}
    presets = json.loads(conviction("presets", "--format", "json", cwd=place).stdout)["presets"]
    names = [preset["name"] for preset in presets]
    assert len(found) > 10 and len(names) > 10
    for arithmetic in ("real", "contract", "gardens2"):
        variants = [f'[[variant]]\nname = "{name}"\npreset = "{name}"\narithmetic = "{arithmetic}"\n' for name in names]
        found[f"presets-{arithmetic}"] = PRESETS + "\n".join(variants)
    return found


def sum_of(column):
    """The SHA-256 of a column: texts a line each, numbers as 64-bit floats with NaN where a value is missing."""
    if pa.types.is_string(column.type):
        texts = ("\0" if text is None else text for text in column.to_pylist())
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()
    numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return hashlib.sha256(np.where(np.isnan(numbers), np.nan, numbers).tobytes()).hexdigest()


@pytest.fixture(scope="module")
def sums(page_file, conviction, tmp_path_factory):
    """The sums of the page's columns, and the datasets of the program, by spec."""
    place = tmp_path_factory.mktemp("identity")
    texts = specs(conviction, place)
    for name, text in texts.items():
        (place / f"{name}.toml").write_text(text)
        conviction("sweep", f"{name}.toml", "--out", name, "--quiet", cwd=place)
    script = Path(__file__).with_name("identity.mjs")
    command = ["node", script, page_file, *(place / f"{name}.toml" for name in texts)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {name: (found[str(place / f"{name}.toml")], place / name) for name in texts}


def test_columns_are_those_of_the_program(sums):
    compared = 0
    for name, (tables, dataset) in sums.items():
        for table, columns in tables.items():
            rows = pq.read_table(dataset / table)
            assert list(columns) == rows.column_names, (name, table)
            for column, found in columns.items():
                assert found == sum_of(rows[column].combine_chunks()), (name, table, column)
                compared += 1
    assert compared > 500
