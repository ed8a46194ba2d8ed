"""Compares `conviction robust` with pandas, and Pareto sets with pymoo's non-dominated sorting."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

PROGRAM = Path(__file__).resolve().parents[2] / "target/debug/conviction"

ATTACKED = """
seed = 5
replicates = 4
days = 40
title = "How fast should conviction build up?"

[[attacker]]
strategy = "leech"

[levers]
half_life_days = [1.0, 3.0, 7.0]
beta = [0.15, 0.3]

[uncertainties]
attacker.0.share = { from = 0.02, to = 0.15, scale = "log" }
base_engagement_rate = { from = 0.02, to = 0.5 }
"rules.over_release" = ["corrected", "v3"]

[design.uncertainties]
kind = "random"
points = 12

[[objective]]
name = "take"
column = "attacker_0_take_share"
meet = "<= 0.05"

[[objective]]
name = "granted"
column = "proposals_granted"
meet = ">= 3"

[[objective]]
name = "days"
column = "median_days_to_pass"
meet = "< 12"
empty = "EMPTY"
"""

VARIANTS = """
seed = 6
replicates = 3
days = 30

[axes]
half_life_days = [1.0, 7.0]
base_engagement_rate = [0.05, 0.3, 0.5]

[[variant]]
name = "plain"
role = "uncertainty"

[[variant]]
name = "poor"
role = "uncertainty"
"initial.funds" = 300.0
"""


def dataset(place: Path, spec: str) -> Path:
    (place / "spec.toml").write_text(spec)
    subprocess.run([PROGRAM, "sweep", "spec.toml", "--out", "data", "-q"], cwd=place, check=True)
    return place / "data"


def robust(data: Path, *options: str) -> Any:
    command = [PROGRAM, "robust", data, "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def number(value: float) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def student(freedom: float) -> float:
    """Returns t of a 95 % interval as tables have it, and near the normal law by the first terms of its expansion."""
    whole = math.floor(freedom + 1e-9)
    if whole <= 30:
        return round(scipy.stats.t.ppf(0.975, whole), 3)
    z = 1.96
    return z + (z**3 + z) / (4 * whole) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * whole**2)


def clusters(values: pd.Series, kinds: list[pd.Series]) -> list[pd.Series]:
    """Returns the means by point and by replicate, each where there are several."""
    means = [values.groupby(kind.loc[values.index]).mean().dropna() for kind in kinds]
    return [of for of in means if len(of) > 1]


def half_width(values: pd.Series, kinds: list[pd.Series]) -> float:
    """Adds the variances of the means by point and by replicate; Satterthwaite's degrees of freedom."""
    found = clusters(values, kinds)
    variances = [means.var() / len(means) for means in found]
    if not found or sum(variances) == 0:
        return 0.0 if found else math.nan
    of_parts = sum(part**2 / (len(means) - 1) for part, means in zip(variances, found, strict=True))
    return student(sum(variances) ** 2 / of_parts) * math.sqrt(sum(variances))


def wilson(share: float, values: pd.Series, kinds: list[pd.Series]) -> tuple[float, float]:
    """Counts as many cases as give the variance of the share, or those of the kind with the fewest clusters."""
    found = clusters(values, kinds)
    variance = sum(means.var(ddof=0) / len(means) for means in found)
    n = share * (1 - share) / variance if variance > 0 else min(len(means) for means in found)
    z, p = 1.96, share
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return (0.0 if p == 0 else low, 1.0 if p == 1 else high)


