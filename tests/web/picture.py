"""The README's picture of the page: python picture.py [PAGE [PNG]]"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
# One's own setting against a default, so that every answer has its difference.
SETTING = "#a=tec&b=gardens-default"
WIDTH, HEIGHT = 1400, 860
# Readers of the README load it.
MOST = 150_000


def main(path, out):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(path.as_uri() + SETTING)
        page.wait_for_selector('body[data-runs="1000"]', timeout=120_000)
        shot = page.screenshot()
        browser.close()
    # Few colours, each exact enough for text and lines.
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    picture.save(out, optimize=True)
    size = out.stat().st_size
    if size > MOST:
        sys.exit(f"{out}: {size} bytes, and at most {MOST} are allowed; show less, or use fewer colours")
    print(f"{out}: {size} bytes")


if __name__ == "__main__":
    asked = [Path(word) for word in sys.argv[1:]]
    main(asked[0] if asked else ROOT / "web/dist/conviction.html", asked[1] if asked[1:] else ROOT / "docs/page.png")
