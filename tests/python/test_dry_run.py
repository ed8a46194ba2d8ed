"""What a sweep of a billion runs would take is said at once, and is sane."""

import json
import os
import resource
import subprocess

from test_reading import PROGRAM

SPEC = """
replicates = 1_000_000

[axes]
beta = { from = 0.1, to = 0.4, steps = 10 }
rho = { from = 1e-4, to = 1e-2, steps = 100, scale = "log" }
"""


def test_a_billion_runs(tmp_path):
    (tmp_path / "spec.toml").write_text(SPEC)
    command = [PROGRAM, "sweep", "spec.toml", "--dry-run", "--format", "json", "--out", "data"]

    def seconds():
        """Of a core: whatever else this machine does meanwhile."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = seconds()
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert seconds() - before < 1.0
    said = json.loads(said)
    assert said["runs"] == 1_000_000_000 and said["points"] == 1000
    # Parts of no more than half a minute and a million rows, of which a cluster can do thousands at once.
    assert 1_000 < said["parts"] < 100_000
    core_seconds = said["seconds"] * said["threads"]
    assert 10e-6 < core_seconds / said["runs"] < 10e-3
    assert 50 < said["bytes"] / said["runs"] < 1_000
    assert 1e6 < said["bytes_of_memory_per_thread"] < 1e9
    assert said["threads"] <= os.cpu_count()
    assert not (tmp_path / "data").exists()
