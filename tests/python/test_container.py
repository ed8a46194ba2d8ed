"""The image: built and run where there is a builder; its recipes agree in any case."""

import re
import shutil
import subprocess
import tomllib

import pytest
from test_reading import ROOT

IMAGE = "conviction-test"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
RECIPE = (ROOT / "scripts/conviction.def").read_text()
JOB = (ROOT / "scripts/sweep-job.yaml").read_text()


def builder():
    """A program that builds images, or why there is none."""
    for name in ["docker", "podman"]:
        if shutil.which(name):
            answers = subprocess.run([name, "info"], capture_output=True, text=True)
            reason = f"{name} does not answer: {answers.stderr.strip().splitlines()[-1:]}"
            if answers.returncode == 0 and "Cannot connect" not in answers.stderr:
                return name, None
            return None, reason
    return None, "neither docker nor podman is installed"


def test_the_image_is_small_unprivileged_and_sweeps(tmp_path):
    name, reason = builder()
    if name is None:
        pytest.skip(reason)

    def run(*arguments):
        return subprocess.run([name, *arguments], check=True, capture_output=True, text=True).stdout

    run("build", "--tag", IMAGE, str(ROOT))
    assert int(run("image", "inspect", "--format", "{{.Size}}", IMAGE)) < 250e6
    assert run("image", "inspect", "--format", "{{.Config.User}}", IMAGE).strip() == "10001:10001"
    (tmp_path / "spec.toml").write_text("replicates = 2\ndays = 5\n[axes]\nbeta = [0.1, 0.2]\n")
    tmp_path.chmod(0o777)
    run("run", "--rm", "--volume", f"{tmp_path}:/data", IMAGE, "sweep", "/data/spec.toml", "--out", "/data/results")
    assert list((tmp_path / "results/runs").glob("*.parquet"))


def test_recipes_build_the_same_program():
    rust = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["rust-version"]
    for recipe in [DOCKERFILE, RECIPE]:
        bases = re.findall(r"^F(?:ROM|rom:) (\S+)", recipe, re.M)
        assert bases == [f"rust:{rust}-slim-bookworm", "debian:bookworm-slim"]
        assert "cargo build --release --locked --features cloud --bin conviction" in recipe
    (user,) = re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.M)
    assert f"runAsUser: {user}\n" in JOB and "image: conviction " in JOB
    # What the build reads is in its context.
    given = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert all((ROOT / path).exists() for path in given)
    assert given == re.findall(r"^    (\S+) /build/", RECIPE, re.M)
