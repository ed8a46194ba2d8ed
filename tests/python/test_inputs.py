"""What somebody else wrote: read in every usual form, or refused with a way out; never a panic, never a wait."""

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_reading import PROGRAM, conviction, sweep

BY_FILE = 'days = 5\n[design]\nkind = "file"\npath = "{}"\n'


def refused(*arguments, cwd, status=2):
    """What the program says when it refuses something."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, timeout=60)
    error = done.stderr.decode()
    assert done.returncode == status, error
    assert "panicked" not in error
    return error


def points_of(place, path):
    (place / "spec.toml").write_text(BY_FILE.format(path))
    conviction("sweep", "spec.toml", "--out", f"of-{path}", cwd=place)
    return pd.read_parquet(place / f"of-{path}/points.parquet")


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
def test_points_are_read_however_they_are_compressed(tmp_path, codec):
    table = pa.table({"beta": [0.2, 0.3], "rules": ["v3", "corrected"]})
    pq.write_table(table, tmp_path / "points.parquet", compression=codec)
    points = points_of(tmp_path, "points.parquet")
    assert points["beta"].tolist() == [0.2, 0.3]


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float32"])
def test_points_are_read_in_every_width(tmp_path, kind):
    frame = pd.DataFrame({"initial.participants": [10, 20]}, dtype=kind)
    frame["rules"] = pd.Categorical(["v3", "corrected"])
    frame.to_parquet(tmp_path / "points.parquet")
    assert "dictionary" in str(pq.read_schema(tmp_path / "points.parquet").field("rules").type)
    points = points_of(tmp_path, "points.parquet")
    assert points["initial.participants"].tolist() == [10, 20]


def test_a_category_left_out_is_an_empty_value(tmp_path):
    frame = pd.DataFrame({"rules": pd.Categorical(["v3", None])})
    frame.to_parquet(tmp_path / "points.parquet")
    (tmp_path / "spec.toml").write_text(BY_FILE.format("points.parquet"))
    error = refused("sweep", "spec.toml", "--out", "data", cwd=tmp_path)
    assert "points.parquet" in error and "empty value" in error


@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, end):
    os.mkfifo(tmp_path / f"pipe.{end}")
    (tmp_path / f"folder.{end}").mkdir()
    (tmp_path / f"zero.{end}").symlink_to("/dev/zero")
    huge = tmp_path / f"huge.{end}"
    huge.touch()
    os.truncate(huge, 5 << 30)
    said = {"pipe": "is a pipe", "folder": "is a directory", "zero": "is a device", "huge": "too large"}
    for name, message in said.items():
        (tmp_path / "spec.toml").write_text(BY_FILE.format(f"{name}.{end}"))
        assert message in refused("sweep", "spec.toml", "--out", "data", cwd=tmp_path)
        if end == "csv":
            assert message in refused("contract", "replay", f"{name}.csv", cwd=tmp_path)
    assert not (tmp_path / "data").exists()


def test_a_recording_of_a_pipe_is_refused_at_once(tmp_path):
    recordings = Path(__file__).resolve().parents[1] / "recordings"
    for file in ("scenario.json", "draws.parquet"):
        place = tmp_path / file
        shutil.copytree(recordings / "small", place)
        (place / file).unlink()
        os.mkfifo(place / file)
        assert "is a pipe" in refused("replay", place, "--out", "out", cwd=tmp_path)


def test_text_that_is_none_is_named_by_line(tmp_path):
    (tmp_path / "points.csv").write_bytes(b"beta,rules\n0.2,v3\n0.3,caf\xe9\n")
    (tmp_path / "spec.toml").write_text(BY_FILE.format("points.csv"))
    error = refused("sweep", "spec.toml", "--out", "data", cwd=tmp_path)
    assert "points.csv:3: not UTF-8 text" in error and "save it as UTF-8" in error


def test_an_open_quote_is_named_by_line(tmp_path):
    (tmp_path / "points.csv").write_text('beta,rules\n0.2,v3\n0.3,"v3\n0.4,v3\n')
    (tmp_path / "spec.toml").write_text(BY_FILE.format("points.csv"))
    error = refused("sweep", "spec.toml", "--out", "data", cwd=tmp_path)
    assert "points.csv:3: quote is never closed" in error


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    place = tmp_path_factory.mktemp("one_run")
    conviction("run", "--set", "days=10", "--out", "one", cwd=place)
    return place


@pytest.mark.parametrize("table", ["days", "participants", "proposals", "support_edges", "influence"])
def test_a_flipped_bit_never_panics(one_run, tmp_path, table):
    shutil.copytree(one_run / "one", tmp_path / "one")
    path = tmp_path / "one" / f"{table}.parquet"
    whole = path.read_bytes()
    steps = 24
    refusals = 0
    for step in range(steps):
        place = step * (len(whole) - 1) // (steps - 1)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << step % 8
        path.write_bytes(damaged)
        done = subprocess.run([PROGRAM, "report", "one"], cwd=tmp_path, capture_output=True, timeout=60)
        error = done.stderr.decode()
        assert done.returncode in (0, 2) and "panicked" not in error, (place, error)
        if done.returncode:
            assert f"{table}.parquet" in error
            refusals += 1
    # The marks at both ends of the file are always missed.
    assert refusals >= 2


SPEC = """
replicates = 20
days = 5
[axes]
beta = [0.2, 0.3]
[output]
tables = ["runs", "days"]
"""


@pytest.mark.parametrize("file", ["points.parquet", "runs/part-000000.parquet", "days/part-000000.parquet"])
def test_what_a_report_reads_is_held_against_its_sum(tmp_path, file):
    data = sweep(tmp_path, SPEC)
    bytes_there = bytearray((data / file).read_bytes())
    # In the data, where Parquet itself would not notice.
    bytes_there[len(bytes_there) // 3] ^= 1
    (data / file).write_bytes(bytes_there)
    error = refused("report", "data", cwd=tmp_path)
    assert file in error and "conviction verify data" in error and "--resume" in error
    assert not (tmp_path / "report.html").exists()
    if file == "points.parquet":
        error = refused("run", "--from", "data", "--run", "3", cwd=tmp_path)
        assert file in error and "--resume" in error


def test_a_report_replaces_nothing_but_reports(one_run, tmp_path):
    shutil.copytree(one_run / "one", tmp_path / "one")
    manifest = (tmp_path / "one/run.toml").read_bytes()
    error = refused("report", "one", "--out", "one/run.toml", cwd=tmp_path)
    assert "one/run.toml: not a report of conviction" in error
    error = refused("trigger", "--report", "one/run.toml", cwd=tmp_path)
    assert "not a report" in error
    assert (tmp_path / "one/run.toml").read_bytes() == manifest
    (tmp_path / "page.html").write_text("<!doctype html><title>Mine</title>")
    assert "not a report" in refused("trigger", "--report", "page.html", cwd=tmp_path)
    assert "not a report" in refused("trigger", "--report", "/dev/null", cwd=tmp_path)
    # An earlier report, and an empty file, are replaced.
    (tmp_path / "empty.html").touch()
    for name in ("new.html", "new.html", "empty.html"):
        conviction("trigger", "--report", name, cwd=tmp_path)
        assert "<!doctype html>" in (tmp_path / name).read_text()


def test_no_link_is_followed_where_a_file_is_not_whole_yet(tmp_path):
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "new.html.partial").symlink_to("precious")
    conviction("trigger", "--report", "new.html", cwd=tmp_path)
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "new.html").is_symlink()
