"""A sweep on a Ray cluster of one-CPU nodes, into a real S3 server.

The test kills a node midway, adds another late, and kills and restarts the driver. The objects are byte-identical to
those of a sweep by threads, and each part is committed once. `scripts/test-cluster` runs the test in a separate network,
since Ray uses the machine's address despite an option for loopback.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyarrow.fs import FileSelector

import conviction

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/python"))
from test_stores import BUCKET, Server  # noqa: E402

PORT = 6390

# Half a minute of a core in a build with assertions, so that nodes and drivers are killed midway.
SPEC = """
replicates = 800
days = 400

[initial]
participants = 60

[axes]
beta = [0.1, 0.2, 0.3, 0.4]

[output]
tables = ["runs", "days"]
every = 20
"""

# Checks health every second, so that Ray notices a dead node within seconds instead of half a minute.
HEALTH = (
    '{"health_check_initial_delay_ms":1000,"health_check_period_ms":1000,"health_check_timeout_ms":3000,'
    '"health_check_failure_threshold":4}'
)


class Cluster:
    """Cluster on loopback: a head without CPUs, and nodes of one CPU each."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.place, self.environment = place, environment
        self.nodes: list[subprocess.Popen[bytes]] = []
        self.start("--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false", f"--system-config={HEALTH}")
        wait(lambda: socket.socket().connect_ex(("127.0.0.1", PORT)) == 0, 60)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        common = ["--node-ip-address=127.0.0.1", "--object-store-memory=80000000", "--disable-usage-stats", "--block"]
        command = [str(Path(sys.executable).with_name("ray")), "start", *options, *common]
        with open(self.place / f"node{len(self.nodes)}.log", "wb") as log:
            node = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment, start_new_session=True)
        self.nodes.append(node)
        return node

    def join(self) -> subprocess.Popen[bytes]:
        """Starts a node, and waits until it has joined."""
        log = self.place / f"node{len(self.nodes)}.log"
        node = self.start(f"--address=127.0.0.1:{PORT}", "--num-cpus=1")
        wait(lambda: node.poll() is not None or "will now block" in log.read_text(), 120)
        assert node.poll() is None, log.read_text()
        return node

    def stop(self) -> None:
        for node in reversed(self.nodes):
            kill(node)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def wait(until: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "s3")
    yield server
    server.kill()


@pytest.fixture
def cluster(tmp_path: Path, server: Server) -> Iterator[Cluster]:
    quiet = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        # Allows for a busy machine.
        "RAY_raylet_start_wait_time_s": "120",
        "RAY_ADDRESS": f"127.0.0.1:{PORT}",
    }
    cluster = Cluster(tmp_path, server.environment() | quiet)
    yield cluster
    cluster.stop()


DRIVER = """
import conviction, resource, sys
spec, place = sys.argv[1:]
conviction.sweep(spec, place, engine="ray", progress=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MiB of memory at most")
"""


def test_nodes_and_the_driver_may_die(tmp_path: Path, server: Server, cluster: Cluster) -> None:
    parts = conviction.plan(SPEC).parts
    assert parts >= 16
    place = f"s3://{BUCKET}/study"

    def drive() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", DRIVER, SPEC, place]
        return subprocess.Popen(command, env=cluster.environment, start_new_session=True)

    def records() -> dict[str, object]:
        """Returns the time at which each part's record was written."""
        found = server.files.get_file_info(FileSelector(f"{BUCKET}/study/parts", allow_not_found=True))
        return {info.base_name: info.mtime_ns for info in found if info.base_name.startswith("part-")}

    begun = time.monotonic()
    first, second = cluster.join(), cluster.join()
    driver = drive()
    wait(lambda: len(records()) >= 2, 120)
    kill(first)
    cluster.join()
    print(f"{time.monotonic() - begun:.0f} s: a node killed after {len(records())} of {parts} parts, another joins")
    wait(lambda: len(records()) >= parts // 2, 120)
    kill(driver)
    before = records()
    print(f"{time.monotonic() - begun:.0f} s: the driver killed after {len(before)} parts")
    assert len(before) < parts and second.poll() is None
    assert drive().wait(timeout=240) == 0
    print(f"{time.monotonic() - begun:.0f} s: all {parts} parts by another driver")
    after = records()
    assert len(after) == parts
    # No part is committed twice.
    assert {name: after[name] for name in before} == before

    conviction.sweep(SPEC, tmp_path / "local", progress=False)
    local = {
        str(path.relative_to(tmp_path / "local")): path.read_bytes()
        for path in (tmp_path / "local").rglob("*")
        if path.is_file()
    }
    assert server.objects("study") == local
    # A third driver has no work.
    assert drive().wait(timeout=120) == 0
    assert records() == after
