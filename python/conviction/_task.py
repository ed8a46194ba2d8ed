"""One part of a sweep as a task.

A task simulates one part of a spec into a store. Its bytes are the same wherever it runs, and it is committed once,
so it may run twice and needs no lock. Results are counts, not rows, so the driver's memory is constant.
"""

from __future__ import annotations

from functools import lru_cache

from . import _conviction
from ._conviction import Plan

Task = tuple[tuple[str, str, str], str]
"""Recipe of a plan, and the store for its parts."""


@lru_cache(maxsize=4)
def _plan(recipe: tuple[str, str, str]) -> Plan:
    return _conviction.plan(*recipe)


def do_part(task: Task, part: int) -> tuple[int, int]:
    """Simulates one part; returns the number of runs, and how many of them failed."""
    recipe, url = task
    return _plan(recipe).part(url, part)


Done = tuple[int, "tuple[int, int] | BaseException"]
"""Part, and its runs and failed runs, or the error that it raised."""
