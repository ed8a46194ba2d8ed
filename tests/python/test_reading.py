"""The files as others read them: DuckDB, Polars, pandas, and SALib for the designs."""

import json
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from SALib.analyze import morris as morris_analyze
from SALib.analyze import sobol as sobol_analyze

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/debug/conviction"

SPEC = """
seed = 5
replicates = 40
days = 20

[levers]
half_life_days = [1.0, 3.0]
rules = ["corrected", "v3"]

[uncertainties]
base_engagement_rate = [0.1, 0.5]

[[variant]]
name = "as it is"

[[variant]]
name = "larger requests"
beta = 0.4

[output]
tables = ["runs", "days", "proposals"]
every = 10
"""


def conviction(*arguments, cwd):
    subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, check=True, capture_output=True)


def sweep(directory, spec, name="data"):
    (directory / "spec.toml").write_text(spec)
    conviction("sweep", "spec.toml", "--out", name, cwd=directory)
    return directory / name


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("dataset"), SPEC)


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("run")
    conviction("run", "--set", "days=20", "--out", "run", cwd=directory)
    return directory / "run"


POINTS = 2 * 2 * 2 * 2
ROWS = {"runs": POINTS * 40, "days": POINTS * 40 * 3}


def one(query):
    return duckdb.sql(query).fetchall()[0]


def test_duckdb_reads_every_table(dataset):
    for table, rows in ROWS.items():
        assert one(f"select count(*) from '{dataset}/{table}/*.parquet'") == (rows,)
    granted, by_run = one(
        f"""
        select sum(proposals_granted), (
            select count(*) from '{dataset}/proposals/*.parquet' where day_passed is not null)
        from '{dataset}/runs/*.parquet'
        """
    )
    assert granted == by_run > 0
    means = duckdb.sql(
        f"""
        select variant, half_life_days, rules, base_engagement_rate, count(*) as n, avg(funds) as funds
        from '{dataset}/runs/*.parquet' group by all
        """
    ).df()
    assert len(means) == POINTS and (means.n == 40).all() and means.funds.notna().all()


def test_polars_and_pandas_read_every_table(dataset):
    for table, rows in ROWS.items():
        lazy = pl.scan_parquet(dataset / table / "*.parquet")
        assert lazy.select(pl.len()).collect().item() == rows
        frame = pd.read_parquet(dataset / table)
        assert len(frame) == rows
        assert frame.run.is_monotonic_increasing
        assert set(frame.variant) == {"as it is", "larger requests"}
    points = pl.read_parquet(dataset / "points.parquet")
    assert points["point"].to_list() == list(range(POINTS))
    joined = pd.read_parquet(dataset / "runs").merge(
        points.to_pandas(), on="point", suffixes=("", "_of_point")
    )
    for column in ["half_life_days", "rules", "base_engagement_rate"]:
        assert (joined[column] == joined[f"{column}_of_point"]).all()
    proposals = pl.read_parquet(dataset / "proposals" / "*.parquet")
    passed = proposals.filter(pl.col("day_passed").is_not_null())
    assert (passed["conviction_passed"] > passed["trigger_passed"]).all()
    assert (passed["day_passed"] - passed["day_created"] == passed["days_to_pass"]).all()


def test_identities_hold_in_the_tables(dataset):
    days = pd.read_parquet(dataset / "days")
    whole = days.funds + days.effective_supply + days.other_supply
    assert np.allclose(whole, days.total_supply, rtol=1e-12)
    assert set(days.day) == {0, 10, 20}
    runs = pd.read_parquet(dataset / "runs").set_index("run")
    last = days[days.day == 20].set_index("run")
    for column in ["funds", "sentiment", "candidate_conviction", "killed_funds"]:
        assert (runs[column] == last[column]).all()


def test_layout_and_metadata(dataset):
    file = pq.ParquetFile(dataset / "runs" / "part-000000.parquet")
    metadata = file.metadata.metadata
    assert metadata[b"conviction.seed"] == b"5"
    assert b"half_life_days" in metadata[b"conviction.spec"]
    assert {b"conviction.version", b"conviction.results_version"} <= set(metadata)
    schema = file.schema_arrow
    assert schema.field("funds").metadata[b"unit"] == b"Honey"
    assert schema.field("half_life_days").metadata[b"role"] == b"lever"
    assert schema.field("base_engagement_rate").metadata[b"role"] == b"uncertainty"
    assert schema.field("variant").metadata[b"role"] == b"variant"
    kinds = {name: str(schema.field(name).type) for name in ["run", "point", "replicate", "funds"]}
    assert kinds == {"run": "int64", "point": "int32", "replicate": "int32", "funds": "double"}
    encodings = {"double": "PLAIN", "int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED"}
    group = file.metadata.row_group(0)
    for place in range(group.num_columns):
        column = group.column(place)
        assert column.compression == "SNAPPY"
        expected = encodings.get(str(schema.field(place).type), "RLE_DICTIONARY")
        assert expected in column.encodings, column.path_in_schema
        assert (expected == "RLE_DICTIONARY") == column.has_dictionary_page, column.path_in_schema
        if column.path_in_schema in ("run", "point"):
            assert column.statistics.has_min_max
    assert group.column(0).statistics.min == 0


