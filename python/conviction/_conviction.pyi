"""What the library in Rust gives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ._evaluate import ArrowStream

__version__: str
RESULTS_VERSION: int

Progress = Callable[[int, int], object]

class SweepError(RuntimeError):
    """A sweep could not be done. Whole parts are kept, and the same call goes on where it stopped."""

    parts: Sequence[int]
    """The numbers of the parts that failed; none where it was no part's fault."""

class Table:
    """A table of Arrow columns.

    Whatever takes Arrow's PyCapsule interface takes it without a copy: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``, and in DuckDB a query names the variable
    that holds it. The rows of a dataset that lies in a store are read part by part, and held against their
    recorded sums.
    """

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    @property
    def columns(self) -> list[str]:
        """The columns' names, in order."""
    @property
    def rows(self) -> int | None:
        """How many rows there are; ``None`` where only reading them would tell."""
    def about(self, column: str) -> dict[str, str]:
        """What a column means (``meaning``), its ``unit``, and its ``role`` in a study, as far as it has them."""

class Plan:
    """What a spec makes: points, runs and the parts that these are cut into."""

    @property
    def points(self) -> int:
        """How many points there are."""
    @property
    def runs(self) -> int:
        """How many runs there are: points times replicates."""
    @property
    def parts(self) -> int:
        """How many parts the runs are cut into: as many cores can work at once."""
    @property
    def spec(self) -> str:
        """The spec with every default filled in, as TOML, its paths absolute: equal texts mean equal sweeps."""
    @property
    def recipe(self) -> tuple[str, str, str]:
        """The arguments of ``plan`` that make this plan again, in any process."""
    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
    @property
    def warnings(self) -> list[str]:
        """What can be simulated but is hardly meant, a line each."""
    @property
    def seconds(self) -> float:
        """Seconds that all runs are expected to take on one core."""
    @property
    def bytes(self) -> float:
        """Bytes that all tables are expected to take on the disk."""
    def settings(self) -> Table:
        """Every setting of every point: a row per point, a column per setting."""
    def begin(self, url: str, resume: bool) -> None:
        """Begins the dataset at ``url``; with ``resume`` also joins one of the same spec that is there."""
    def missing(self, url: str) -> list[int]:
        """The numbers of the parts that are not whole at ``url``."""
    def part(self, url: str, number: int) -> tuple[int, int]:
        """Does one part into the dataset at ``url``, unless it is whole there.

        Returns how many runs were simulated, and how many of them failed. A part may be done twice, at the same
        time too: its bytes are the same, and it is committed once.
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
