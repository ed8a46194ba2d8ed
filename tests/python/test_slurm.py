"""A real Slurm on this machine, started by the test: arrays, a task that is killed and requeued, missing tasks alone."""

import os
import re
import shutil
import socket
import subprocess
import time

import pytest
from lasting import write_spec
from test_reading import PROGRAM, ROOT, conviction

NEEDED = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue"]

# Two nodes of a core each, which are this machine twice, without control groups, accounts or systemd. A credential
# expires after seconds: a task that is requeued waits until then.
CONFIG = """
ClusterName=sweeps
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket,cred_expire=5
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool-%n
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd-%n.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,defer
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=2
NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=1 RealMemory=100 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """Slurm with two nodes, everything of it below one directory."""

    def __init__(self, place):
        self.place = place
        (place / "state").mkdir(parents=True)
        place.chmod(0o755)
        key = place / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        host = socket.gethostname().split(".")[0]
        config = CONFIG.format(host=host, place=place, port=26_817, first=26_818, last=26_819)
        (place / "slurm.conf").write_text(config)
        self.environment = os.environ | {"SLURM_CONF": str(place / "slurm.conf")}
        files = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munged.pid"}
        files |= {"log-file": "munged.log", "seed-file": "munge.seed"}
        self.run("munged", "--force", *(f"--{name}={place / file}" for name, file in files.items()))
        self.run("slurmctld")
        for node in ("n1", "n2"):
            self.run("slurmd", "-N", node)
        self.until("both nodes are there", lambda: self.nodes() == "2")

    def run(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def nodes(self):
        return self.run("sinfo", "--noheader", "--format=%D", "--states=idle").strip()

    def until(self, what, condition, seconds=90):
        deadline = time.monotonic() + seconds
        while not condition():
            logs = (self.place / "slurmctld.log").read_text()[-3000:]
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n{logs}"
            time.sleep(0.2)

    def submit(self, tasks, directory):
        """The script that users are given, with one core for each task."""
        path = f"{PROGRAM.parent}:{self.environment['PATH']}"
        command = ["sbatch", f"--array={tasks}", "--cpus-per-task=1", f"--output={directory}/%a.out"]
        command += [ROOT / "scripts/sweep.sbatch", "spec.toml", "data"]
        done = subprocess.run(
            list(map(str, command)), cwd=directory, env=self.environment | {"PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return re.search(r"\d+", done.stdout).group()

    def tasks(self, state=None):
        """The tasks in a state, by name."""
        states = [f"--states={state}"] if state else []
        return self.run("squeue", "--noheader", "--array", "--format=%F_%K", *states).split()

    def stop(self):
        for name in ("slurmd-n1", "slurmd-n2", "slurmctld", "munged"):
            pid = self.place / f"{name}.pid"
            if pid.exists():
                os.kill(int(pid.read_text()), 15)


@pytest.fixture
def cluster(tmp_path):
    missing = [name for name in NEEDED if not shutil.which(name)]
    why = f"not installed: {', '.join(missing)}; scripts/test installs them" if missing else None
    if os.geteuid() != 0:
        why = "Slurm can be started by the superuser only"
    if why:
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    cluster = Cluster(tmp_path / "slurm")
    yield cluster
    cluster.stop()


def files(directory):
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_an_array_gives_the_bytes_of_one_process(cluster, tmp_path):
    place = tmp_path / "study"
    place.mkdir()
    write_spec(place, 8)
    # Tasks 3 and 5 of the eight are missing at first, and one of the others is killed and requeued.
    job = cluster.submit("0-2,4,6-7", place)
    cluster.until("a task is running", lambda: cluster.tasks("running"))
    killed = cluster.tasks("running")[0]
    cluster.until("it has written something", lambda: list(place.glob("data/runs/*.parquet")))
    cluster.run("scontrol", "requeue", killed)
    cluster.until("the tasks are done", lambda: not cluster.tasks())
    requeued = cluster.run("scontrol", "show", "job", killed)
    assert "Restarts=1" in requeued and "JobState=COMPLETED" in requeued, requeued

    def verify(status):
        done = subprocess.run([PROGRAM, "verify", "data"], cwd=place, capture_output=True, text=True)
        assert done.returncode == status, done.stdout
        return done.stdout

    outputs = [path.read_text() for path in place.glob("*.out")]
    missing = [int(part) for part in re.findall(r"missing  part (\d+)", verify(1))]
    assert missing and {part % 8 for part in missing} == {3, 5}, (missing, outputs)
    cluster.submit("3,5", place)
    cluster.until("the missing tasks are done", lambda: not cluster.tasks())
    verify(0)
    conviction("sweep", "spec.toml", "--out", "local", cwd=place)
    local, data = files(place / "local"), files(place / "data")
    assert sorted(data) == sorted(local), job
    assert [name for name in local if data[name] != local[name]] == []
