"""The findings are those of the recorded results, and a hundredth of each study points the same way."""

import json
import math
import re
import shutil
import subprocess
import sys

import pytest
from test_reading import PROGRAM, ROOT

sys.path.append(str(ROOT / "scripts"))
from studying import estimates, findings, pages, study  # noqa: E402

SWEEPS = ROOT / "sweeps"
STUDIES = [study.Study(path) for path in sorted(SWEEPS.glob("[0-9][0-9]-*.toml"))]
RESULTS = json.loads((SWEEPS / "findings/results.json").read_text())


def studies(*arguments):
    subprocess.run([sys.executable, ROOT / "scripts/studies", "--program", PROGRAM, *arguments], check=True)


def test_texts_and_pictures_are_those_of_the_results_to_the_byte(tmp_path):
    (tmp_path / "findings").mkdir()
    shutil.copy(SWEEPS / "findings/results.json", tmp_path / "findings")
    studies("--render", "--out", tmp_path)
    written = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.suffix in [".md", ".svg"]]
    assert len(written) == 1 + len(STUDIES) + 3 * len(pages.PAGES)
    for path in written:
        assert (tmp_path / path).read_text() == (SWEEPS / path).read_text(), path


def test_the_findings_of_the_readme_are_those_of_the_results():
    (section,) = re.findall(r"<!-- findings -->\n(.*?)<!-- end -->", (ROOT / "README.md").read_text(), re.S)
    assert section == findings.brief(STUDIES, RESULTS)
    assert len(re.findall(r"^\d\. ", section, re.M)) == 5


def test_every_claim_has_its_criteria_and_source():
    assert len(STUDIES) == 15
    for of in STUDIES:
        assert estimates.criteria_of(of.spec), of.name
        assert of.name in RESULTS and ("claim" not in of.words or of.words["source"]), of.name


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A hundredth of each study."""
    out = tmp_path_factory.mktemp("studies")
    studies("--quick", "--threads", "2", "--out", out, *(of.name for of in STUDIES))
    return json.loads((out / "findings/results.json").read_text())


@pytest.mark.parametrize("of", STUDIES, ids=lambda of: of.name)
def test_a_hundredth_points_the_same_way(of, quick):
    full, few = estimates.found_of(RESULTS[of.name]), estimates.found_of(quick[of.name])
    seen = 0
    for criterion in estimates.criteria_of(of.spec):
        name, bound = criterion.estimate, criterion.threshold
        if name in full["facts"]:
            seen += 1
            assert (few["facts"][name] <= bound) == (full["facts"][name] <= bound), name
            continue
        was, now = full["estimates"][name], few["estimates"][name]
        low, high = was.interval
        side = 1 if low > bound else -1 if high < bound else 0
        if not side:
            continue
        # Distance from the bound, in standard errors, to expect of so few worlds.
        p, _ = was.p(bound)
        expected = (-estimates.NORMAL.inv_cdf(p / 2) if p > 0 else 40.0) * math.sqrt(now.worlds / was.worlds)
        low, high = now.interval
        found = f"{name}: {low} to {high}, {bound}"
        assert (high if side > 0 else -low) > side * bound, found
        if expected > 3:
            seen += 1
            assert side * (now.value - bound) > 0, found
    assert seen, "a study has a finding that a hundredth shows"


def test_a_decision_page_is_written_from_few_worlds(tmp_path):
    studies("--quick", "--threads", "2", "--out", tmp_path, "1hive")
    text = (tmp_path / "1hive.md").read_text()
    assert "is good enough most often among 5 settings" in text
    assert "nan" not in text and (tmp_path / "findings/page-1hive.svg").exists()
