"""Evaluates the model as a function: points in, mean outcomes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from . import _conviction
from ._conviction import Table
from ._progress import Told, telling


@runtime_checkable
class ArrowStream(Protocol):
    """Provider of rows through Arrow's PyCapsule interface: a pyarrow table, a polars or pandas frame."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


def evaluate(
    points: ArrowStream | Mapping[str, Iterable[Any]] | Iterable[Any],
    outcomes: Sequence[str] = ("funds", "proposals_granted"),
    replicates: int = 100,
    seed: int = 0,
    *,
    names: Sequence[str] | None = None,
    progress: Told = False,
    **settings: Any,
) -> Table:
    """Returns the mean outcomes of points, for sampling, optimisation and sensitivity analysis.

    Replicate k has the same random world at every point, so that differences between points are due to the
    settings.

    Args:
        points: one row per point, and one column per varied key: a DataFrame, LazyFrame, named Series, Arrow
            table, dict of columns or structured array; or an array of shape (points, keys), with ``names``. The
            unnamed index of a DataFrame is ignored.
        outcomes: columns of the table ``runs``: ``schema().columns`` lists them with their units.
        replicates: runs per point.
        seed: the root seed.
        names: the keys of an array's columns; with one key, the array may be one-dimensional.
        progress: as in :func:`sweep`.
        settings: settings of every point, as in :func:`run`.

    Returns:
        One row per point, in order, and one column per outcome: its mean over the runs that reached their horizon
        and have a value, null without such runs. The column ``completed`` is the number of runs that reached
        their horizon.

    Raises:
        ValueError: with every fault, one per line.
    """
    outcomes = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    _differ("outcomes", outcomes)
    plan = _conviction.points_plan(_stream(points, names), settings, replicates, seed)
    with telling(progress) as told:
        return plan.evaluate(outcomes, told)


def _stream(points: Any, names: Sequence[str] | None) -> ArrowStream:
    """Returns points as an Arrow stream."""
    if names is not None:
        return _named(points, [names] if isinstance(names, str) else list(names))
    if callable(getattr(points, "collect", None)):
        points = points.collect()  # a LazyFrame of polars
    if callable(getattr(points, "to_frame", None)):
        if not isinstance(points.name, str) or not points.name:
            raise ValueError(
                'points: a Series needs the name of its key, such as series.rename("beta"); for one row of a frame use '
                "frame.iloc[[0]], which is a frame"
            )
        points = points.to_frame()
    if isinstance(points, ArrowStream):
        return points
    if isinstance(points, Mapping):
        return _conviction.columns(dict(points))
    keys = getattr(getattr(points, "dtype", None), "names", None)
    if keys is not None:
        return _conviction.columns({key: points[key] for key in keys})
    if isinstance(points, Iterable) and not isinstance(points, str):
        raise ValueError("points: an array has no column names; pass the keys of its columns: names=[…]")
    raise ValueError(f"points: found {type(points).__name__}, expected a DataFrame, a dict of columns or an array")


def _named(points: Any, names: list[str]) -> ArrowStream:
    """Returns the columns of an array by key."""
    if isinstance(points, Mapping) or hasattr(points, "columns"):
        raise ValueError("names: the points already have column names; rename the columns, or omit names")
    _differ("names", names)
    rows = points.tolist() if hasattr(points, "tolist") else list(points)
    if len(names) == 1 and not any(isinstance(row, Iterable) for row in rows):
        rows = [[row] for row in rows]
    if not all(isinstance(row, Iterable) for row in rows):
        raise ValueError(
            f"points: an array of one dimension for {len(names)} names; reshape it to (points, {len(names)})"
        )
    rows = [list(row) for row in rows]
    wrong = next((len(row) for row in rows if len(row) != len(names)), None)
    if wrong is not None:
        raise ValueError(f"points: a row has {wrong} values, but there are {len(names)} names")
    return _conviction.columns({name: [row[place] for row in rows] for place, name in enumerate(names)})


def _differ(argument: str, names: list[str]) -> None:
    """Raises an error if a name is repeated."""
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ValueError(f"{argument}: {twice} is listed twice; list it once")
