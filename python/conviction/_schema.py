"""What can be set, and what is written."""

from __future__ import annotations

from typing import NamedTuple

from . import _conviction
from ._conviction import Table


class Schema(NamedTuple):
    """Every setting and every column, a row each."""

    settings: Table
    """``key``, ``default``, ``unit``, ``domain``, ``meaning``, ``extension``."""
    columns: Table
    """``table``, ``column``, ``type``, ``unit``, ``meaning``, ``extension``."""


def schema() -> Schema:
    """What can be set and swept, and what runs and sweeps leave.

    Returns:
        Two tables of text: ``settings``, a row per key, and ``columns``, a row per column of each table;
        ``polars.DataFrame(conviction.schema().settings)`` shows them.
    """
    return Schema(*_conviction.schema())
