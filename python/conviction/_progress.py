"""Shows the progress of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = bool | Callable[[int, int], object]
"""True to show a bar; or a function to call with the completed and the total number of runs."""


@contextmanager
def telling(progress: Told) -> Iterator[Callable[[int, int], object] | None]:
    """Yields the function to call with progress; a bar lives as long as the block."""
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
