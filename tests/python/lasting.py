"""Specs of sweeps that last for a while, however this program was built and whatever else the machine does."""

import json
import subprocess

from test_reading import PROGRAM

SPEC = """
replicates = 256
days = {days}

[initial]
participants = 5

[axes]
beta = [0.1, 0.2, 0.3, 0.4]
rho = [1e-4, 1e-3]

[output]
tables = ["runs", "days"]
every = 20
"""
RUNS = 8 * 256


def write_spec(place, seconds):
    """Writes `spec.toml` for a sweep in 32 parts or more, of at least so many seconds of a core."""
    for days in (4 << doubled for doubled in range(9)):
        (place / "spec.toml").write_text(SPEC.format(days=days))
        command = [PROGRAM, "sweep", "spec.toml", "--dry-run", "--format", "json"]
        said = json.loads(subprocess.run(command, cwd=place, check=True, capture_output=True).stdout)
        assert said["parts"] >= 32
        if said["seconds"] * said["threads"] >= seconds:
            return
