"""Who does the parts of a sweep: any executor, or Ray.

A task is "do part p of this spec into that store": its bytes are the same wherever it is done, and it is committed
once, so it may be done twice and needs no lock. Results are counts, not rows: the driver's memory stays constant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Protocol

from . import _conviction
from ._conviction import Plan, SweepError

Progress = Callable[[int, int], object]


class Executor(Protocol):
    """``concurrent.futures.Executor``, and whatever submits likewise: Dask's, mpi4py's, loky's, submitit's."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Any: ...


Task = tuple[tuple[str, str, str], str]
"""The recipe of a plan, and the store that its parts are written into."""


@lru_cache(maxsize=4)
def _plan(recipe: tuple[str, str, str]) -> Plan:
    return _conviction.plan(*recipe)


def do_part(task: Task, part: int) -> tuple[int, int]:
    """Does one part, wherever this runs: how many runs were simulated, and how many of them failed."""
    recipe, url = task
    return _plan(recipe).part(url, part)


def share_out(plan: Plan, url: str, engine: Executor | str, resume: bool, told: Progress | None) -> int:
    """Has an engine do all missing parts, and returns how many runs failed."""
    plan.begin(url, resume)
    missing = plan.missing(url)
    task = (plan.recipe, url)
    if engine == "ray":
        from ._ray import submitted
    elif isinstance(engine, str):
        raise ValueError(f'engine: found "{engine}", expected "ray", an executor, or None')
    else:
        def submitted(task: Task, parts: Iterator[int]) -> Iterator[Done]:
            return _submitted(engine, task, parts)

    failed, done, wrong = 0, 0, dict[int, BaseException]()
    each = plan.runs / plan.parts
    for part, outcome in submitted(task, iter(missing)):
        if isinstance(outcome, BaseException):
            wrong[part] = outcome
            continue
        failed += outcome[1]
        done += 1
        if told is not None:
            told(round(done * each), round(len(missing) * each))
    if wrong:
        why = "; ".join(f"part {part}: {_said(error)}" for part, error in sorted(wrong.items())[:5])
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        error = SweepError(f"{len(wrong)} of {len(missing)} parts failed: {why}{more}; the same call does them again")
        error.parts = sorted(wrong)
        raise error from wrong[error.parts[0]]
    return failed


def _said(error: BaseException) -> str:
    """The kind of an error and what it says; parts of a sweep say who they are."""
    return str(error) if isinstance(error, SweepError) else f"{type(error).__name__}: {error}"


Done = tuple[int, "tuple[int, int] | BaseException"]

_BETWEEN_LOOKS = 0.02
"""Seconds between looks at what is pending: not all that submits has futures that can be waited for."""


def _submitted(engine: Any, task: Task, parts: Iterator[int]) -> Iterator[Done]:
    """Has an executor do parts, few more at a time than it has workers."""
    most = 2 * (getattr(engine, "_max_workers", None) or 256)
    pending: dict[int, Any] = {}
    try:
        while True:
            while len(pending) < most and (part := next(parts, None)) is not None:
                try:
                    pending[part] = engine.submit(do_part, task, part)
                except Exception as error:  # an executor that lost a worker may accept no more
                    yield part, error
            if not pending:
                return
            ended = [part for part, future in pending.items() if future.done()]
            if not ended:
                time.sleep(_BETWEEN_LOOKS)
            for part in ended:
                future = pending.pop(part)
                try:
                    yield part, future.result()
                except Exception as error:
                    yield part, error
    finally:
        for future in pending.values():
            future.cancel()
