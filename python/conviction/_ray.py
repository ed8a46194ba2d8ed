"""Runs a sweep on a Ray cluster, with one task per part. Nodes may die, join and be slow."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from ._task import Done, Task, do_part


def submitted(task: Task, parts: Iterator[int]) -> Iterator[Done]:
    """Submits parts, at most twice as many at a time as the cluster has CPUs, including those of nodes that join."""
    ray: Any = importlib.import_module("ray")
    if not ray.is_initialized():
        ray.init()
    # Another node takes over the task of a dead one. Exceptions of a part itself are reported.
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