def test_a_single_run_is_read(one_run):
    days = duckdb.sql(f"select * from '{one_run}/days.parquet' order by day").df()
    assert list(days.day) == list(range(21))
    edges = pl.read_parquet(one_run / "support_edges.parquet")
    staked = edges.group_by("day", "participant").agg(pl.col("tokens").sum())
    held = pl.read_parquet(one_run / "participants.parquet")
    both = staked.join(held, on=["day", "participant"])
    assert (both["tokens"] <= both["holdings"] * (1 + 1e-9)).all()
    proposals = pl.read_parquet(one_run / "proposals.parquet")
    candidates = proposals.filter(pl.col("status") == "candidate")
    sums = edges.group_by("day", "proposal").agg(pl.col("conviction").sum().alias("sum"))
    both = candidates.join(sums, on=["day", "proposal"])
    assert len(both) == len(candidates)
    assert np.allclose(both["sum"], both["conviction"], rtol=1e-9)


PROBLEM = {
    "num_vars": 3,
    "names": ["base_engagement_rate", "initial.sentiment", "gamma"],
    "bounds": [[0.0, 1.0], [0.0, 1.0], [0.0, 0.002]],
}

AXES = """
[axes]
base_engagement_rate = { from = 0.0, to = 1.0 }
"initial.sentiment" = { from = 0.0, to = 1.0 }
gamma = { from = 0.0, to = 0.002 }
"""


def read_design(directory):
    points = pd.read_parquet(directory / "points.parquet")
    return points[PROBLEM["names"]].to_numpy()


@pytest.mark.parametrize("second_order", [True, False])
def test_salib_gives_sobol_indices_of_a_saltelli_design(tmp_path, second_order):
    design = f'[design]\nkind = "saltelli"\npoints = 512\nsecond_order = {json.dumps(second_order)}\n'
    data = sweep(tmp_path, f"replicates = 1\ndays = 2\n{design}{AXES}")
    x = read_design(data)
    rows = 8 if second_order else 5
    assert x.shape == (512 * rows, 3)
    # A function whose indices are known: 4 x1² + x2 x1 has no effect of x3.
    u = x / np.array([1.0, 1.0, 0.002])
    y = 3.0 * u[:, 0] + 1.0 * u[:, 1]
    found = sobol_analyze.analyze(PROBLEM, y, calc_second_order=second_order, seed=1)
    assert found["S1"] == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    assert found["ST"] == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    # And of the simulation itself: minting is all that moves the total supply.
    runs = pd.read_parquet(data / "runs").sort_values("run")
    total = sobol_analyze.analyze(
        PROBLEM, runs.total_supply.to_numpy(), calc_second_order=second_order, seed=1
    )
    assert total["S1"] == pytest.approx([0.0, 0.0, 1.0], abs=0.02)


def test_salib_gives_elementary_effects_of_a_morris_design(tmp_path):
    design = '[design]\nkind = "morris"\ntrajectories = 20\nlevels = 4\n'
    data = sweep(tmp_path, f"replicates = 1\ndays = 2\n{design}{AXES}")
    x = read_design(data)
    assert x.shape == (20 * 4, 3)
    y = 3.0 * x[:, 0] - 2.0 * x[:, 1] + 500.0 * x[:, 2]
    found = morris_analyze.analyze(PROBLEM, x, y, num_levels=4, seed=1)
    assert np.allclose(found["mu"], [3.0, -2.0, 1.0])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_points_of_another_tool_are_simulated(tmp_path, kind):
    points = pd.DataFrame(
        {"beta": [0.1, 0.3], "initial.participants": [10, 20], "rules": ["v3", "corrected"]}
    )
    file = tmp_path / f"points.{kind}"
    points.to_csv(file, index=False) if kind == "csv" else points.to_parquet(file)
    data = sweep(tmp_path, f'replicates = 3\n[design]\nkind = "file"\npath = "points.{kind}"\n')
    read = pd.read_parquet(data / "points.parquet")
    for column in points:
        assert list(read[column]) == list(points[column])
    assert len(pd.read_parquet(data / "runs")) == 6


def test_a_query_for_one_point_reads_one_slice(tmp_path):
    data = sweep(tmp_path, 'replicates = 400\ndays = 2\n[axes]\nbeta = [0.1, 0.2, 0.3, 0.4]\n')
    touched = 0
    for file in sorted((data / "runs").glob("*.parquet")):
        metadata = pq.ParquetFile(file).metadata
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(1).statistics
            touched += statistics.min <= 2 <= statistics.max
    assert touched < len(list((data / "runs").glob("*.parquet"))) / 2
