"""A study: a spec, a query and words of one name."""

import hashlib
import json
import re
import resource
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .estimates import Estimate

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = ROOT / "sweeps"
# A quick run has at least so many uncertain points, or as many as `least` of the words, where runs take long.
LEAST = 12


def plain(value):
    """A value of DuckDB as JSON has it."""
    return value if isinstance(value, str) else float(value)


@dataclass
class Program:
    """The command-line program, and the threads of its sweeps."""

    path: Path
    threads: int = 1

    def _run(self, directory, *arguments):
        command = [self.path, *map(str, arguments)]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sweep(self, directory, spec, seed=None):
        """Sweeps a spec into directory/data; returns the seconds of processor time."""
        (directory / "spec.toml").write_text(spec)
        seeds = [] if seed is None else ["--set", f"seed={seed}"]
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._run(directory, "sweep", "spec.toml", "--out", "data", "--threads", self.threads, "--quiet", *seeds)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime

    def ask(self, directory, *arguments):
        """Returns the answer of a command, from JSON."""
        return json.loads(self._run(directory, *arguments, "--format", "json"))


def fewer_worlds(spec, share, least=LEAST, key=None):
    """A spec with one in so many of its worlds; of a design by powers of two, whose key is given, a power of two.

    Replicates that all uncertain points share are reduced to four.
    """
    shared = re.search(r"^replicates = (\d+)$", spec, re.M)
    if int(shared[1]) > 4 and not key:
        spec = spec.replace(shared[0], "replicates = 4")
        least //= 2
    pattern = key or r"(\[design\.uncertainties\][^\[]*?\npoints = )"

    def fewer(found):
        count = max(least, int(found[2]) // share)
        return found[1] + str(1 << (count - 1).bit_length() if key else count)

    text, found = re.subn(pattern + r"(\d+)", fewer, spec, count=1)
    assert found == 1, "expected the number of uncertain points"
    return text


class Study:
    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.spec = path.read_text()
        self.read = tomllib.loads(self.spec)
        self.words = tomllib.loads((SWEEPS / "findings" / path.name).read_text())
        self.query = path.with_suffix(".sql").read_text()
        self.uncertain = list(self._keys(self.read.get("uncertainties", {})))

    def _keys(self, table, prefix=""):
        """The names of axes: nested tables, but those that are ranges."""
        for key, value in table.items():
            if isinstance(value, dict) and "from" not in value:
                yield from self._keys(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"

    def sha(self, quick):
        """Returns the hash of all that results depend on: the spec, its criteria and the query."""
        return hashlib.sha256(f"{self.spec}{self.query}{quick}".encode()).hexdigest()

    def scaled(self, share):
        """The spec with a share of its worlds."""
        return fewer_worlds(self.spec, share, self.words.get("least", LEAST), self.words.get("scaled_by"))

    def run(self, program, spec, seed=None):
        """Sweeps, queries, and returns what was found, with the seconds of processor time and the bytes that it took."""
        with tempfile.TemporaryDirectory() as directory:
            directory = Path(directory)
            seconds = program.sweep(directory, spec, seed)
            files = [file for file in (directory / "data").rglob("*") if file.is_file()]
            found = self.estimate(directory / "data")
            return found | {"seconds": seconds, "bytes": sum(file.stat().st_size for file in files)}

    def streams(self, data):
        """Returns the number of random worlds that all uncertain points share; 1 where each has its own."""
        spec = tomllib.loads(tomllib.loads((data / "dataset.toml").read_text())["spec"])
        return spec["replicates"] if self.uncertain and spec["randomness"] == "common" else 1

    def estimate(self, data):
        with duckdb.connect() as database:
            # One thread, so that sums have one order.
            database.execute("set threads = 1; set preserve_insertion_order = true")
            for table in ["runs", "days", "proposals"]:
                if (data / table).is_dir():
                    database.execute(f"create view {table} as from '{data}/{table}/*.parquet'")
            database.execute(f"create view points as from '{data}/points.parquet'")
            order = ", ".join(f'"{name}"' for name in self.uncertain)
            streams = self.streams(data)
            if order:
                number = f"{streams} * dense_rank() over (order by {order}) + replicate % {streams}"
                database.execute(f"create view worlds as select *, {number} as world from runs")
            database.execute(f"set variable streams = {streams}")
            database.execute(self.query)
            database.execute((SWEEPS / "queries/estimates.sql").read_text())
            views = {name for (name,) in database.execute("select table_name from information_schema.tables").fetchall()}

            def rows(view):
                return database.execute(f"from {view}").fetchall() if view in views else []

            curves = {name: (float(factor), float(rate)) for name, factor, rate in rows("curves")}
            estimates = {
                row[0]: Estimate(*row[1:], *curves.get(row[0], (None, None)))
                for row in database.execute("from estimated()").fetchall()
            }
            count, failed = database.execute(
                "select count(*), count(*) filter (status = 'failed') from runs"
            ).fetchone()
            return {
                "estimates": estimates,
                "facts": {name: float(value) for name, value in rows("facts")},
                "picture": [list(map(plain, row)) for row in rows("picture")],
                "theory": [list(map(plain, row)) for row in rows("theory")],
                "runs": count,
                "failed": failed,
            }
