"""Types of the compiled Rust module."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ._evaluate import ArrowStream

__version__: str
RESULTS_VERSION: int

Progress = Callable[[int, int], object]

class SweepError(RuntimeError):
    """A sweep failed. Complete parts are kept, and repeating the call continues it."""

    parts: Sequence[int]
    """Numbers of the failed parts; empty if no part is at fault."""

class Table:
    """A table of Arrow columns.

    Libraries that accept Arrow's PyCapsule interface read it without a copy: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``; in DuckDB, a query names the variable
    that holds it. The rows of a stored dataset are read part by part, and checked against their recorded
    checksums.
    """

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    @property
    def columns(self) -> list[str]:
        """Column names, in order."""
    @property
    def rows(self) -> int | None:
        """Number of rows; ``None`` if counting would require reading them."""
    def about(self, column: str) -> dict[str, str]:
        """Returns the ``meaning`` of a column, its ``unit``, and its ``role`` in a study, if it has them."""

class Plan:
    """Plan of a spec: points, runs, and the parts into which runs are divided."""

    @property
    def points(self) -> int:
        """Number of points."""
    @property
    def runs(self) -> int:
        """Number of runs: points times replicates."""
    @property
    def parts(self) -> int:
        """Number of parts into which the runs are divided, and the maximum number of workers of an executor with work."""
    @property
    def spec(self) -> str:
        """Spec with every default filled in, as TOML with absolute paths: equal texts mean equal sweeps."""
    @property
    def recipe(self) -> tuple[str, str, str]:
        """Arguments of ``plan`` that recreate this plan in any process."""
    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
    @property
    def warnings(self) -> list[str]:
        """Warnings about settings that are valid but probably not intended, one per line."""
    @property
    def seconds(self) -> float:
        """Expected seconds of all runs on one core."""
    @property
    def bytes(self) -> float:
        """Expected bytes of all tables on the disk."""
    def settings(self) -> Table:
        """Returns every setting of every point: one row per point, one column per setting."""
    def begin(self, url: str, resume: bool) -> None:
        """Begins the dataset at ``url``; with ``resume``, also joins an existing one of the same spec."""
    def missing(self, url: str) -> list[int]:
        """Returns the numbers of the parts that are incomplete at ``url``."""
    def lost(self, url: str) -> list[int]:
        """Returns the numbers of the parts that ``url`` lacks although their workers reported them complete."""
    def part(self, url: str, number: int) -> tuple[int, int]:
        """Simulates one part of the dataset at ``url``, unless it is complete.

        Returns the number of simulated runs, and how many of them failed. A part may be simulated twice, even at
        the same time: its bytes are the same, and it is committed once.
        """
    def sweep(self, url: str, resume: bool, progress: Progress | None) -> tuple[int, int]: ...
    def collect(
        self, progress: Progress | None
    ) -> tuple[dict[str, Table], int, BaseException | None]: ...
    def evaluate(self, outcomes: Sequence[str], progress: Progress | None) -> Table: ...

def plan(spec: str | Mapping[str, Any], source: str, directory: str) -> Plan: ...
def points_plan(given: ArrowStream, settings: Mapping[str, Any], replicates: int, seed: int) -> Plan: ...
def columns(given: Mapping[str, Iterable[Any]]) -> Table: ...
def unpickled(stream: bytes) -> Table: ...
def open_table(url: str, table: str | None = None) -> Table: ...
def manifest(url: str) -> tuple[list[str], str]: ...
def run(
    spec: str | Mapping[str, Any],
    source: str,
    directory: str,
    settings: Mapping[str, Any],
    seed: int | None,
    detail: bool,
) -> tuple[dict[str, Any], dict[str, Table], str]: ...
def robust(
    url: str,
    objectives: Sequence[str],
    world: str | None,
    base: int,
    reference: int,
    levers: Sequence[str] | None,
    is_relative: bool,
    pareto_quantile: float | None,
) -> tuple[str, Table]: ...
def discover(
    url: str,
    condition: str,
    inputs: Sequence[str],
    lever: int | None,
    threshold: float,
    step: int | None,
    hold_out: float,
    shares: tuple[float, float, float],
    objective: str,
) -> tuple[str, Table]: ...
def search(
    spec: tuple[str | Mapping[str, Any], str, str],
    url: str,
    objectives: Sequence[str],
    sizes: tuple[int, int, int],
    epsilon: float,
    worst_of: int | None,
    resume: bool,
    progress: Progress | None,
) -> tuple[str, Table]: ...
def sensitivity(url: str, outcomes: Sequence[str], combination: int) -> tuple[str, Table]: ...
def schema() -> tuple[Table, Table]: ...
def presets() -> Table: ...
def trigger(
    preset: str | None, asked: Mapping[str, float], largest_passable: bool, attack_shares: Sequence[float]
) -> tuple[dict[str, float | None], Table, Table]: ...
