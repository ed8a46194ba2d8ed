"""Tests runs, sweeps and points from Python: the program's bytes, no copies, errors with a fix."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from conftest import SPEC, contents

import conviction
import conviction.ema


def test_a_sweep_leaves_the_files_of_the_program(tmp_path: Path, program: Any) -> None:
    (tmp_path / "spec.toml").write_text(SPEC)
    program("sweep", tmp_path / "spec.toml", "--out", tmp_path / "theirs")
    theirs = contents(tmp_path / "theirs")
    data = conviction.sweep(tmp_path / "spec.toml", tmp_path / "ours", progress=False)
    assert contents(tmp_path / "ours") == theirs
    assert list(data) == ["runs", "days", "proposals"] and data.failed == 0
    # Text and a dict give the same files.
    conviction.sweep(SPEC, tmp_path / "text", progress=False)
    assert contents(tmp_path / "text") == theirs
    spec = {
        "seed": 5,
        "replicates": 40,
        "days": np.int64(20),
        "levers": {"half_life_days": np.array([1.0, 3.0])},
        "uncertainties": {"base_engagement_rate": (0.1, 0.5)},
        "output": {"tables": ["runs", "days", "proposals"], "every": 10},
    }
    conviction.sweep(spec, tmp_path / "dict", progress=False)
    assert contents(tmp_path / "dict") == theirs
    # Memory holds the same rows.
    memory = conviction.sweep(spec, progress=False)
    for name, table in memory.items():
        files = pl.read_parquet(tmp_path / "theirs" / name / "*.parquet")
        assert pl.DataFrame(table).equals(files)
        assert pl.DataFrame(data[name]).equals(files)
    assert pl.DataFrame(memory.points).equals(pl.read_parquet(tmp_path / "theirs/points.parquet"))
    assert memory["runs"].about("half_life_days")["role"] == "lever"
    assert memory["runs"].about("funds")["unit"] == "Honey"


def test_a_run_has_the_tables_of_the_program(tmp_path: Path, program: Any) -> None:
    settings = ["--set", "beta=0.3", "--set", "initial.funds=9000", "--set", "days=30", "--seed", "4"]
    program("run", *settings, "--out", tmp_path / "one")
    run = conviction.run(beta=0.3, initial={"funds": 9000}, days=30, seed=4, detail=True)
    files = {file.stem: file for file in (tmp_path / "one").glob("*.parquet")}
    assert set(run.tables) == set(files)
    for name, file in files.items():
        assert pl.DataFrame(run.tables[name]).equals(pl.read_parquet(file)), name
    assert run.summary["status"] == "completed" and run.summary["last_day"] == 30
    last = pl.DataFrame(run.tables["days"])["funds"][-1]
    assert run.summary["funds"] == last
    assert "funds" in repr(run) and "<table>" in run._repr_html_()
    again = conviction.run(run.spec)
    assert again.summary == run.summary and list(again.tables) == ["days"]
    assert conviction.run(**{"initial.funds": 9000}, beta=0.3, days=30, seed=4).summary == run.summary


def test_the_published_names() -> None:
    run = conviction.run(rules="v3", days=30)
    frame = pa.table(run.tables["published"]).to_pandas()
    assert list(frame.timestep) == list(range(1, 31)) and set(frame.substep) == {6}
    assert {"funds", "fractionOfSupplyForVoting", "candidate_count", "percentageOfKilledFundsRequested"} <= set(frame)
    assert len(frame.conviction[29]) == frame.candidate_count[29]
    assert frame.fractionOfProposalStages[29]["percentageOfKilled"] == frame.percentageOfKilledProposals[29]
    assert "published" not in conviction.run(days=30).tables


def test_columns_are_handed_over_without_a_copy() -> None:
    means = conviction.evaluate({"beta": [0.1, 0.2, 0.3]}, ["funds"], replicates=2, days=5)
    # All tables are alive at once, so equal addresses mean shared memory.
    arrow, again = pa.table(means), pa.table(means)
    polars, pandas = pl.DataFrame(means), arrow.to_pandas(types_mapper=pd.ArrowDtype)
    place = arrow["funds"].chunks[0].buffers()[1].address
    assert again["funds"].chunks[0].buffers()[1].address == place
    assert polars["funds"].to_arrow().buffers()[1].address == place
    assert pa.array(pandas["funds"]).buffers()[1].address == place
    # Each of several batches is handed over without a copy.
    runs = conviction.sweep({"replicates": 500, "days": 5}, progress=False)["runs"]
    arrow, again = pa.table(runs), pa.table(runs)
    places = [chunk.buffers()[1].address for chunk in arrow["funds"].chunks]
    assert len(places) > 1
    assert [chunk.buffers()[1].address for chunk in again["funds"].chunks] == places
    assert duckdb.sql("select count(*) from runs").fetchall() == [(500,)]


def test_points_are_evaluated() -> None:
    array = np.array([[0.1, 2.0], [0.3, 7.0]])
    names = ["beta", "half_life_days"]
    means = pl.DataFrame(conviction.evaluate(array, replicates=30, names=names, days=20))
    assert means.columns == ["funds", "proposals_granted", "completed"] and means["completed"].to_list() == [30, 30]
    pandas = pd.DataFrame(array, columns=names)
    for points in (pandas, pl.DataFrame(pandas), pa.table(dict(pandas)), dict(pandas)):
        assert pl.DataFrame(conviction.evaluate(points, replicates=30, days=20)).equals(means)
    spec = {"replicates": 30, "days": 20, "axes": {"beta": [0.1], "half_life_days": [2.0]}}
    runs = pl.DataFrame(conviction.sweep(spec, progress=False)["runs"])
    assert runs["funds"].mean() == pytest.approx(means["funds"][0], rel=1e-12)
    words = conviction.evaluate({"rules": ["v3", "corrected"]}, outcomes=["sentiment"], replicates=2, days=5)
    assert words.columns == ["sentiment", "completed"] and words.rows == 2


def funds(_: object = None) -> float:
    return pa.table(conviction.evaluate({"beta": [0.2]}, ["funds"], replicates=40, days=20))["funds"][0].as_py()


def test_worlds_are_kept_between_calls_in_threads_and_after_a_fork() -> None:
    first = funds()
    assert funds() == first
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(funds, range(12))) == {first}
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as processes:
        assert set(processes.map(funds, range(4))) == {first}


FRAME = pd.DataFrame({"beta": [0.1, 0.2, 0.3, 0.4], "half_life_days": [3.0, 7.0, 9.0, 11.0]})


def means(points: Any, **settings: Any) -> pl.DataFrame:
    return pl.DataFrame(conviction.evaluate(points, ["funds"], replicates=2, days=20, **settings))


@pytest.mark.parametrize(
    "part",
    [
        FRAME[FRAME.beta.isin([0.1, 0.3, 0.4])],
        FRAME.sample(3, random_state=1),
        pd.concat([FRAME, FRAME]).drop_duplicates().iloc[[0, 2, 3]],
        FRAME.set_index(pd.Index(["a", "b", "c", "d"])),
        FRAME.set_index(pd.MultiIndex.from_product([[1, 2], [3, 4]])),
    ],
    ids=["filtered", "sampled", "distinct", "named rows", "levels"],
)
def test_the_index_of_a_frame_is_not_a_key(part: pd.DataFrame) -> None:
    want = means(part.reset_index(drop=True))
    assert means(part).equals(want) and want.n_unique() == len(part)
    assert means(pa.Table.from_pandas(part)).equals(want)


def test_a_named_index_is_a_column() -> None:
    assert means(FRAME.set_index("beta")).equals(means(FRAME))
    with pytest.raises(ValueError, match="column trial: unknown key"):
        means(FRAME.iloc[[2, 0, 1]].rename_axis("trial"))


def test_truths_are_values() -> None:
    want = means({"beta": [0.1, 0.2], "attacker.0.eager": ["true", "false"]}, attacker=[{}])
    assert want["funds"].n_unique() == 2
    points = {"beta": [0.1, 0.2], "attacker.0.eager": [True, False]}
    for given in (points, {**points, "attacker.0.eager": np.array([True, False])}):
        assert means(given, attacker=[{}]).equals(want)
    for frame in (pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table):
        assert means(frame(points), attacker=[{}]).equals(want)
    assert means(pd.DataFrame(points).convert_dtypes(), attacker=[{}]).equals(want)


def test_points_come_in_many_shapes() -> None:
    both, one = means(FRAME), means(FRAME[["beta"]])
    polars = pl.DataFrame(FRAME)
    lazy = polars.lazy().filter(pl.col("beta") > 0.15)
    assert means(lazy).equals(means(polars[1:]))
    record = np.array([tuple(row) for row in FRAME.to_numpy()], dtype=[("beta", "f8"), ("half_life_days", "f4")])
    rows = FRAME.to_numpy()
    for points in (FRAME, record, pa.table(FRAME).to_batches()[0], {key: FRAME[key] for key in FRAME}):
        assert means(points).equals(both)
    for array in (rows, rows.tolist(), np.asfortranarray(rows), pl.Series(rows)):
        assert means(array, names=["beta", "half_life_days"]).equals(both)
    for series in (FRAME["beta"], polars["beta"], FRAME["beta"][[0, 1, 2, 3]]):
        assert means(series).equals(one)
    for array in (FRAME["beta"].to_numpy(), FRAME["beta"].rename(None), [0.1, 0.2, 0.3, 0.4], pa.array(FRAME["beta"])):
        assert means(array, names="beta").equals(one)


def test_every_chunk_of_a_table_is_read() -> None:
    """Checks that the points of all chunks of a table are read, from every library."""
    whole = pa.table(FRAME)
    chunked = pa.concat_tables([whole[:1], whole[1:3], whole[3:]])
    assert chunked["beta"].num_chunks == 3
    polars = pl.concat([pl.DataFrame(FRAME[:3]), pl.DataFrame(FRAME[3:])], rechunk=False)
    assert polars.n_chunks() == 2
    for points in (chunked, polars, pa.RecordBatchReader.from_batches(whole.schema, chunked.to_batches())):
        assert means(points).equals(means(FRAME))
    want = conviction.evaluate(FRAME, ["funds"], replicates=1, days=5)
    assert want.rows == 4


def test_settings_are_spelled_as_in_a_spec() -> None:
    def final(spec: str) -> dict[str, Any]:
        return dict(conviction.run(spec).summary)

    changed = "days = 30\n[[change]]\nday = 5\nset = { beta = 0.9 }\n"
    run = conviction.run(days=30, change=[{"day": 5, "set": {"beta": 0.9}}])
    assert run.summary == final(changed) != final("days = 30")
    assert conviction.run(days=30, **{"change.0.day": 5, "change.0.beta": 0.9}).summary == run.summary
    points = {"change.0.beta": [0.9, 0.2]}
    assert means(points, change=[{"day": 5}])["funds"].n_unique() == 2
    chain = conviction.run(days=9, change=[{"day": 5, "set": {"chain": {"block_time_seconds": 5.0}}}])
    assert "chain.block_time_seconds" in chain.spec
    # A preset is a base that the other settings override.
    preset = conviction.run(preset="tec", beta=0.3, days=30)
    assert preset.summary == final("preset = 'tec'\ndays = 30\n[model]\nbeta = 0.3")
    assert "rho = 0.000484" in preset.spec and "block_time_seconds = 5.0" in preset.spec
    assert conviction.run("[model]\nbeta = 0.3", preset="tec").spec == conviction.run(preset="tec").spec
    assert means({"beta": [0.3]}, preset="tec").equals(means({"beta": [0.3]}, half_life_days=7.0, rho=0.000484))
    # Rules may have a base too.
    rules = conviction.run(rules={"over_release": "v3", "base": "corrected"}, days=30)
    assert rules.summary == final("days = 30\n[model]\nrules = { base = 'corrected', over_release = 'v3' }")
    listed = conviction.run(holdings={"law": "file", "listed": [5, 3.0, 2]}, days=5)
    assert "listed = [5.0, 3.0, 2.0]" in listed.spec


def test_numbers_of_any_library_are_values() -> None:
    want = conviction.plan({"days": 20, "axes": {"beta": [0.25]}}).spec
    for beta in (np.array([0.25]), pd.Series([0.25]), pl.Series([0.25]), pa.array([0.25]), (0.25,), np.float32([0.25])):
        for days in (np.int64(20), np.array(20), np.uint8(20), 20.0):
            assert conviction.plan({"days": days, "axes": {"beta": beta}}).spec == want
    eager = conviction.plan({"attacker": [{"eager": np.bool_(True)}]}).spec
    assert eager == conviction.plan({"attacker": [{"eager": True}]}).spec
    assert conviction.run(beta=Fraction(1, 4)).spec == conviction.run(beta=0.25).spec


def nested(levels: int) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    for _ in range(levels):
        spec = {"initial": spec}
    return spec


def itself() -> dict[str, Any]:
    spec: dict[str, Any] = {"days": 5}
    spec["initial"] = spec
    return spec


def test_a_dataset_becomes_experiments_of_the_workbench() -> None:
    spec = {
        "replicates": 5,
        "days": 20,
        "levers": {"beta": [0.1, 0.2, 0.4], "half_life_days": [1.0, 3.0]},
        "uncertainties": {"base_engagement_rate": [0.05, 0.3, 0.5, 0.6]},
    }
    data = conviction.sweep(spec, progress=False)
    experiments, outcomes = conviction.ema.to_ema(data)
    assert len(experiments) == 6 * 4 * 5 and set(experiments.model) == {"conviction"}
    # A scenario is an uncertain point in one random world: every policy meets each once.
    assert experiments.scenario.nunique() == 4 * 5 and experiments.policy.nunique() == 6
    assert (experiments.groupby(["scenario", "policy"]).size() == 1).all()
    assert (experiments.groupby("scenario").base_engagement_rate.nunique() == 1).all()
    assert (experiments.groupby("policy")[["beta", "half_life_days"]].nunique() == 1).all().all()
    runs = pl.DataFrame(data["runs"])
    for name in ("funds", "median_days_to_pass", "proposals_granted"):
        assert np.array_equal(outcomes[name], runs[name].cast(float).fill_null(np.nan).to_numpy(), equal_nan=True)
    assert not {"run", "point", "replicate", "beta", "base_engagement_rate"} & set(outcomes)
    axes = conviction.sweep({"replicates": 3, "days": 5, "axes": {"beta": [0.1, 0.2]}}, progress=False)
    experiments, _ = conviction.ema.to_ema(axes)
    assert experiments.scenario.nunique() == 2 * 3 and set(experiments.policy) == {"None"}


def test_plans_are_told_before_anything_is_simulated() -> None:
    plan = conviction.plan(SPEC)
    assert (plan.points, plan.runs, plan.tables) == (4, 160, ["runs", "days", "proposals"])
    assert plan.parts >= 1 and plan.seconds > 0 and plan.bytes > 0 and "4 points" in repr(plan)
    assert conviction.plan(plan.spec).spec == plan.spec
    assert pl.DataFrame(plan.settings())["half_life_days"].to_list() == [1.0, 1.0, 3.0, 3.0]
    settings = pl.DataFrame(conviction.schema().settings)
    assert settings.filter(key="beta")["default"].to_list() == ["0.2"]
    columns = pl.DataFrame(conviction.schema().columns)
    assert columns.filter(table="runs", column="funds")["unit"].to_list() == ["Honey"]


def test_what_a_setting_means() -> None:
    default = conviction.trigger()
    said = conviction.trigger(
        half_life_days=3, spending_limit=0.15, spending_limit_means="largest-passable", minimum_conviction=0.0625
    )
    assert said["beta"] == pytest.approx(0.2) and said["max_ratio"] == default["max_ratio"] == 2_000_000
    assert said["resistance_days"] == pytest.approx(6.33, abs=0.01)
    days = pl.DataFrame(default.days)
    assert days.columns == ["request_share", "staked_share", "days"] and days["days"].null_count() > 0
    attack = pl.DataFrame(conviction.trigger("tec", attack_shares=[0.2]).attack)
    assert attack["pool_half_life_days"].to_list() == [pytest.approx(131, abs=1)]
    presets = pl.DataFrame(conviction.presets())
    assert presets.filter(preset="tec")["half_life_days"].to_list() == [7.0]
    assert conviction.run({"preset": "tec"}, days=5).summary["status"] == "completed"


@pytest.mark.parametrize(
    ("wrong", "lines"),
    [
        (lambda: conviction.run(betta=0.3, rho=-1), ["settings: betta: unknown key", "settings: rho: found -1"]),
        (lambda: conviction.run("beta = 2\n[model]\nbta = 1"), ["spec:1: beta", "spec:3: model.bta: unknown key"]),
        (lambda: conviction.plan({"axes": {"betta": [1]}, "days": 0}), ["spec: days: found 0", "spec: axes.betta"]),
        (lambda: conviction.plan("absent.toml"), ["absent.toml: cannot be read"]),
        (lambda: conviction.run(initial={"funds": 1e9}), ["initial.supply"]),
        (lambda: conviction.evaluate({"beta": [0.1, 7.0]}), ["row 2, column beta: found 7"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, beta=0.2), ["beta: repeats beta, which is fixed"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, outcomes=["fund"]), ["did you mean funds?"]),
        (lambda: conviction.evaluate(np.zeros((2, 1))), ["names=["]),
        (lambda: conviction.evaluate(np.zeros((2, 2)), names=["beta", "beta"]), ["names: beta is listed twice"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, ["funds", "funds"]), ["outcomes: funds is listed twice"]),
        (lambda: conviction.evaluate(np.zeros((2, 1)), names=["beta", "rho"]), ["1 values, but there are 2 names"]),
        (lambda: conviction.sweep(SPEC, engine="ray"), ["an engine requires a store"]),
        (lambda: conviction.sweep(SPEC, "anywhere", engine="spark"), ['found "spark"']),
        (lambda: conviction.open("/absent"), ["/absent"]),
        (lambda: conviction.trigger("tce"), ["preset: found tce, expected one of v3"]),
        (lambda: conviction.trigger(alpha=0.8, half_life_days=3), ["alpha duplicates half_life_days"]),
        (lambda: conviction.trigger(spending_limit=0.1), ["spending_limit requires spending_limit_means"]),
        (lambda: conviction.plan(itself()), ["initial.initial", "does it contain itself?"]),
        (lambda: conviction.plan(nested(10_000)), ["nested more than 16 levels deep"]),
        (lambda: conviction.run(**itself()), ["nested more than 16 levels deep"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, **nested(10_000)), ["nested more than 16 levels deep"]),
        (lambda: conviction.plan({"axes": {"beta": {0.1, 0.2}}}), ["axes.beta: found a set, which has no order"]),
        (lambda: conviction.plan({"axes": {"rules": frozenset(["v3"])}}), ["axes.rules: found a frozenset"]),
        (lambda: conviction.plan({"axes": {"beta": {0.1: 1}.keys()}}), ["a dict_keys, which has no order; pass a list"]),
        (lambda: conviction.plan({"axes": {"beta": iter([0.1])}}), ["found a list_iterator, expected a list; pass list("]),
        (lambda: conviction.plan({"levers": {"rules": [b"v3"]}}), ["levers.rules[0]: found bytes, expected text; decode"]),
        (lambda: conviction.plan({"variant": [{"name": "a"}, 1]}), ["variant: expected dicts only, found 1"]),
        (lambda: conviction.plan({"axes": {"beta": [0.1, None]}}), ["axes.beta[1]: found a NoneType, expected a number"]),
        (lambda: conviction.plan({1: 2}), ["1: found a int as a key, expected text"]),
        (lambda: conviction.plan({"seed": 2**63}), ["seed: found 9"]),
        (lambda: conviction.plan({"days": 10**400}), ["days: found a number beyond 1e308"]),
        (lambda: conviction.evaluate({"beta": {0.1, 0.2}}), ["beta: found a set, which has no order"]),
        (lambda: conviction.evaluate({"beta": [0.1, "v3"]}), ["beta: expected numbers only, texts only, or booleans"]),
        (lambda: conviction.evaluate({"beta": 0.1}), ["beta: expected a list, found 0.1"]),
        (lambda: conviction.evaluate({"beta": [0.1], "rho": [0.1, 0.2]}), ["rho: 2 values, but beta has 1"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, replicates=0), ["replicates: found 0, expected a whole number from 1"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, replicates=-1), ["replicates: found -1"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, replicates=2.5), ["replicates: found 2.5"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, replicates=2**32), ["replicates: found 4294967296"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, seed=-1), ["seed: found -1, expected a whole number from 0"]),
        (lambda: conviction.evaluate({"beta": [0.1]}, seed=2**63), ["seed: found 9223372036854775808"]),
        (lambda: conviction.run(seed=-1), ["seed: found -1, expected a whole number from 0 to 9223372036854775807"]),
        (lambda: conviction.run(seed=10**400), ["seed: found 1000"]),
        (lambda: conviction.run(seed="one"), ["seed: found 'one'"]),
        (lambda: conviction.run(beta=10**400), ["beta: found a number beyond 1e308"]),
        (lambda: conviction.run(days=-1), ["days: found -1"]),
        (lambda: conviction.run(preset="tec-runner"), ['unknown preset "tec-runner"; did you mean "tec-runner-up"?']),
        (lambda: conviction.run(change=[{"day": 5, "set": {"betta": 1}}]), ["betta"]),
        (lambda: conviction.trigger(beta=10**400), ["beta: found 1000"]),
        (lambda: conviction.trigger(beta=True), ["beta: found True, expected a number"]),
        (lambda: conviction.trigger(attack_shares=[-0.1]), ["attack_shares: found -0.1, expected numbers above 0"]),
        (lambda: conviction.trigger(attack_shares={0.1}), ["attack_shares: found a set"]),
        (lambda: conviction.evaluate(FRAME.iloc[0]), ["points: a Series needs the name of its key"]),
        (lambda: conviction.evaluate(pl.Series([0.1])), ["points: a Series needs the name of its key"]),
        (lambda: conviction.evaluate([0.1, 0.2], names=["beta", "rho"]), ["reshape it to (points, 2)"]),
        (lambda: conviction.evaluate(FRAME, names=["beta", "rho"]), ["names: the points already have column names"]),
        (lambda: conviction.evaluate(0.1), ["points: found float, expected a DataFrame"]),
        (lambda: conviction.evaluate([{"beta": 0.1}]), ["names=["]),
    ],
)
def test_what_makes_no_sense_is_a_value_error(wrong: Any, lines: list[str], tmp_path: Path) -> None:
    os.chdir(tmp_path)
    with pytest.raises(ValueError) as error:
        wrong()
    for line in lines:
        assert line in str(error.value)


def test_a_sweep_resumes_and_refuses_others(tmp_path: Path) -> None:
    place = tmp_path / "data"
    conviction.sweep(SPEC, place, progress=False)
    whole = contents(place)
    (place / "runs/part-000000.parquet").unlink()
    conviction.sweep(SPEC, place, progress=False)
    assert contents(place) == whole
    with pytest.raises(ValueError, match="holds a dataset already"):
        conviction.sweep(SPEC, place, progress=False, resume=False)
    with pytest.raises(ValueError, match="another sweep"):
        conviction.sweep(SPEC.replace("seed = 5", "seed = 6"), place, progress=False)


def test_what_cannot_be_committed_names_its_part(tmp_path: Path) -> None:
    place = tmp_path / "data"
    conviction.plan(SPEC).begin(str(place), False)
    (place / "runs").write_text("in the way")
    with pytest.raises(conviction.SweepError) as error:
        conviction.sweep(SPEC, place, progress=False)
    assert len(error.value.parts) == 1 and error.value.parts[0] in range(conviction.plan(SPEC).parts)
    with ThreadPoolExecutor(1) as pool, pytest.raises(conviction.SweepError) as error:
        conviction.sweep(SPEC, place, progress=False, engine=pool)
    assert list(error.value.parts) == list(range(conviction.plan(SPEC).parts))


def test_any_executor_does_the_parts(tmp_path: Path) -> None:
    conviction.sweep(SPEC, tmp_path / "threads", progress=False)
    whole = contents(tmp_path / "threads")
    told: list[tuple[int, int]] = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        conviction.sweep(SPEC, tmp_path / "processes", engine=pool, progress=lambda *of: told.append(of))
    assert contents(tmp_path / "processes") == whole
    assert told[-1] == (160, 160)
    with ThreadPoolExecutor(2) as pool:
        conviction.sweep(SPEC, tmp_path / "pool", engine=pool, progress=False)
    assert contents(tmp_path / "pool") == whole


def test_progress_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    spec = {"replicates": 20_000, "days": 20}
    conviction.sweep(spec, progress=lambda *of: told.append(of))
    assert told[-1] == (20_000, 20_000) and told == sorted(told)
    conviction.sweep({"replicates": 10, "days": 5})
    assert "runs" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        conviction.sweep(spec, progress=lambda *of: 1 / 0)


def test_other_threads_go_on_while_it_computes() -> None:
    ticks = 0
    over = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.is_set():
            ticks += 1
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    conviction.sweep({"replicates": 10_000, "days": 50}, progress=False)
    over.set()
    thread.join()
    assert ticks > 10


def test_a_worker_that_dies_names_its_parts(tmp_path: Path) -> None:
    place, parts = tmp_path / "data", list(range(conviction.plan(SPEC).parts))
    assert len(parts) > 1
    told: list[tuple[int, int]] = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # The pool accepts the parts, and its only worker dies before it completes one.
        pool.submit(os._exit, 9)
        with pytest.raises(conviction.SweepError) as error:
            conviction.sweep(SPEC, place, progress=lambda *of: told.append(of), engine=pool)
    assert list(error.value.parts) == parts and "BrokenProcessPool" in str(error.value)
    assert isinstance(error.value.__cause__, BrokenProcessPool)
    assert told == []
    # The pool is broken; the same call on another finishes.
    with ThreadPoolExecutor(1) as other:
        assert conviction.sweep(SPEC, place, progress=False, engine=other).failed == 0
    with ThreadPoolExecutor(1) as closed:
        pass
    (place / "runs/part-000001.parquet").unlink()
    with pytest.raises(conviction.SweepError, match="part 1: RuntimeError: cannot schedule"):
        conviction.sweep(SPEC, place, progress=False, engine=closed)


def test_parts_that_workers_wrote_elsewhere_are_missed(tmp_path: Path) -> None:
    """Workers of other machines may see another directory under the same path."""
    place, parts = tmp_path / "data", conviction.plan(SPEC).parts

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, fn: Any, task: Any, part: int) -> Any:  # type: ignore[override]
            if part == 0:
                return super().submit(fn, task, part)
            return super().submit(lambda: (40, 0))

    with Elsewhere(1) as pool, pytest.raises(conviction.SweepError, match="give all workers one place") as error:
        conviction.sweep(SPEC, place, progress=False, engine=pool)
    assert list(error.value.parts) == list(range(1, parts))
    with ThreadPoolExecutor(1) as pool:
        conviction.sweep(SPEC, place, progress=False, engine=pool)
    conviction.sweep(SPEC, tmp_path / "threads", progress=False)
    assert contents(place) == contents(tmp_path / "threads")


def test_paths_start_at_the_folder_of_the_spec(tmp_path: Path, program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "study/points.csv").write_text("beta\n0.1\n0.2\n")
    (tmp_path / "study/holders.csv").write_text("holdings\n5\n3\n2\n")
    spec = tmp_path / "study/spec.toml"
    spec.write_text("days = 5\n[design]\nkind = 'file'\npath = 'points.csv'\n")
    program("sweep", spec, "--out", tmp_path / "theirs")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        conviction.sweep(spec, tmp_path / "processes", engine=pool, progress=False)
    with ThreadPoolExecutor(1) as threads:
        conviction.sweep("../study/spec.toml", tmp_path / "relative", engine=threads, progress=False)
    assert contents(tmp_path / "processes") == contents(tmp_path / "theirs") == contents(tmp_path / "relative")
    # The resolved spec means the same anywhere, and so does a plan.
    plan = conviction.plan(spec)
    again = conviction.plan(plan.spec)
    assert again.spec == plan.spec and str(tmp_path / "study/points.csv") in plan.spec
    assert pl.DataFrame(again.settings())["beta"].to_list() == [0.1, 0.2]
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(pickle.dumps(plan)).recipe == plan.recipe
    # Paths of a single run start there too.
    (tmp_path / "study/run.toml").write_text("days = 5\n[holdings]\nlaw = 'file'\npath = 'holders.csv'\n")
    assert "listed = [5.0, 3.0, 2.0]" in conviction.run(tmp_path / "study/run.toml").spec


def test_all_that_is_handed_out_can_be_pickled(tmp_path: Path) -> None:
    run = conviction.run(detail=True, days=10, seed=2, rules="v3")
    memory = conviction.sweep(SPEC, progress=False)
    stored = conviction.sweep(SPEC, tmp_path / "data", progress=False)
    for whole in (run, memory, stored, conviction.trigger(), conviction.schema()):
        for again in (pickle.loads(pickle.dumps(whole)), copy.deepcopy(whole)):
            assert type(again) is type(whole)
            if isinstance(whole, conviction.Run):
                assert again.summary == run.summary and again.spec == run.spec and list(again.tables) == list(run.tables)
            elif isinstance(whole, conviction.Dataset):
                assert (again.url, again.failed, again.spec) == (whole.url, whole.failed, whole.spec)
                assert list(again) == list(whole) and again["runs"].rows == whole["runs"].rows
            for one, other in zip(tables(again), tables(whole), strict=True):
                one, other = pa.table(one), pa.table(other)
                assert one.equals(other) and one.schema.equals(other.schema, check_metadata=True)
    plan = conviction.plan(SPEC)
    again = pickle.loads(pickle.dumps(plan))
    assert (again.spec, again.points, again.runs, again.parts) == (plan.spec, plan.points, plan.runs, plan.parts)


def tables(whole: Any) -> list[conviction.Table]:
    """Returns every table of an object."""
    if isinstance(whole, conviction.Table):
        return [whole]
    if isinstance(whole, conviction.Run):
        return list(whole.tables.values())
    if isinstance(whole, conviction.Dataset):
        return [*whole.values(), whole.points]
    if isinstance(whole, conviction.Trigger):
        return [whole.days, whole.attack]
    return list(whole)


@pytest.mark.parametrize("rules", ["v3", "corrected"])
def test_what_is_missing_is_null_in_every_table(rules: str) -> None:
    run = conviction.run(rules=rules, detail=True)
    point = {"beta": [0.1, 0.2], "rho": [0.9, 0.001]}
    outcomes = ["median_days_to_pass", "sentiment"]
    handed = [
        run,
        conviction.sweep({"days": 20, "output": {"tables": ["runs", "days", "proposals"]}}, progress=False),
        conviction.evaluate(point, outcomes, replicates=3, days=5, rules=rules),
        conviction.trigger(),
        conviction.trigger(rho=0.9),
        conviction.presets(),
        conviction.schema(),
    ]
    nulls = 0
    for table in [table for whole in handed for table in tables(whole)]:
        for name, column in zip(table.columns, pa.table(table).columns):
            for values in (column, pc.list_flatten(column) if pa.types.is_list(column.type) else column):
                nulls += values.null_count
                if pa.types.is_floating(values.type):
                    assert not pc.any(pc.is_nan(values)).as_py(), name
    assert nulls > 0
    # An average over the unmodified table shows this.
    proposals = run.tables["proposals"]
    shown = duckdb.sql("select avg(conviction), max(conviction), avg(trigger), max(trigger) from proposals").fetchall()
    assert np.isfinite(shown[0]).all() and proposals.rows


INTERRUPTED = """
import os, signal, sys, threading, time
import conviction

