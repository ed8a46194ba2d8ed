"""Decisions from a dataset: which setting, where it fails, what matters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from . import _conviction, _dataset
from ._conviction import Table
from ._dataset import Dataset
from ._progress import Told, telling
from ._spec import Spec, read

Objective = str | Mapping[str, Any]
"""``"take = attacker_0_take_share min meet <= 0.1 empty fail"``, or a dict of name, column, goal, meet and empty."""


class Answer(dict[str, Any]):
    """The answer of an analysis: the document of the command of the same name, key by key.

    ``table`` holds the main numbers as Arrow.
    """

    table: Table

    def __init__(self, document: Mapping[str, Any], table: Table) -> None:
        super().__init__(document)
        self.table = table

    def __reduce__(self) -> tuple[Any, ...]:
        return (Answer, (dict(self), self.table))

    def __repr__(self) -> str:
        return f"<conviction.Answer: {', '.join(self)}; table {self.table!r}>"


def robust(
    dataset: Dataset | str | os.PathLike[str],
    objectives: Sequence[Objective] | Objective = (),
    *,
    world: str | None = None,
    base: int = 0,
    reference: int = 0,
    levers: Sequence[str] | None = None,
    regret: str = "units",
    pareto_quantile: float | None = None,
) -> Answer:
    """Compares the lever settings of a dataset over its worlds, as ``conviction robust`` does.

    Args:
        dataset: a dataset in a store, or its place.
        objectives: the outcomes to compare by; those of the spec if none are given.
        world: ``"run"``, or ``"point"`` for the mean of the replicates of each uncertain point.
        base: the uncertain point that changes and distances to failure start from.
        reference: the lever setting that others are paired with.
        levers: the columns that are levers; everything else that varies is then uncertain.
        regret: in ``"units"`` of the outcome, or in ``"shares"`` of the best outcome of each world.
        pareto_quantile: the quantile, counted from the worst, that Pareto sets compare instead of means.

    Returns:
        ``worlds``, ``objectives``, ``levers`` and ``pareto``. The table has a row per lever setting.

    Raises:
        ValueError: when the question names what the dataset lacks, or its files are not intact.
    """
    given = [objectives] if isinstance(objectives, (str, Mapping)) else list(objectives)
    levers = None if levers is None else list(levers)
    texts = [_objective(of) for of in given]
    if regret not in ("units", "shares"):
        raise ValueError(f'regret: expected "units" or "shares", found "{regret}"')
    found = _conviction.robust(
        _place(dataset), texts, world, base, reference, levers, regret == "shares", pareto_quantile
    )
    return _answer(found)


def discover(
    dataset: Dataset | str | os.PathLike[str],
    where: str,
    *,
    inputs: Sequence[str] = (),
    lever: int | None = None,
    threshold: float = 0.8,
    step: int | None = None,
    hold_out: float = 0.0,
    peel: float = 0.05,
    paste: float = 0.05,
    least_mass: float = 0.05,
    objective: str = "lenient1",
) -> Answer:
    """Finds the box of settings in which a condition on runs mostly holds (PRIM), as ``conviction discover`` does.

    Args:
        dataset: a dataset in a store, or its place.
        where: the condition, such as ``"attacker_0_take_share > 0.1 and proposals_granted < 50"``.
        inputs: the settings of the box; the uncertainties if none are given.
        lever: the only lever setting to look at.
        threshold: the density that the box should reach.
        step: the step to choose; the last that reaches the threshold if not given.
        hold_out: the share of uncertain points on which the chosen box is judged.
        peel: share of the box that each peel takes away.
        paste: share of what lies beyond a limit that each paste adds.
        least_mass: least share of all runs in the box.
        objective: ``"lenient1"``, ``"lenient2"`` or ``"original"``, as in EMA Workbench.

    Returns:
        ``trajectory``, ``limits``, ``quasi_p``, ``chosen``, ``held_out`` and so on. The table has a row per step.

    Raises:
        ValueError: when the question names what the dataset lacks, or its files are not intact.
    """
    shares = (peel, paste, least_mass)
    names = [inputs] if isinstance(inputs, str) else list(inputs)
    found = _conviction.discover(
        _place(dataset), where, names, lever, threshold, step, hold_out, shares, objective
    )
    return _answer(found)


def sensitivity(
    dataset: Dataset | str | os.PathLike[str],
    outcomes: Sequence[str] | str = (),
    *,
    combination: int = 0,
) -> Answer:
    """Shows which settings decide the outcomes of a dataset, as ``conviction sensitivity`` does.

    Sobol indices need ``kind = "saltelli"`` in the design, elementary effects ``kind = "morris"``; PAWN indices take any.

    Args:
        dataset: a dataset in a store, or its place.
        outcomes: columns of the table ``runs``; every column that declares a goal if none are given.
        combination: the number of the combination of settings outside of the scheme, such as a variant.

    Returns:
        ``schemes`` and ``outcomes``: for each outcome ``sobol``, ``second_order``, ``morris`` and ``pawn``. The table has
        a row per index.

    Raises:
        ValueError: when the question names what the dataset lacks, or its files are not intact.
    """
    names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    return _answer(_conviction.sensitivity(_place(dataset), names, combination))


def search(
    spec: Spec,
    out: str | os.PathLike[str],
    objectives: Sequence[Objective] | Objective = (),
    *,
    generations: int = 20,
    population: int = 24,
    least_worlds: int = 100,
    epsilon: float = 1.0,
    worst_of: int | None = None,
    resume: bool = True,
    progress: Told = True,
) -> Answer:
    """Searches settings that no other beats, generation by generation, as ``conviction search`` does.

    The first generation is the design of the levers in the spec. Each generation is a dataset in ``out``, so the same call
    continues where an earlier one stopped, or prolongs it by more generations.

    Args:
        spec: a path, TOML text, or a dict of the same tables: with levers, their design, and objectives.
        out: where to write: a directory, or ``s3://bucket/name``.
        objectives: the outcomes to search by; those of the spec if none are given. A mean that does not meet its bound
            keeps a setting out.
        generations: the number of generations.
        population: settings that each generation after the first tries.
        least_worlds: fewest worlds (runs) in which a setting is tried before it may enter the archive.
        epsilon: half widths of an objective's interval by which settings must differ to count as different.
        worst_of: a lever setting by number: the uncertainties that hurt it most are searched instead.
        resume: whether to continue an existing search of the same spec; else it is refused.
        progress: as in :func:`sweep`.

    Returns:
        ``archive`` and so on: every objective as the search saw it, and in fresh worlds. The table has a row per setting
        of the archive.

    Raises:
        ValueError: with everything that is wrong with the spec, a line each; or when ``out`` holds something else.
        SweepError: when a generation could not be simulated.
        KeyboardInterrupt: within 0.2 s of Ctrl-C. Whole parts are kept: the same call continues where it stopped.
    """
    given = [objectives] if isinstance(objectives, (str, Mapping)) else list(objectives)
    texts = [_objective(of) for of in given]
    sizes = (generations, population, least_worlds)
    with telling(progress) as told:
        found = _conviction.search(
            read(spec), _dataset.place(out), texts, sizes, epsilon, worst_of, resume, told
        )
    return _answer(found)


def _answer(found: tuple[str, Table]) -> Answer:
    document, table = found
    return Answer(json.loads(document), table)


def _place(dataset: Dataset | str | os.PathLike[str]) -> str:
    if not isinstance(dataset, Dataset):
        return _dataset.place(dataset)
    if dataset.url is None:
        raise ValueError('dataset: lies in memory; write it into a store: sweep(spec, out="results")')
    return dataset.url


def _objective(of: Objective) -> str:
    """An objective as the command line has it."""
    if isinstance(of, str):
        return of
    unknown = sorted(set(of) - {"name", "column", "goal", "meet", "empty"})
    if unknown or "column" not in of:
        found = f"unknown {unknown[0]}" if unknown else "column missing"
        raise ValueError(f"objectives: {found}; expected column, and name, goal, meet, empty where wanted")
    words = [f"{of['name']} =" if of.get("name") else "", of["column"], of.get("goal") or ""]
    words += [f"{key} {of[key]}" for key in ("meet", "empty") if of.get(key)]
    return " ".join(word for word in words if word)
