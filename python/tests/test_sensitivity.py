"""Compares `conviction sensitivity` with SALib: values to 1e-10, half widths to a fifth."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import morris, pawn, sobol

PROGRAM = Path(__file__).resolve().parents[2] / "target/debug/conviction"

AXES = """
half_life_days = { from = 1.0, to = 9.0 }
beta = { from = 0.1, to = 0.4 }
gamma = { from = 0.0, to = 0.01 }
"""
SPEC = "seed = 5\nreplicates = 3\ndays = 20\n[initial]\nparticipants = 8\n"
NAMES = ["half_life_days", "beta", "gamma"]
BOUNDS = np.array([[1.0, 9.0], [0.1, 0.4], [0.0, 0.01]])
PROBLEM = {"num_vars": 3, "names": NAMES, "bounds": BOUNDS.tolist()}
OUTCOMES = ["funds", "proposals_granted", "total_supply"]


def dataset(place: Path, spec: str) -> Path:
    (place / "spec.toml").write_text(spec)
    subprocess.run([PROGRAM, "sweep", "spec.toml", "--out", "data", "-q"], cwd=place, check=True)
    return place / "data"


def sensitivity(data: Path, *options: str) -> Any:
    command = [PROGRAM, "sensitivity", data, "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def means(data: Path, outcome: str, points: int) -> Any:
    """Returns the mean of each point; NaN without a value."""
    by_point = pd.read_parquet(data / "runs").groupby("point")[outcome].mean()
    return by_point.reindex(range(points)).to_numpy()


def close(found: dict[str, Any], name: str, expected: float) -> bool:
    return found[name] == pytest.approx(expected, rel=1e-10, abs=1e-10)


def wide(estimate: dict[str, Any], half_width: float) -> bool:
    return half_width == pytest.approx(estimate["half_width_95"], rel=0.2)


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_are_those_of_salib(tmp_path: Path, second_order: bool) -> None:
    order = str(second_order).lower()
    design = f'[design]\nkind = "saltelli"\npoints = 128\nsecond_order = {order}\n'
    data = dataset(tmp_path, f"{SPEC}[axes]{AXES}{design}")
    found = sensitivity(data, "--outcome", ",".join(OUTCOMES))
    assert found["schemes"][0]["kind"] == "saltelli" and found["schemes"][0]["settings"] == NAMES
    for outcome in OUTCOMES:
        y = means(data, outcome, found["points"])
        expected = sobol.analyze(PROBLEM, y, calc_second_order=second_order, num_resamples=1000, seed=1)
        of = found["outcomes"][outcome]
        for axis, name in enumerate(NAMES):
            for order, key in {"first": "S1", "total": "ST"}.items():
                estimate = of["sobol"][name][order]
                assert close(estimate, "value", expected[key][axis]), (outcome, name, order)
                assert wide(estimate, expected[f"{key}_conf"][axis]), (outcome, name, order)
        assert len(of["second_order"]) == (3 if second_order else 0)
        for pair in of["second_order"]:
            j, k = (NAMES.index(name) for name in pair["settings"])
            assert close(pair["index"], "value", expected["S2"][j, k]), (outcome, pair)
            assert wide(pair["index"], expected["S2_conf"][j, k]), (outcome, pair)


def test_elementary_effects_are_those_of_salib(tmp_path: Path) -> None:
    data = dataset(tmp_path, f'{SPEC}[axes]{AXES}[design]\nkind = "morris"\ntrajectories = 40\nlevels = 4\n')
    found = sensitivity(data, "--outcome", ",".join(OUTCOMES))
    points = pd.read_parquet(data / "points.parquet")[NAMES].to_numpy()
    x = (points - BOUNDS[:, 0]) / (BOUNDS[:, 1] - BOUNDS[:, 0])
    unit = {**PROBLEM, "bounds": [[0.0, 1.0]] * 3}
    for outcome in OUTCOMES:
        y = means(data, outcome, found["points"])
        expected = morris.analyze(unit, x, y, num_levels=4, num_resamples=1000, seed=1)
        for axis, name in enumerate(NAMES):
            effect = found["outcomes"][outcome]["morris"][name]
            assert close(effect, "mean", expected["mu"][axis])
            assert close(effect, "sd", expected["sigma"][axis])
            assert close(effect["mean_size"], "value", expected["mu_star"][axis])
            half_width = expected["mu_star_conf"][axis]
            # An axis with a constant effect has an interval of rounding errors only.
            assert half_width < 1e-9 * abs(expected["mu_star"][axis]) or wide(effect["mean_size"], half_width)


@pytest.mark.parametrize(
    "design",
    ['kind = "random"\npoints = 203', 'kind = "latin-hypercube"\npoints = 101', 'kind = "morris"\ntrajectories = 30'],
    ids=["random", "latin", "levels"],
)
def test_pawn_indices_are_those_of_salib(tmp_path: Path, design: str) -> None:
    data = dataset(tmp_path, f"{SPEC}[axes]{AXES}[design]\n{design}\n")
    assert len(sensitivity(data)["outcomes"]) > 10
    found = sensitivity(data, "--outcome", ",".join([*OUTCOMES, "median_days_to_pass"]))
    x = pd.read_parquet(data / "points.parquet")[NAMES].to_numpy()
    for outcome in [*OUTCOMES, "median_days_to_pass"]:
        y = means(data, outcome, found["points"])
        of = found["outcomes"][outcome]
        assert of["missing"] == np.isnan(y).sum()
        expected = pawn.analyze(PROBLEM, x[~np.isnan(y)], y[~np.isnan(y)], S=10)
        for axis, name in enumerate(NAMES):
            for key, wanted in {"CV": "cv", "stdev": "sd"}.items() | {
                (key, key) for key in ("minimum", "mean", "median", "maximum")
            }:
                assert close(of["pawn"][name], wanted, expected[key][axis]), (outcome, name, key)
    # Only minting changes the total supply.
    supply = found["outcomes"]["total_supply"]["pawn"]
    assert supply["gamma"]["median"] > 0.4 and not supply["gamma"]["unsure"]
    assert supply["gamma"]["median"] > 2 * supply["beta"]["median"]


def test_a_scheme_may_be_of_the_uncertainties_of_each_lever_setting_or_of_levers_over_all_worlds(tmp_path: Path) -> None:
    spec = f"""{SPEC}
