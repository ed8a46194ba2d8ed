"""Connects to EMA Workbench: an evaluator of batches of experiments, and datasets as experiments and outcomes.

Parameters are named like keys of settings; since their names must be Python identifiers, two underscores stand for a
dot: ``initial__funds`` is ``initial.funds``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from ema_workbench.em_framework.evaluators import BaseEvaluator
from ema_workbench.em_framework.points import experiment_generator

from ._dataset import Dataset
from ._evaluate import evaluate


def function(**_: Any) -> dict[str, float]:
    """Function to create a ``Model`` with; only :class:`Evaluator` can run its experiments."""
    raise NotImplementedError("only conviction.ema.Evaluator can run experiments of conviction")


class Evaluator(BaseEvaluator):  # type: ignore[misc]
    """Evaluator of all experiments at once; an outcome is the mean of a column of ``runs`` over the replicates."""

    def __init__(self, msis: Any, *, replicates: int = 100, seed: int = 0, **settings: Any) -> None:
        """Creates an evaluator; ``settings`` apply to every experiment, as in :func:`conviction.run`."""
        super().__init__(msis)
        self.replicates, self.seed, self.settings = replicates, seed, settings

    def initialize(self) -> None:
        """Does nothing."""

    def finalize(self) -> None:
        """Does nothing."""

    def evaluate_experiments(self, *given: Any, combine: str = "factorial", **_: Any) -> None:
        """Runs experiments; the workbench passes them with a callback, or before its version 3 scenarios, policies
        and a callback."""
        *what, callback = given[:2] if len(given) == 2 else given[:3]
        if len(what) == 1:
            experiments = list(what[0])
        else:
            experiments = list(experiment_generator(what[0], self._msis, what[1], combine=combine))
        points = pd.DataFrame([_point(experiment) for experiment in experiments])
        names = sorted({outcome.name for model in self._msis for outcome in model.outcomes})
        means = evaluate(points, names, self.replicates, self.seed, **self.settings)
        rows = pd.DataFrame.from_arrow(means)[names].astype(float).to_dict("records")
        for experiment, outcomes in zip(experiments, rows):
            callback(experiment, outcomes)


def _point(experiment: Any) -> dict[str, Any]:
    given = {**experiment.scenario, **experiment.policy}
    return {name.replace("__", "."): value for name, value in given.items()}


def to_ema(dataset: Dataset) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Converts a dataset to the workbench's results, with one row per run that reached its horizon.

    Returns:
        experiments: one column per varied key, and ``scenario`` (the uncertainties and the random world),
            ``policy`` (the levers and the variant) and ``model``.
        outcomes: an array of shape (runs,) for each numeric column of ``runs``.
    """
    table = dataset["runs"]
    runs = pd.DataFrame.from_arrow(table)
    runs = runs[runs["status"] == "completed"].reset_index(drop=True)
    roles = {name: table.about(name).get("role") for name in table.columns}
    varied = [name for name in table.columns if roles[name] is not None]
    chosen = [name for name in varied if roles[name] in ("lever", "variant")]
    worlds = [name for name in varied if name not in chosen] + ["replicate"]
    experiments = runs[varied].copy()
    experiments["scenario"] = runs.groupby(worlds, sort=False).ngroup().astype(str)
    policy = runs.groupby(chosen, sort=False).ngroup().astype(str) if chosen else "None"
    experiments["policy"] = policy
    experiments["model"] = "conviction"
    known = {"run", "point", "replicate", *varied}
    numbers = [name for name in runs.select_dtypes("number").columns if name not in known]
    return experiments, {name: runs[name].to_numpy(dtype=float, na_value=np.nan) for name in numbers}
