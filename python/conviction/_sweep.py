"""Sweeps."""

from __future__ import annotations

import os
import warnings

from . import _dataset
from ._dataset import Dataset
from ._engines import Executor, share_out
from ._progress import Told, telling
from ._spec import Spec, plan


def sweep(
    spec: Spec,
    out: str | os.PathLike[str] | None = None,
    *,
    engine: Executor | str | None = None,
    progress: Told = True,
    resume: bool = True,
) -> Dataset:
    """Simulates every run of a spec.

    Args:
        spec: a path, TOML text, or a dict of the same tables.
        out: where to write the dataset: a directory, or ``s3://bucket/name``; in memory if none is given. The
            files are those of ``conviction sweep`` for the same spec, to the byte.
        engine: who does the parts: the threads of this process (``None``), the nodes of a Ray cluster (``"ray"``),
            or anything with the ``submit`` of ``concurrent.futures.Executor``. Engines write into ``out``.
        progress: whether to show a bar; or what to call with the runs that are done and all there are.
        resume: whether to finish a dataset of the same spec that is there; else it is refused.

    Returns:
        The tables by name: ``runs``, a row per run, and what else ``[output]`` asks for: ``tables``, or the
            columns of one, as in ``days = ["funds"]``.

    Raises:
        ValueError: with everything that is wrong with the spec, a line each; or when ``out`` holds something else.
        SweepError: when parts could not be done; ``.parts`` are their numbers.
        KeyboardInterrupt: within 0.2 s of Ctrl-C. Whole parts are kept: the same call goes on where it stopped,
            and of a sweep in memory ``.dataset`` holds them.
    """
    planned = plan(spec)
    for warning in planned.warnings:
        warnings.warn(warning, stacklevel=2)
    if out is None:
        if engine is not None:
            raise ValueError("an engine writes into a store; say where: out=\"results\" or out=\"s3://bucket/name\"")
        with telling(progress) as told:
            tables, failed, asked = planned.collect(told)
        dataset = Dataset(None, tables, planned.settings(), planned.spec, failed)
        if asked is not None:
            asked.dataset = dataset  # type: ignore[attr-defined]
            raise asked
        return dataset
    url = _dataset.place(out)
    with telling(progress) as told:
        if engine is None:
            _, failed = planned.sweep(url, resume, told)
        else:
            failed = share_out(planned, url, engine, resume, told)
    dataset = _dataset.open(url)
    dataset.failed = failed
    return dataset
