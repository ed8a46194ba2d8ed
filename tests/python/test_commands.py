"""Every command of the README and of docs/ does what it says, but those that need what a test has not."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from test_reading import PROGRAM, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Commands that need something else than the program, and the test that runs them, if one does.
ELSEWHERE = {
    "cargo run": "builds; Rust tests run the example and the sweep",
    "cargo install": "installs",
    "scripts/test": "this very command",
    "scripts/web": "scripts/test runs it",
    "sbatch": "test_slurm.py",
    "kubectl": "needs Kubernetes",
    "docker": "test_container.py",
    "apptainer": "needs Apptainer",
    "export": "test_stores.py",
    "conviction sweep spec.toml --out s3:": "test_stores.py",
    "conviction report s3:": "test_stores.py",
}
# Sweeps of pages take minutes in a build with assertions: two runs of each point show that the command works.
FEWER = ["--set", "replicates=2"]
# A search of one generation with settings of its own.
SHORTER = ["--generations", "1", "--population", "2", "--least-worlds", "1"]


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def commands(page):
    """The commands of a page, without comments and continued lines."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip():
                yield line


def elsewhere(command):
    return any(command.startswith(start) for start in ELSEWHERE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder like the repository, with `conviction` on the path."""
    place = tmp_path_factory.mktemp("commands")
    for name in ["sweeps", "tests", "scripts"]:
        (place / name).symlink_to(ROOT / name)
    (place / "bin").mkdir()
    (place / "bin/conviction").symlink_to(PROGRAM)
    return place


def run(place, command):
    if command.startswith("conviction sweep") and "--dry-run" not in command:
        comment = command.find(" #")
        command = command if comment < 0 else command[:comment]
        command = " ".join([command, *FEWER])
    if command.startswith("conviction search"):
        command = " ".join([command.split(" #")[0], *SHORTER])
    environment = {"PATH": f"{place / 'bin'}:/usr/bin:/bin", "HOME": str(place)}
    done = subprocess.run(["bash", "-c", command], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page, place):
    for name in ["results", "attackers", "attacked", "spread", "shared", "sliced", "one", "replayed", "search", "worst"]:
        shutil.rmtree(place / name, ignore_errors=True)
    for file in [*place.glob("*.toml"), *place.glob("*.csv")]:
        file.unlink()
    # A page that names its own spec shows it completely.
    for name in re.findall(r"\bforecast\.toml\b", page.read_text())[:1]:
        (place / name).write_text(blocks(page, "toml")[0])
    for command in commands(page):
        if not elsewhere(command):
            run(place, command)
    # What the page reads of the dataset that its commands have left.
    for query in blocks(page, "sql"):
        duckdb = "import duckdb, sys; print(duckdb.sql(sys.stdin.read()))"
        subprocess.run([sys.executable, "-c", duckdb], cwd=place, input=query, text=True, check=True)
    for code in blocks(page, "python"):
        if "import conviction" not in code:
            subprocess.run([sys.executable, "-c", code], cwd=place, check=True)


def test_what_is_run_elsewhere_is_named_in_a_page():
    every = [command for page in PAGES for command in commands(page)]
    assert len(every) > 40
    for start in ELSEWHERE:
        assert any(command.startswith(start) for command in every), start


@pytest.mark.parametrize("page", ["README.md", "docs/sweeps.md"])
def test_the_specs_of_a_page_are_sound(page, tmp_path):
    for spec in blocks(ROOT / page, "toml"):
        (tmp_path / "spec.toml").write_text(spec)
        done = subprocess.run([PROGRAM, "sweep", "spec.toml", "--dry-run"], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_objectives_of_a_page_are_sound(tmp_path):
    (spec,) = blocks(ROOT / "docs/decisions.md", "toml")
    spec += "[[attacker]]\n[levers]\nbeta = [0.1, 0.2]\n"
    (tmp_path / "spec.toml").write_text(spec)
    done = subprocess.run([PROGRAM, "sweep", "spec.toml", "--dry-run"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, ROOT / "sweeps/FINDINGS.md", *sorted((ROOT / "sweeps").glob("*.md"))], ids=lambda page: page.stem)
def test_links_within_the_repository_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_is_short_and_names_its_two_commands():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 200
    assert "cargo run --release -- sweep sweeps/quickstart.toml --out results" in text
    assert "\nscripts/test " in text


def test_packages_have_the_same_version_and_say_who_and_where():
    crate = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    python = tomllib.loads((ROOT / "python/Cargo.toml").read_text())["package"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert crate["version"] == python["version"]
    assert f"version: {crate['version']}\n" in citation
