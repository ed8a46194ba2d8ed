"""The page as scripts/web builds it, the program that it is compared with, and a browser."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/debug/conviction"
PAGE = ROOT / "web/dist/conviction.html"


@pytest.fixture(scope="session")
def page_file():
    assert PAGE.exists(), "the page is missing: scripts/web builds it"
    return PAGE


@pytest.fixture(scope="session")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "no Chromium is installed: scripts/test installs it"
    # Chromium has no sandbox for the superuser.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def conviction():
    """Runs the program in a directory."""

    def run(*arguments, cwd, **options):
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, check=True, capture_output=True, text=True, **options)

    return run