HOLDS = {"<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater}


def expected(
    runs: pd.DataFrame,
    objectives: list[dict[str, Any]],
    kind: str,
    place: pd.DataFrame,
    base: int = 0,
    reference: int = 0,
) -> Any:
    """Applies the definitions literally. `runs` has lever, uncertain and replicate; `place` has the coordinates of each
    uncertain point in units of the ranges."""
    if kind == "run":
        runs = runs.assign(world=runs.uncertain * (runs.replicate.max() + 1) + runs.replicate)
    else:
        runs = runs.assign(world=runs.uncertain)
    levers = range(runs.lever.max() + 1)
    point_of = runs.groupby("world").uncertain.first()
    # Runs are worlds where all points share the random ones; means over replicates hide them.
    kinds = [point_of, runs.groupby("world").replicate.first()] if kind == "run" else [point_of]
    tables, points, missing = {}, {}, {}
    for objective in objectives:
        column = runs[objective["column"]]
        missing[objective["name"]] = column.isna().groupby([runs.world, runs.lever]).sum().unstack("lever")
        if objective["empty"] == "worst":
            column = column.fillna(column.max() if objective["goal"] == "min" else column.min())
        table = column.groupby([runs.world, runs.lever]).mean().unstack("lever")
        by_point = column.groupby([runs.uncertain, runs.lever]).mean().unstack("lever")
        tables[objective["name"]], points[objective["name"]] = table, by_point
    found = []
    for lever in levers:
        outcomes, regret, from_base, paired = {}, {}, {}, {}
        each = {}
        meets, kept = pd.Series(True, point_of.index), pd.Series(True, point_of.index)
        for objective in objectives:
            name, sign = objective["name"], -1 if objective["goal"] == "min" else 1
            all_values, values = tables[name][lever], tables[name][lever].dropna()
            ordered = (sign * values).sort_values()
            outcomes[name] = {
                "count": len(values),
                "empty": int(missing[name][lever].sum()),
                "mean": values.mean(),
                "sd": values.std(),
                **{f"q{q:02d}": values.quantile(q / 100) for q in (5, 10, 25, 50, 75, 90, 95)},
                "worst_tenth_mean": sign * ordered.iloc[: math.ceil(len(values) / 10)].mean(),
                "half_width_95": half_width(all_values, kinds),
            }
            whole = sign * tables[name].dropna()
            lost = whole.max(axis=1) - whole[lever]
            regret[name] = {
                "worlds": len(lost),
                "mean": lost.mean(),
                "p90": lost.quantile(0.9),
                "max": lost.max(),
                "share_best": (lost == 0).mean(),
                "half_width_95": half_width(lost, kinds),
            }
            own = points[name][lever]
            change = (own.drop(base) - own[base]).abs().dropna()
            from_base[name] = {
                "base": own[base], "count": len(change), "mean": change.mean(), "p90": change.quantile(0.9),
                "max": change.max(),
            }
            difference = (tables[name][lever] - tables[name][reference]).dropna()
            paired[name] = {
                "worlds": len(difference),
                "mean": difference.mean(),
                "half_width_95": half_width(difference, kinds),
                "share_better": (sign * difference > 0).mean(),
            }
            each[name] = math.nan
            if objective["meet"] is not None:
                bound, limit = objective["meet"].split()
                holds = pd.Series(HOLDS[bound](all_values, float(limit)), all_values.index) & all_values.notna()
                if objective["empty"] == "fail":
                    holds &= missing[name][lever] == 0
                stays = all_values.notna() | (objective["empty"] != "drop")
                each[name] = holds[stays].mean()
                meets, kept = meets & holds, kept & stays
        met, worlds = int((meets & kept).sum()), int(kept.sum())
        failing = point_of[kept & ~meets]
        has_criteria = any(objective["meet"] is not None for objective in objectives)
        meets_all = (meets & kept)[kept].astype(float)
        low, high = wilson(met / worlds, meets_all, kinds) if has_criteria else (math.nan, math.nan)
        distances = np.sqrt(((place.loc[failing] - place.loc[base]) ** 2).sum(axis=1)) if len(failing) else []
        found.append(
            {
                "outcomes": outcomes,
                "regret": regret,
                "from_base": from_base,
                "satisficing": {
                    "share": met / worlds if has_criteria else math.nan,
                    "met": met,
                    "worlds": worlds,
                    "low": low,
                    "high": high,
                    "each": each,
                    "distance_to_failure": min(distances, default=math.nan),
                },
                "paired": paired,
            }
        )
    return found


def assert_equal(found: Any, wanted: Any, path: str = "") -> None:
    """Checks equality to a relative 1e-12, with the same missing values and exactly the same names."""
    if isinstance(wanted, dict):
        assert set(found) == set(wanted), path
        for name, value in wanted.items():
            assert_equal(found[name], value, f"{path}.{name}")
    elif number(wanted) is None:
        assert found is None, path
    else:
        assert found is not None, path
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12), path


def assert_pareto(found: Any, objectives: list[dict[str, Any]]) -> None:
    names = [objective["name"] for objective in objectives]
    groups = list(itertools.combinations(names, 2)) + ([tuple(names)] if len(names) > 2 else [])
    assert set(found["pareto"]) == {",".join(group) for group in groups}
    goals = {objective["name"]: objective["goal"] for objective in objectives}
    for group in groups:
        # pymoo minimises.
        costs = [
            [lever["outcomes"][name]["mean"] * (1 if goals[name] == "min" else -1) for name in group]
            for lever in found["levers"]
        ]
        front = NonDominatedSorting().do(np.array(costs), only_non_dominated_front=True)
        assert found["pareto"][",".join(group)] == sorted(front.tolist())


@pytest.fixture(scope="module", params=["fail", "worst", "drop"])
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return dataset(tmp_path_factory.mktemp("attacked"), ATTACKED.replace("EMPTY", request.param)), request.param


