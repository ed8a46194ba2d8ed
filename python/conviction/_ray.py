"""A sweep on a Ray cluster: a task per part. Nodes may die, join and be slow."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from ._engines import Done, Task, do_part


def submitted(task: Task, parts: Iterator[int]) -> Iterator[Done]:
    """Has the cluster do parts, at most twice as many at a time as it has CPUs: those of nodes that join count."""
    ray: Any = importlib.import_module("ray")
    if not ray.is_initialized():
        ray.init()
    # What a dead node was doing is done by another. What a part itself raises is told.
    remote = ray.remote(num_cpus=1, max_retries=-1)(do_part)
    pending: dict[Any, int] = {}
    try:
        while True:
            most = max(2, int(2 * ray.cluster_resources().get("CPU", 1)))
            while len(pending) < most and (part := next(parts, None)) is not None:
                pending[remote.remote(task, part)] = part
            if not pending:
                return
            ended, _ = ray.wait(list(pending), timeout=0.1)
            for reference in ended:
                part = pending.pop(reference)
                try:
                    yield part, ray.get(reference)
                except ray.exceptions.RayError as error:
                    yield part, error
    finally:
        for reference in pending:
            ray.cancel(reference)
