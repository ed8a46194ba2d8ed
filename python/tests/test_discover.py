"""Compares `conviction discover` with PRIM of EMA Workbench, limit by limit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ema_workbench.analysis.prim import Prim, PRIMObjectiveFunctions

PROGRAM = Path(__file__).resolve().parents[2] / "target/debug/conviction"

SPEC = """
seed = 11
replicates = REPLICATES
days = 30

[[attacker]]
strategy = "leech"

[uncertainties]
attacker.0.share = { from = 0.02, to = 0.18 }
base_engagement_rate = { from = 0.02, to = 0.5 }
beta = { from = 0.1, to = 0.5 }
half_life_days = { from = 1.0, to = 9.0, scale = "log" }
"rules.over_release" = ["corrected", "v3"]
"initial.participants" = { from = 20, to = 120 }

[design.uncertainties]
kind = "random"
points = 400
"""

REAL = ["attacker.0.share", "base_engagement_rate", "beta", "half_life_days"]
WORDS = [*REAL, "rules.over_release"]
CONDITIONS = [
    ("attacker_0_take_share > 0.3", lambda runs: runs.attacker_0_take_share > 0.3),
    ("proposals_granted < 2", lambda runs: runs.proposals_granted < 2),
    ("median_days_to_pass is empty", lambda runs: runs.median_days_to_pass.isna()),
    (
        "attacker_0_take_share > 0.1 and proposals_granted < 4",
        lambda runs: (runs.attacker_0_take_share > 0.1) & (runs.proposals_granted < 4),
    ),
    ("funds / total_supply < 0.15", lambda runs: runs.funds / runs.total_supply < 0.15),
    ("not (median_days_to_pass <= 8)", lambda runs: ~(runs.median_days_to_pass <= 8)),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dataset(tmp_path_factory.mktemp("discover"), SPEC.replace("REPLICATES", "1"))


def dataset(place: Path, spec: str) -> Path:
    (place / "spec.toml").write_text(spec)
    subprocess.run([PROGRAM, "sweep", "spec.toml", "--out", "data", "-q"], cwd=place, check=True)
    return place / "data"


def discover(data: Path, where: str, *options: str) -> Any:
    command = [PROGRAM, "discover", data, "--where", where, "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def box_of(data: Path, inputs: list[str], interest: Any, **options: Any) -> Any:
    runs = pd.read_parquet(data / "runs")
    points = pd.read_parquet(data / "points.parquet")
    x = points.loc[runs.point, inputs].reset_index(drop=True)
    for name in x:
        if x[name].dtype.kind in "iu":
            x[name] = x[name].astype(np.int64)
    y = interest(runs).to_numpy().astype(int)
    # A threshold of 0 would count every run as a case of interest.
    prim = Prim(x, y, threshold=1e-9, **options)
    return prim.find_box()


def assert_same(found: Any, box: Any, inputs: list[str]) -> None:
    trajectory = box.peeling_trajectory
    assert len(found["limits"]) == len(trajectory) > 3
    for name, of in {"coverage": "coverage", "density": "density", "mass": "mass", "restricted": "res_dim"}.items():
        assert np.allclose(found["trajectory"][name], trajectory[of].astype(float), rtol=1e-12), name
    for step, (limits, wanted) in enumerate(zip(found["limits"], box.box_lims, strict=True)):
        assert list(limits) == sorted(inputs)
        for name in inputs:
            low, high = wanted[name]
            if isinstance(low, set):
                assert set(limits[name]) == low, (step, name)
            else:
                assert limits[name] == [low, high], (step, name)
    for step, (quasi, wanted) in enumerate(zip(found["quasi_p"], box.qp, strict=True)):
        assert set(quasi) == set(wanted), step
        for name, sides in wanted.items():
            for side, p in zip(quasi[name], sides, strict=True):
                assert (side is None) == (p == -1), (step, name)
                assert side is None or side == pytest.approx(p, rel=1e-9, abs=1e-12), (step, name)


@pytest.mark.parametrize("inputs", [REAL, WORDS], ids=["real", "words"])
@pytest.mark.parametrize(("where", "interest"), CONDITIONS, ids=[where for where, _ in CONDITIONS])
def test_boxes_are_those_of_the_workbench(data: Path, where: str, interest: Any, inputs: list[str]) -> None:
    assert_same(discover(data, where, "--inputs", ",".join(inputs)), box_of(data, inputs, interest), inputs)


@pytest.mark.parametrize("objective", ["lenient2", "original"])
def test_other_objectives_and_options(data: Path, objective: str) -> None:
    where, interest = CONDITIONS[1]
    options = ["--objective", objective, "--peel", "0.1", "--paste", "0.02", "--least-mass", "0.1"]
    found = discover(data, where, "--inputs", ",".join(WORDS), *options)
    box = box_of(
        data,
        WORDS,
        interest,
        obj_function=PRIMObjectiveFunctions(objective),
        peel_alpha=0.1,
        paste_alpha=0.02,
        mass_min=0.1,
    )
    assert_same(found, box, WORDS)


def test_whole_numbers_are_peeled(data: Path) -> None:
    inputs = ["initial.participants", "rules.over_release"]
    where = "proposals_granted > 4"
    found = discover(data, where, "--inputs", ",".join(inputs))
    assert_same(found, box_of(data, inputs, lambda runs: runs.proposals_granted > 4), inputs)


def test_the_box_is_chosen_and_judged_on_other_points(tmp_path: Path) -> None:
    data = dataset(tmp_path, SPEC.replace("REPLICATES", "3"))
    found = discover(data, "attacker_0_take_share > 0.3", "--hold-out", "0.3", "--threshold", "0.7")
    chosen, held = found["chosen"], found["held_out"]
    density = found["trajectory"]["density"]
    assert chosen["density"] >= 0.7 and all(of < 0.7 for of in density[chosen["step"] + 1 :])
    assert chosen["limits"] == found["limits"][chosen["step"]]
    assert 80 < held["points"] < 160 and held["rows"] == 3 * held["points"]
    assert found["rows"] + held["rows"] == 1200
    # Computed by hand, the analysed rows reproduce the box's density.
    runs, points = pd.read_parquet(data / "runs"), pd.read_parquet(data / "points.parquet")
    inside = np.ones(len(runs), bool)
    for name, limits in chosen["limits"].items():
        values = points[name].to_numpy()[runs.point]
        inside &= np.isin(values, limits) if isinstance(limits[0], str) else (values >= limits[0]) & (values <= limits[1])
    hits = (runs.attacker_0_take_share > 0.3).to_numpy()
    rows_in = round(chosen["mass"] * found["rows"]) + round(held["mass"] * held["rows"])
    hits_in = round(chosen["coverage"] * found["of_interest"]) + round(held["density"] * held["mass"] * held["rows"])
    assert (inside.sum(), (inside & hits).sum()) == (rows_in, hits_in)
    # Replicates of a point are not independent: fewer cases make a limit less sure.
    words = discover(data, "attacker_0_take_share > 0.3", "--step", str(chosen["step"]))
    assert words["held_out"] is None


def test_what_cannot_be_found_is_said(data: Path) -> None:
    def complaint(where: str, *options: str) -> str:
        done = subprocess.run([PROGRAM, "discover", data, "--where", where, *options], capture_output=True, text=True)
        assert done.returncode == 2
        return done.stderr

    assert "holds in all of 400 runs" in complaint("funds >= 0")
    assert "holds in none of 400 runs" in complaint("funds < 0")
    assert "did you mean funds?" in complaint("fund < 100")
    assert "expected a comparison" in complaint("funds")
    assert "gamma is not varied" in complaint("funds < 100", "--inputs", "gamma")
    done = subprocess.run(
        [PROGRAM, "discover", data, "--where", "proposals_granted > 8", "--threshold", "1.0"]
        + ["--inputs", "rules.over_release"],
        capture_output=True, text=True, check=True,
    )
    assert "no box reaches a density of 100 %" in done.stdout