[levers]
beta = [0.2, 0.4]
[uncertainties]
half_life_days = {{ from = 1.0, to = 9.0 }}
gamma = {{ from = 0.0, to = 0.01 }}
[design.uncertainties]
kind = "saltelli"
points = 32
"""
    data = dataset(tmp_path, spec)
    problem = {"num_vars": 2, "names": ["half_life_days", "gamma"], "bounds": [[1.0, 9.0], [0.0, 0.01]]}
    y = means(data, "funds", 2 * 32 * 6)
    for combination in range(2):
        found = sensitivity(data, "--outcome", "funds", "--combination", str(combination))
        expected = sobol.analyze(problem, y[combination * 192 : (combination + 1) * 192], seed=1)
        of = found["outcomes"]["funds"]["sobol"]
        assert [of[name]["first"]["value"] for name in problem["names"]] == pytest.approx(expected["S1"], rel=1e-10)

    other = tmp_path / "levers"
    other.mkdir()
    spec = f"""{SPEC}
[levers]
half_life_days = {{ from = 1.0, to = 9.0 }}
gamma = {{ from = 0.0, to = 0.01 }}
[design.levers]
kind = "saltelli"
points = 32
[uncertainties]
base_engagement_rate = [0.1, 0.3]
"""
    data = dataset(other, spec)
    y = means(data, "funds", 2 * 192).reshape(192, 2).mean(axis=1)
    expected = sobol.analyze(problem, y, seed=1)
    of = sensitivity(data, "--outcome", "funds")["outcomes"]["funds"]["sobol"]
    assert [of[name]["total"]["value"] for name in problem["names"]] == pytest.approx(expected["ST"], rel=1e-10)


def test_few_points_are_called_unsure_and_words_are_slices(tmp_path: Path) -> None:
    axes = f'[axes]{AXES}"rules.over_release" = ["corrected", "v3"]\n'
    data = dataset(tmp_path, f'{SPEC}{axes}[design]\nkind = "saltelli"\npoints = 8\n')
    estimates = sensitivity(data, "--outcome", "funds")["outcomes"]["funds"]
    assert all(of[order]["unsure"] for of in estimates["sobol"].values() for order in ("first", "total"))
    # Two words have equal numbers of points, so their slices are equally far from all points.
    words = estimates["pawn"]["rules.over_release"]
    assert words["minimum"] == pytest.approx(words["maximum"], abs=1e-12) and words["sd"] == pytest.approx(0, abs=1e-12)
    text = subprocess.run(
        [PROGRAM, "sensitivity", data, "--outcome", "funds"], check=True, capture_output=True, text=True
    ).stdout
    assert text.count("unsure (") > 8
    # No number has more digits than its half width supports.
    pairs = re.findall(r"(-?[\d.]+) ± ([\d.]+)", text)
    assert len(pairs) == 8 + 6
    for value, half_width in pairs:
        assert float(half_width) == 0 or len(value.partition(".")[2]) == len(half_width.partition(".")[2])


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    data = dataset(tmp_path, f'{SPEC}[axes]{AXES}[design]\nkind = "random"\npoints = 4\n')

    def complaint(place: Path, *options: str) -> str:
        done = subprocess.run([PROGRAM, "sensitivity", place, *options], capture_output=True, text=True)
        assert done.returncode == 2 and not done.stdout
        return done.stderr

    assert "did you mean funds?" in complaint(data, "--outcome", "fund")
    assert "expected a number below 1" in complaint(data, "--combination", "1")
    other = tmp_path / "other"
    other.mkdir()
    assert "varies nothing" in complaint(dataset(other, SPEC))
