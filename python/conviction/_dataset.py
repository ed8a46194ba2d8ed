"""What a sweep leaves: tables in memory, or a dataset in a store."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from . import _conviction
from ._conviction import Table


class Dataset(Mapping[str, Table]):
    """The tables of a sweep, by name: ``dataset["runs"]``.

    ``points`` holds every setting of every point. ``url`` is where the dataset lies, ``None`` in memory;
    ``failed`` is how many of the runs simulated by this call failed: their rows say why.
    """

    def __init__(
        self,
        url: str | None,
        tables: Mapping[str, Table],
        points: Table,
        spec: str,
        failed: int | None = None,
    ) -> None:
        self.url = url
        self.points = points
        self.spec = spec
        self.failed = failed
        self._tables = dict(tables)

    def __getitem__(self, table: str) -> Table:
        return self._tables[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def files(self, table: str) -> str:
        """A pattern of the files of a table, for what scans Parquet by itself: ``polars.scan_parquet``, ``duckdb``.

        Raises:
            ValueError: when the dataset lies in memory, or has no such table.
        """
        if self.url is None or table not in self._tables:
            raise ValueError(f"{table}: has no files; the dataset lies in memory, or has other tables: {list(self)}")
        return f"{self.url}/{table}/*.parquet"

    def __repr__(self) -> str:
        return f"<conviction.Dataset {self.url or 'in memory'}: {', '.join(self._tables)}>"

    def _repr_html_(self) -> str:
        from html import escape

        items = "".join(f"<li>{escape(name)}: {escape(repr(table))}</li>" for name, table in self._tables.items())
        return (
            f"<p>{escape(self.url or 'in memory')}</p><ul>{items}</ul>"
            f"<details><summary>spec</summary><pre>{escape(self.spec)}</pre></details>"
        )


def place(url: str | os.PathLike[str]) -> str:
    """The place as text; a path in full, so that whoever works elsewhere finds it too."""
    text = os.fspath(url)
    return text if "://" in text else os.path.abspath(text)


def open(url: str | os.PathLike[str]) -> Dataset:
    """Opens a dataset: a directory, or ``s3://bucket/name``.

    Returns:
        Its tables by name, each read part by part where it is used, held against the recorded sums.

    Raises:
        ValueError: when there is no dataset, or it is broken.
    """
    url = place(url)
    tables, spec = _conviction.manifest(url)
    stored: dict[str, Any] = {name: _conviction.open_table(url, name) for name in tables}
    return Dataset(url, stored, _conviction.open_table(url), spec)