@pytest.mark.parametrize("kind", ["run", "point"])
def test_lever_settings_over_worlds(attacked: tuple[Path, str], kind: str) -> None:
    data, empty = attacked
    found = robust(data, "--world", kind, "--base", "3", "--reference", "2")
    runs = pd.read_parquet(data / "runs")
    runs["lever"], runs["uncertain"] = runs.point // 12, runs.point % 12
    assert runs.median_days_to_pass.isna().sum() > 10, "some runs have no value"
    objectives = [
        {"name": "take", "column": "attacker_0_take_share", "goal": "min", "meet": "<= 0.05", "empty": "fail"},
        {"name": "granted", "column": "proposals_granted", "goal": "max", "meet": ">= 3", "empty": "fail"},
        {"name": "days", "column": "median_days_to_pass", "goal": "min", "meet": "< 12", "empty": empty},
    ]
    assert set(found) == {"worlds", "objectives", "levers", "pareto"}
    assert found["worlds"] == {"kind": kind, "all": 48 if kind == "run" else 12}
    assert found["objectives"] == objectives
    points = pd.read_parquet(data / "points.parquet").iloc[:12]
    place = pd.DataFrame(
        {
            "share": np.log(points["attacker.0.share"] / 0.02) / np.log(0.15 / 0.02),
            "engagement": (points.base_engagement_rate - 0.02) / 0.48,
            "rule": (points["rules.over_release"] == "v3").astype(float),
        }
    )
    wanted = expected(runs, objectives, kind, place, base=3, reference=2)
    assert len(found["levers"]) == 6
    for number_of, (lever, numbers) in enumerate(zip(found["levers"], wanted, strict=True)):
        half_life, beta = [(h, b) for h in (1.0, 3.0, 7.0) for b in (0.15, 0.3)][number_of]
        assert lever.pop("lever") == number_of
        assert lever.pop("setting") == {"half_life_days": half_life, "beta": beta}
        assert_equal(lever, numbers)
    assert_pareto(robust(data, "--world", kind), objectives)


def test_regret_may_be_relative_and_pareto_sets_of_quantiles(attacked: tuple[Path, str]) -> None:
    data, _ = attacked
    objectives = ["--objective", "f = funds min", "--objective", "g = proposals_granted"]
    found = robust(data, *objectives, "--regret", "shares", "--pareto-quantile", "0.1")
    runs = pd.read_parquet(data / "runs")
    runs["lever"], runs["world"] = runs.point // 12, runs.point % 12 * 4 + runs.replicate
    quantiles = {}
    for name, column, sign, share in [
        ("f", "funds", -1, 0.9),
        ("g", "proposals_granted", 1, 0.1),
    ]:
        table = sign * runs.pivot(index="world", columns="lever", values=column).astype(float)
        best = table.max(axis=1)
        counts = best[best != 0]
        lost = table.loc[counts.index].rsub(counts, axis=0).div(counts.abs(), axis=0)
        for lever in found["levers"]:
            regret, own = lever["regret"][name], lost[lever["lever"]]
            wanted = {
                "worlds": len(counts), "mean": own.mean(), "p90": own.quantile(0.9), "max": own.max(),
                "share_best": (own == 0).mean(),
            }
            assert_equal({key: regret[key] for key in wanted}, wanted)
        quantiles[name] = (sign * table).quantile(share) * -sign
    front = NonDominatedSorting().do(pd.DataFrame(quantiles).to_numpy(), only_non_dominated_front=True)
    assert found["pareto"]["f,g"] == sorted(front.tolist())
    means = robust(data, *objectives)
    assert means["pareto"] != found["pareto"] or means["levers"] != found["levers"]
    done = subprocess.run(
        [PROGRAM, "robust", data, *objectives, "--pareto-quantile", "2"], capture_output=True, text=True
    )
    assert done.returncode == 2 and "pareto-quantile: expected a share from 0 to 1, found 2" in done.stderr
    text = subprocess.run(
        [PROGRAM, "robust", data, *objectives, "--pareto-quantile", "0.25"], check=True, capture_output=True, text=True
    ).stdout
    assert "the 25 % quantile, from the worst, of" in text and "of resamples" in text


