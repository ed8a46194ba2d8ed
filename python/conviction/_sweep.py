"""Simulates sweeps."""

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
        out: place of the dataset: a directory, or ``s3://bucket/name``. Default: in memory. The files equal those of
            ``conviction sweep`` for the same spec, byte for byte.
        engine: workers that simulate the parts: the threads of this process (``None``), the nodes of a Ray cluster
            (``"ray"``), or an object with the ``submit`` of ``concurrent.futures.Executor``. Engines require ``out``.
        progress: True to show a bar; or a function to call with the completed and the total number of runs.
        resume: True to complete an existing dataset of the same spec, False to refuse it.

    Returns:
        The tables by name: ``runs``, one row per run, and those that ``[output]`` requests: in ``tables``, or by
            columns, as in ``days = ["funds"]``.

    Raises:
        ValueError: with every fault of the spec, one per line; or when ``out`` contains something else.
        SweepError: when parts failed; ``.parts`` are their numbers.
        KeyboardInterrupt: within 0.2 s of Ctrl-C. Complete parts are kept: repeating the call continues the sweep,
            and ``.dataset`` holds those of a sweep in memory.
    """
    planned = plan(spec)
    for warning in planned.warnings:
        warnings.warn(warning, stacklevel=2)
    if out is None:
        if engine is not None:
            raise ValueError("an engine requires a store; pass out=\"results\" or out=\"s3://bucket/name\"")
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
