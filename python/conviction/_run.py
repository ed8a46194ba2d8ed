"""Simulates one run in detail."""

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
    """One run: its outcome and its tables."""

    summary: Mapping[str, Any]
    """Outcome, by the columns of the table ``runs``: ``status``, ``funds`` (Honey), ``proposals_granted``,
    ``median_days_to_pass`` … ``schema().columns`` describes them. ``None`` if a value is missing."""
    tables: Mapping[str, Table]
    """``days``, one row per day from 0 to the horizon; with ``detail`` also ``participants``, ``proposals``,
    ``support_edges``, ``influence``, ``conflict``. With ``rules="v3"`` also ``published``: the days from 1 on under
    the names of the published program's DataFrame, as its ``postprocessing`` returns it."""
    spec: str
    """Setting as TOML: ``conviction.run(run.spec)`` repeats this run."""

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
        spec: base setting: a path, TOML text, or a dict, as for ``conviction run --config``. Default: 1Hive on
            2020-08-05.
        seed: root seed. Default: that of the spec, or 0.
        detail: True to also keep every participant, proposal and edge of every day.
        settings: settings to change, by key: ``beta=0.3``, ``rules="v3"``, ``days=365``. Write keys with a dot as
            ``initial={"funds": 10_000.0}`` or ``**{"initial.funds": 10_000.0}``. ``schema().settings`` lists all.
            ``preset="tec"`` sets the keys of a preset, which the other settings override.

    Returns:
        The run: ``.summary``, ``.tables["days"]`` …, and ``.spec``.

    Raises:
        ValueError: with every fault, one per line.
    """
    text, source, directory = read({} if spec is None else spec)
    return Run(*_conviction.run(text, source, directory, settings, seed, detail))