def test_variants_and_axes_have_the_roles_that_are_given(tmp_path: Path) -> None:
    data = dataset(tmp_path, VARIANTS)
    options = ["--objective", "passed = proposals_granted", "--levers", "half_life_days"]
    found = robust(data, *options)
    runs = pd.read_parquet(data / "runs")
    # Points go through variants, then half-lives, then engagement: the runs of a lever setting are not consecutive.
    runs["lever"] = runs.point // 3 % 2
    runs["uncertain"] = runs.point // 6 * 3 + runs.point % 3
    assert [lever["setting"] for lever in found["levers"]] == [{"half_life_days": 1.0}, {"half_life_days": 7.0}]
    assert found["worlds"] == {"kind": "run", "all": 18}
    objectives = [
        {"name": "passed", "column": "proposals_granted", "goal": "max", "meet": None, "empty": "fail"},
    ]
    assert found["objectives"] == objectives and found["pareto"] == {}
    place = pd.DataFrame({"any": [0.0] * 6})
    for lever, numbers in zip(found["levers"], expected(runs, objectives, "run", place), strict=True):
        assert_equal({name: lever[name] for name in numbers}, numbers)
    # Without the option, axes are levers, and variants have the role in the spec.
    found = robust(data, "--objective", "proposals_granted")
    assert len(found["levers"]) == 6 and found["worlds"]["all"] == 6
    assert [lever["setting"]["base_engagement_rate"] for lever in found["levers"][:3]] == [0.05, 0.3, 0.5]


def test_one_uncertain_point_has_the_interval_of_its_replicates(tmp_path: Path) -> None:
    data = dataset(tmp_path, "replicates = 20\ndays = 20\n[levers]\nbeta = [0.1, 0.3]\n")
    found = robust(data, "--objective", "funds max", "--objective", "g = proposals_granted")
    runs = pd.read_parquet(data / "runs").assign(lever=lambda of: of.point, uncertain=0)
    objectives = [
        {"name": "funds", "column": "funds", "goal": "max", "meet": None, "empty": "fail"},
        {"name": "g", "column": "proposals_granted", "goal": "max", "meet": None, "empty": "fail"},
    ]
    wanted = expected(runs, objectives, "run", pd.DataFrame({"any": [0.0]}))
    for lever, numbers in zip(found["levers"], wanted, strict=True):
        assert_equal({name: lever[name] for name in numbers}, numbers)
    assert found["levers"][0]["outcomes"]["funds"]["half_width_95"] > 0


SWEEPS = Path(__file__).resolve().parents[2] / "sweeps"


@pytest.mark.parametrize("empty", ["fail", "worst"])
def test_the_queries_say_the_same(attacked: tuple[Path, str], empty: str) -> None:
    data, _ = attacked
    connection = duckdb.connect()
    connection.execute(f"create view runs as from '{data}/runs/*.parquet'")
    for name in ("outcomes", "paired", "regret"):
        connection.execute((SWEEPS / f"queries/{name}.sql").read_text())
    goals = {"attacker_0_take_share": "min", "proposals_granted": "max", "median_days_to_pass": "min"}
    for column, goal in goals.items():
        found = robust(data, "--objective", f"it = {column} {goal} empty {empty}")["levers"]
        sign = 1 if goal == "max" else -1
        empties = "worst" if empty == "worst" else "leave out"
        regret = connection.sql(f"from regret('{column}', uncertain := 12, sign := {sign}, empties := '{empties}')").df()
        names = {
            "worlds": "worlds", "mean": "mean", "p90": "q90", "max": "greatest", "share_best": "share_best",
            "half_width_95": "half_width",
        }
        for name, of in names.items():
            assert np.allclose(regret[of], [lever["regret"]["it"][name] for lever in found], rtol=1e-12), name
        assert (regret.worlds + regret.left_out == 48).all()
        if column == "median_days_to_pass":
            assert (regret.left_out > 0).all() == (empty == "fail")
        if empty == "worst":
            continue
        query = f"from paired_differences('{column}', 0, uncertain := 12, sign := {sign})"
        paired = connection.sql(query).df().set_index("lever")
        for lever in range(1, 6):
            own, of = found[lever]["paired"]["it"], paired.loc[lever]
            assert own["worlds"] == of.worlds
            middle, half = (of.low + of.high) / 2, (of.high - of.low) / 2
            wanted = [of.difference, middle, half, of.share_better]
            assert np.allclose([own["mean"], own["mean"], own["half_width_95"], own["share_better"]], wanted)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "objective: missing"),
        (["--objective", "fund max"], "did you mean funds?"),
        (["--objective", "funds"], "goal of funds missing"),
        (["--objective", "funds max", "--objective", "funds = least_pool"], "name taken"),
        (["--objective", "funds max", "--levers", "gamma"], "gamma is not varied"),
        (["--objective", "funds max", "--base", "1"], "base: 1 is too large"),
        (["--objective", "funds max", "--reference", "2"], "reference: 2 is too large"),
    ],
)
def test_senseless_questions_are_refused(
    options: list[str], complaint: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = dataset(tmp_path_factory.mktemp("two"), "replicates = 2\ndays = 5\n[levers]\nbeta = [0.1, 0.3]\n")
    done = subprocess.run([PROGRAM, "robust", data, *options], capture_output=True, text=True)
    assert done.returncode == 2 and complaint in done.stderr, done.stderr
