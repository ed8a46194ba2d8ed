"""The page's size and speed: python bench.py [PAGE]"""

import os
import re
import shutil
import statistics
import sys
from base64 import b64decode
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TIMES = 9


def milliseconds(values):
    return f"median {statistics.median(values):.0f} ms, {min(values):.0f} to {max(values):.0f}"


def main(path):
    html = path.read_text()
    module = b64decode(re.search(r'id="module">([^<]*)<', html)[1])
    print(f"module: {len(module) / 1e6:.3f} MB gzipped; page: {len(html.encode()) / 1e6:.3f} MB")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        print(f"Chromium {browser.version}, {os.cpu_count()} cores")
        first, moved = [], []
        for _ in range(TIMES):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            # The published defaults, as a sweep of them has.
            page.goto(path.as_uri() + "#strategy=none")
            page.wait_for_function("performance.getEntriesByName('picture-100').length > 0")
            picture = "(name) => { const [of] = performance.getEntriesByName(name).slice(-1); return [of.startTime, of.duration] }"
            begun, took = page.evaluate(picture, "picture-100")
            first.append(begun + took)
            page.wait_for_selector('body[data-runs="1000"]')
            page.evaluate("performance.clearMeasures()")
            page.press("#half_life_days-a-bar", "ArrowRight")
            page.wait_for_function("performance.getEntriesByName('picture-400').length > 0")
            moved.append(page.evaluate(picture, "picture-400")[1])
            page.close()
        browser.close()
    print(f"opened to the first picture, of 100 runs: {milliseconds(first)}")
    print(f"slider to the picture of 400 default runs: {milliseconds(moved)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "web/dist/conviction.html")
