"""How far a sweep is, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = bool | Callable[[int, int], object]
"""Whether to show a bar; or what to call with the runs that are done and all there are."""


@contextmanager
def telling(progress: Told) -> Iterator[Callable[[int, int], object] | None]:
    """What hears of progress; a bar goes with the block."""
    if callable(progress):
        yield progress
        return
    if not progress:
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(unit=" runs", unit_scale=True) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
