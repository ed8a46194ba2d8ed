"""One run in detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from . import _conviction
from ._conviction import Table
from ._spec import Spec, read


@dataclass(frozen=True)
class Run:
    """One run: what it came to, and its tables."""

    summary: Mapping[str, Any]
    """What it came to, by the columns of the table ``runs``: ``status``, ``funds`` (Honey), ``proposals_granted``,
    ``median_days_to_pass`` … ``schema().columns`` says what each means. ``None`` where a value is empty."""
    tables: Mapping[str, Table]
    """``days``, a row per day from 0 to the horizon; in detail also ``participants``, ``proposals``,
    ``support_edges``, ``influence``, ``conflict``. Of ``rules="v3"`` also ``published``: the days from 1 on under the
    names of the published program's DataFrame, as its ``postprocessing`` leaves it."""
    spec: str
    """The setting as TOML: ``conviction.run(run.spec)`` is this run again."""

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={_shown(self.summary[name])}" for name in _SHOWN if name in self.summary)
        return f"<conviction.Run {said}; tables: {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(_shown(value))}</td></tr>"
            for name, value in self.summary.items()
        )
        tables = ", ".join(f"{escape(name)} ({table.rows} rows)" for name, table in self.tables.items())
        return (
            f"<table>{rows}</table><p>tables: {tables}</p>"
            f"<details><summary>spec</summary><pre>{escape(self.spec)}</pre></details>"
        )


_SHOWN = ("status", "reason", "last_day", "funds", "proposals_granted", "median_days_to_pass", "sentiment")


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def run(spec: Spec | None = None, /, *, seed: int | None = None, detail: bool = False, **settings: Any) -> Run:
    """Simulates one run.

    Args:
        spec: where to start from: a path, TOML text, or a dict, as ``conviction run --config`` takes it; the
            defaults, 1Hive on 2020-08-05, if none is given.
        seed: the root seed; that of the spec, or 0, if none is given.
        detail: also keep every participant, proposal and edge of every day.
        settings: what to change, by key: ``beta=0.3``, ``rules="v3"``, ``days=365``. A key with a dot is a dict,
            ``initial={"funds": 10_000.0}``, or ``**{"initial.funds": 10_000.0}``. ``schema().settings`` lists all.
            ``preset="tec"`` sets the keys of a preset, which the other settings override.

    Returns:
        The run: ``.summary``, ``.tables["days"]`` …, and ``.spec``.

    Raises:
        ValueError: with everything that is wrong, a line each.
    """
    text, source, directory = read({} if spec is None else spec)
    return Run(*_conviction.run(text, source, directory, settings, seed, detail))
