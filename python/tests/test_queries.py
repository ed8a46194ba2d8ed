"""Compares the queries of `sweeps/queries` with pandas, and executes the notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import scipy.stats

import conviction

SWEEPS = Path(__file__).resolve().parents[2] / "sweeps"

SPEC = """
replicates = 30
days = 30
[levers]
half_life_days = [1.0, 3.0, 7.0]
[uncertainties]
base_engagement_rate = [0.1, 0.3]
"""


@pytest.fixture(scope="module")
def study() -> tuple[duckdb.DuckDBPyConnection, pd.DataFrame]:
    """Returns a connection with the queries, and the runs with lever and world."""
    table = conviction.sweep(SPEC, progress=False)["runs"]
    runs = pd.DataFrame.from_arrow(table)
    connection = duckdb.connect()
    connection.register("runs", runs)
    for name in ("outcomes", "quantiles", "paired", "regret"):
        connection.execute((SWEEPS / f"queries/{name}.sql").read_text())
    runs["lever"] = runs.point // 2
    runs["world"] = runs.point % 2 * 30 + runs.replicate
    return connection, runs


def half_width(values: pd.Series) -> float:
    """Returns that of a mean over two uncertain points with thirty replicates: both are clusters."""
    by_point, by_replicate = (values.groupby(index).mean() for index in (values.index // 30, values.index % 30))
    parts = np.array([by_point.var() / 2, by_replicate.var() / 30])
    if parts.sum() == 0:
        return 0.0
    freedom = parts.sum() ** 2 / (parts**2 / [1, 29]).sum()
    return scipy.stats.t.ppf(0.975, np.floor(freedom + 1e-9)) * np.sqrt(parts.sum())


def test_quantiles_by_point(study: tuple[duckdb.DuckDBPyConnection, pd.DataFrame]) -> None:
    connection, runs = study
    found = connection.sql("from quantiles('funds')").df()
    by = runs.groupby("point").funds
    assert found.runs.tolist() == [30] * 6
    assert np.allclose(found["mean"], by.mean())
    for name, share in {"q05": 0.05, "q50": 0.5, "q95": 0.95}.items():
        assert np.allclose(found[name], by.quantile(share))


def test_paired_differences_under_common_worlds(study: tuple[duckdb.DuckDBPyConnection, pd.DataFrame]) -> None:
    connection, runs = study
    found = connection.sql("from paired_differences('funds', 0, uncertain := 2)").df().set_index("lever")
    wide = runs.pivot(index="world", columns="lever", values="funds")
    assert list(found.index) == [1, 2] and (found.worlds == 60).all()
    for lever in (1, 2):
        difference = wide[lever] - wide[0]
        assert found.difference[lever] == pytest.approx(difference.mean())
        half = half_width(difference)
        low, high = found.low[lever], found.high[lever]
        assert (low + high) / 2 == pytest.approx(difference.mean())
        assert (high - low) / 2 == pytest.approx(half, rel=3e-4)
        assert found.share_better[lever] == pytest.approx((difference > 0).mean())


def test_regret(study: tuple[duckdb.DuckDBPyConnection, pd.DataFrame]) -> None:
    connection, runs = study
    for name, sign in {"funds": 1, "killed_count": -1}.items():
        found = connection.sql(f"from regret('{name}', uncertain := 2, sign := {sign})").df().set_index("lever")
        wide = sign * runs.pivot(index="world", columns="lever", values=name).astype(float)
        regret = wide.sub(wide.max(axis=1), axis=0).abs()
        assert (found.worlds == 60).all() and (found.left_out == 0).all()
        assert np.allclose(found["mean"], regret.mean())
        assert np.allclose(found.half_width, [half_width(regret[lever]) for lever in range(3)], rtol=3e-4)
        assert np.allclose(found.q90, regret.quantile(0.9))
        assert np.allclose(found.greatest, regret.max())
        assert np.allclose(found.share_best, (regret == 0).mean())


def test_shares_of_days_follow_from_its_columns() -> None:
    spec = {"replicates": 5, "days": 40}

    def days(**output: object) -> pd.DataFrame:
        return pd.DataFrame.from_arrow(conviction.sweep(spec | {"output": output}, progress=False)["days"])

    every, usual = days(days="all"), days(tables=["days"])
    few = days(days=["candidate_count", "funds"])
    # Columns keep the order of the table, after those that identify rows.
    assert list(few.columns) == ["run", "point", "replicate", "day", "funds", "candidate_count"]
    pd.testing.assert_frame_equal(few, every[few.columns])
    connection = duckdb.connect()
    connection.register("days", usual)
    connection.execute((SWEEPS / "queries/shares.sql").read_text())
    found = connection.sql("from day_shares order by run, day").df()
    shares = [name for name in every if name.endswith("_share")]
    assert len(shares) == 10 and not set(shares) & set(usual.columns)
    for name in shares:
        assert np.allclose(found[name], every[name], equal_nan=True)


def test_the_notebook_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "MPLBACKEND": "agg"}
    notebook = SWEEPS / "published_notebook.py"
    done = subprocess.run(
        [sys.executable, notebook], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
