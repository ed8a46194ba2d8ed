"""Results of sweeps: tables in memory, or a dataset in a store."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from . import _conviction
from ._conviction import Table


class Dataset(Mapping[str, Table]):
    """The tables of a sweep, by name: ``dataset["runs"]``.

    ``points`` contains every setting of every point. ``url`` is the place of the dataset, ``None`` in memory;
    ``failed`` is the number of runs simulated by this call that failed: their rows state the reason.
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
        """Returns a pattern of the files of a table, for direct scans of Parquet: ``polars.scan_parquet``, ``duckdb``.

        Raises:
            ValueError: when the dataset is in memory, or lacks the table.
        """
        if self.url is None or table not in self._tables:
            raise ValueError(f"{table}: no files; the dataset is in memory, or has other tables: {list(self)}")
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
    """Returns the place as text; paths become absolute, so that workers in other directories find them."""
    text = os.fspath(url)
    return text if "://" in text else os.path.abspath(text)


def open(url: str | os.PathLike[str]) -> Dataset:
    """Opens a dataset: a directory, or ``s3://bucket/name``.

    Returns:
        Its tables by name, each read part by part on use and checked against the recorded checksums.

    Raises:
        ValueError: when the dataset is missing or damaged.
    """
    url = place(url)
    tables, spec = _conviction.manifest(url)
    stored: dict[str, Any] = {name: _conviction.open_table(url, name) for name in tables}
    return Dataset(url, stored, _conviction.open_table(url), spec)