def interrupt():
    global asked
    asked = time.monotonic()
    os.kill(os.getpid(), signal.SIGINT)

started = threading.Event()
def progress(done, total):
    if done and not started.is_set():
        started.set()
        threading.Timer(0.3, interrupt).start()

spec = {"replicates": 3_000_000, "days": 50}
out = sys.argv[1] if len(sys.argv) > 1 else None
handler = signal.getsignal(signal.SIGINT)
try:
    conviction.sweep(spec, out, progress=progress)
except KeyboardInterrupt as error:
    took = time.monotonic() - asked
    kept = error.dataset["runs"].rows if out is None else None
    print(took, kept)
assert signal.getsignal(signal.SIGINT) is handler
"""


PLANNING = """
import os, signal, threading, time
import conviction

def interrupt():
    global asked
    asked = time.monotonic()
    os.kill(os.getpid(), signal.SIGINT)

threading.Timer({after}, interrupt).start()
spec = {{"uncertainties": {{"beta": {{"from": 0.1, "to": 0.3}}, "half_life_days": {{"from": 1.0, "to": 9.0}}}}}}
spec["design"] = {{"uncertainties": {{"kind": "latin-hypercube", "points": 10_000_000}}}}
try:
    conviction.plan(spec)
except KeyboardInterrupt:
    print(time.monotonic() - asked)
"""


@pytest.mark.parametrize("after", [0.5, 1.5, 3.0])
def test_ctrl_c_stops_the_plan_of_a_large_design(after: float) -> None:
    command = [sys.executable, "-c", PLANNING.format(after=after)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    # Twice the documented time, for busy machines.
    assert float(done.stdout) < 0.4


def test_ctrl_c_stops_at_once_and_loses_nothing(tmp_path: Path) -> None:
    for place in ([], [str(tmp_path / "data")]):
        command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), *place]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        took, kept = done.stdout.split()
        # Twice the documented time, for busy machines.
        assert float(took) < 0.4, done.stdout
        assert (kept == "None") == bool(place)
    manifest = (tmp_path / "data/dataset.toml").read_text()
    assert "runs = 3000000" in manifest
