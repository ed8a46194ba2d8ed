"""Tests decisions: the answers of the commands, as dicts and as Arrow tables."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import contents

import conviction

SPEC = """
seed = 4
replicates = 2
days = 25

[initial]
participants = 6

[[attacker]]
strategy = "leech"

[levers]
half_life_days = { from = 1.0, to = 9.0 }
beta = { from = 0.1, to = 0.4 }

[design.levers]
kind = "latin-hypercube"
points = 4

[uncertainties]
attacker.0.share = { from = 0.02, to = 0.18 }
base_engagement_rate = { from = 0.05, to = 0.5 }

[design.uncertainties]
kind = "saltelli"
points = 4

[[objective]]
name = "take"
column = "attacker_0_take_share"
meet = "<= 0.05"

[[objective]]
name = "granted"
column = "proposals_granted"
"""

Program = Callable[..., str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> conviction.Dataset:
    return conviction.sweep(SPEC, tmp_path_factory.mktemp("decide") / "data", progress=False)


def frame(answer: conviction.Answer) -> Any:
    return pd.DataFrame.from_arrow(answer.table)


def test_robust_is_that_of_the_program(data: conviction.Dataset, program: Program) -> None:
    assert data.url is not None
    found = conviction.robust(data)
    assert dict(found) == json.loads(program("robust", data.url, "--format", "json"))
    table = frame(found)
    assert list(table.lever) == [of["lever"] for of in found["levers"]] == [0, 1, 2, 3]
    for row, of in zip(table.itertuples(), found["levers"], strict=True):
        assert of["setting"] == {"half_life_days": row.half_life_days, "beta": row.beta}
        assert (row.take_mean, row.take_q90) == (of["outcomes"]["take"]["mean"], of["outcomes"]["take"]["q90"])
        assert row.granted_regret_mean == of["regret"]["granted"]["mean"]
        assert row.satisficing_share == of["satisficing"]["share"]
        assert row.is_pareto == (of["lever"] in found["pareto"]["take,granted"])
    # Objectives in either form, and every option of the program.
    asked = {"name": "t", "column": "attacker_0_take_share", "goal": "min", "meet": "<= 0.1", "empty": "worst"}
    texts = ["t = attacker_0_take_share min meet <= 0.1 empty worst", "proposals_granted"]
    one = conviction.robust(data.url, [asked, "proposals_granted"], world="point", base=2, reference=1)
    assert one == conviction.robust(data, texts, world="point", base=2, reference=1)
    options = [option for text in texts for option in ("--objective", text)]
    options += ["--world", "point", "--base", "2", "--reference", "1", "--format", "json"]
    assert dict(one) == json.loads(program("robust", data.url, *options))
    shares = conviction.robust(data, regret="shares", pareto_quantile=0.1)
    options = ["--regret", "shares", "--pareto-quantile", "0.1", "--format", "json"]
    assert dict(shares) == json.loads(program("robust", data.url, *options))
    levers = conviction.robust(data, "proposals_granted", levers=["beta"])
    assert [list(of["setting"]) for of in levers["levers"]] == [["beta"]] * 4
    again = pickle.loads(pickle.dumps(found))
    assert again == found and frame(again).equals(table)


def test_discover_is_that_of_the_program(data: conviction.Dataset, program: Program) -> None:
    assert data.url is not None
    where = "attacker_0_take_share > 0.1"
    found = conviction.discover(data, where, threshold=0.6, hold_out=0.2, peel=0.1)
    options = ["--threshold", "0.6", "--hold-out", "0.2", "--peel", "0.1", "--format", "json"]
    assert dict(found) == json.loads(program("discover", data.url, "--where", where, *options))
    table = frame(found)
    for column in ("coverage", "density", "mass", "restricted"):
        assert list(table[column]) == found["trajectory"][column]
    assert table.limits[0] == "" and "attacker.0.share" in table.limits[len(table) - 1]


def test_sensitivity_is_that_of_the_program(data: conviction.Dataset, program: Program) -> None:
    assert data.url is not None
    found = conviction.sensitivity(data, "proposals_granted", combination=1)
    options = ["--outcome", "proposals_granted", "--combination", "1", "--format", "json"]
    assert dict(found) == json.loads(program("sensitivity", data.url, *options))
    table = frame(found)
    assert set(table.method) == {"sobol", "pawn"}
    of = found["outcomes"]["proposals_granted"]
    first = table[(table["index"] == "first") & (table.setting == "base_engagement_rate")].iloc[0]
    expected = of["sobol"]["base_engagement_rate"]["first"]
    assert {name: first[name] for name in ("value", "half_width_95", "unsure")} == expected
    second = table[table["index"] == "second"].iloc[0]
    assert [second.setting, second["with"]] == of["second_order"][0]["settings"]
    assert first.unsure, "four rows are few"


def test_search_is_that_of_the_program(program: Program, tmp_path: Path) -> None:
    spec = SPEC.replace('kind = "saltelli"', 'kind = "random"')
    (tmp_path / "spec.toml").write_text(spec)
    sizes = {"generations": 3, "population": 4, "least_worlds": 12}
    told: list[tuple[int, int]] = []
    found = conviction.search(spec, tmp_path / "one", **sizes, progress=lambda *now: told.append(now))
    assert told[-1][0] == told[-1][1] > 0
    options = ["--generations", "3", "--population", "4", "--least-worlds", "12", "--format", "json"]
    printed = program("search", tmp_path / "spec.toml", "-o", tmp_path / "other", *options)
    assert dict(found) == json.loads(printed) and found["archive"]
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    table = frame(found)
    for row, of in zip(table.itertuples(), found["archive"], strict=True):
        assert of["setting"] == {"half_life_days": row.half_life_days, "beta": row.beta}
        assert row.take_mean == of["objectives"]["take"]["searched"]["mean"] <= 0.05
        assert row.take_fresh_mean == of["objectives"]["take"]["fresh"]["mean"]
    assert (table.granted_fresh_mean != table.granted_mean).any()
    assert pd.read_parquet(tmp_path / "one" / "archive.parquet").equals(table)
    # The same call continues, and a different one is refused.
    assert conviction.search(spec, tmp_path / "one", **sizes, progress=False) == found
    with pytest.raises(ValueError, match="holds a search already"):
        conviction.search(spec, tmp_path / "one", **sizes, progress=False, resume=False)
    with pytest.raises(ValueError, match="asked for: seed = 5"):
        conviction.search(spec.replace("seed = 4", "seed = 5"), tmp_path / "one", **sizes, progress=False)
    worst = conviction.search(
        spec, tmp_path / "worst", "attacker_0_take_share", **{**sizes, "least_worlds": 2}, worst_of=1, progress=False
    )
    assert worst["worst_of"] == 1 and worst["objectives"][0]["goal"] == "max"
    assert set(worst["archive"][0]["setting"]) == {"attacker.0.share", "base_engagement_rate"}


def test_what_makes_no_sense_is_refused(data: conviction.Dataset) -> None:
    memory = conviction.sweep("days = 2\n[axes]\nbeta = [0.1, 0.2]", progress=False)
    for ask, expected in [
        (lambda: conviction.robust(memory), "lies in memory"),
        (lambda: conviction.robust(data, "fund"), "did you mean funds"),
        (lambda: conviction.robust(data, [{"name": "a"}]), "column missing"),
        (lambda: conviction.robust(data, [{"column": "funds", "gaol": "max"}]), "unknown gaol"),
        (lambda: conviction.robust(data, world="galaxy"), 'expected "run" or "point"'),
        (lambda: conviction.robust(data, regret="percent"), 'expected "units" or "shares"'),
        (lambda: conviction.robust(data, pareto_quantile=1.5), "expected a share from 0 to 1"),
        (lambda: conviction.discover(data, "funds >= 0"), "holds in all"),
        (lambda: conviction.discover(data, "funds < 9", peel=1.5), "peel: expected a share"),
        (lambda: conviction.discover(data, "funds < 9", objective="lenient"), 'expected "lenient1"'),
        (lambda: conviction.sensitivity(data, "fund"), "did you mean funds"),
        (lambda: conviction.sensitivity(data, combination=4), "below 4"),
        (lambda: conviction.sensitivity("nothere"), "nothere"),
        (lambda: conviction.search("[axes]\nbeta = [0.1, 0.2]", "unused", "funds"), "add goal max or goal min"),
    ]:
        with pytest.raises(ValueError, match=expected):
            ask()


def test_ctrl_c_stops_a_search(tmp_path: Path) -> None:
    script = """
import os, signal, threading
import conviction

def end_soon(seconds):
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

spec = open("spec.toml").read()
end_soon(1.5)
try:
    conviction.search(spec, "long", generations=100_000, population=50, progress=False)
except KeyboardInterrupt:
    print("search")
"""
    (tmp_path / "spec.toml").write_text(SPEC)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=250)
    assert done.stdout.split() == ["search"], done.stderr
    assert (tmp_path / "long" / "generation-000" / "dataset.toml").exists()
