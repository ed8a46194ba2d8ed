"""The model as a function: points in, mean outcomes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from . import _conviction
from ._conviction import Table
from ._progress import Told, telling


@runtime_checkable
class ArrowStream(Protocol):
    """Whatever gives rows over Arrow's PyCapsule interface: a table of pyarrow, a frame of polars or pandas."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


def evaluate(
    points: ArrowStream | Mapping[str, Iterable[Any]] | Iterable[Iterable[float]],
    outcomes: Sequence[str] = ("funds", "proposals_granted"),
    replicates: int = 100,
    seed: int = 0,
    *,
    names: Sequence[str] | None = None,
    progress: Told = False,
    **settings: Any,
) -> Table:
    """The mean outcomes of points: for whoever samples, searches or analyses by function values.

    Replicate k meets the same random world at every point, so that differences between points are those of the
    settings.

    Args:
        points: a row per point, and a column per key that is varied: a DataFrame, an Arrow table, a dict of
            columns; or an array of shape (points, keys), with ``names``.
        outcomes: columns of the table ``runs``: ``schema().columns`` lists them with their units.
        replicates: runs per point.
        seed: the root seed.
        names: the keys of the columns of an array.
        progress: as in :func:`sweep`.
        settings: what holds at every point, as in :func:`run`.

    Returns:
        A row per point in their order, and a column per outcome: its mean over the runs that reached their horizon
        and in which it is not empty, null where there are none. The column ``completed`` says how many runs reached
        their horizon.

    Raises:
        ValueError: with everything that is wrong, a line each.
    """
    plan = _conviction.points_plan(_stream(points, names), settings, replicates, seed)
    with telling(progress) as told:
        return plan.evaluate(list(outcomes), told)


def _stream(points: Any, names: Sequence[str] | None) -> ArrowStream:
    """Points as an Arrow stream."""
    if names is not None:
        rows = points.tolist() if hasattr(points, "tolist") else [list(row) for row in points]
        wrong = next((len(row) for row in rows if len(row) != len(names)), None)
        if wrong is not None:
            raise ValueError(f"points: a row has {wrong} values, but there are {len(names)} names")
        return _conviction.columns({name: [row[place] for row in rows] for place, name in enumerate(names)})
    if isinstance(points, ArrowStream):
        return points
    if isinstance(points, Mapping):
        return _conviction.columns({name: list(column) for name, column in points.items()})
    raise ValueError("points: an array has no names of its own; say which keys its columns are: names=[…]")
