"""Lists settings and columns."""

from __future__ import annotations

from typing import NamedTuple

from . import _conviction
from ._conviction import Table


class Schema(NamedTuple):
    """Every setting and every column, one row each."""

    settings: Table
    """``key``, ``default``, ``unit``, ``domain``, ``meaning``, ``extension``."""
    columns: Table
    """``table``, ``column``, ``type``, ``unit``, ``meaning``, ``extension``."""


def schema() -> Schema:
    """Lists the settings, and the columns of runs and sweeps.

    Returns:
        Two tables of text: ``settings``, one row per key, and ``columns``, one row per column of each table;
        ``polars.DataFrame(conviction.schema().settings)`` shows them.
    """
    return Schema(*_conviction.schema())
