"""Distributes the parts of a sweep: to any executor, or to Ray."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ._conviction import Plan, SweepError
from ._task import Done, Task, do_part

Progress = Callable[[int, int], object]


class Executor(Protocol):
    """``concurrent.futures.Executor``, or another class with its ``submit``: of Dask, mpi4py, loky, submitit."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Any: ...


def share_out(plan: Plan, url: str, engine: Executor | str, resume: bool, told: Progress | None) -> int:
    """Has an engine simulate all missing parts; returns the number of failed runs."""
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
        error = SweepError(f"{len(wrong)} of {len(missing)} parts failed: {why}{more}; repeat the call to retry them")
        error.parts = sorted(wrong)
        raise error from wrong[error.parts[0]]
    lost = plan.lost(url)
    if lost:
        error = SweepError(
            f"{len(lost)} of {plan.parts} parts missing in {url}, though their workers completed them; give all workers "
            "one place, a shared directory or a bucket, and repeat the call"
        )
        error.parts = lost
        raise error
    return failed


def _said(error: BaseException) -> str:
    """Formats an error with its type, unless it already names its part."""
    return str(error) if isinstance(error, SweepError) else f"{type(error).__name__}: {error}"


_BETWEEN_LOOKS = 0.02
"""Seconds between checks of pending tasks: not all executors return futures that support waiting."""


def _submitted(engine: Any, task: Task, parts: Iterator[int]) -> Iterator[Done]:
    """Submits parts to an executor, at most twice as many at a time as it has workers."""
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
