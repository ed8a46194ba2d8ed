"""The page as a reader meets it: in a real browser, from a file, at desktop and phone width."""

import json
import re

import pandas as pd
import pytest
from conftest import ROOT

WIDTHS = {"desktop": 1400, "phone": 400}
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"


class Opened:
    """The page in a browser, with whatever it complains of or asks for."""

    def __init__(self, browser, path, width, fragment="", **options):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self.asked)
        self.url = path.as_uri()
        self.page.goto(self.url + fragment)

    def asked(self, request):
        if request.url.split("#")[0] != self.url and not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"asks for {request.url}")

    def settled(self):
        """Waits until all runs of the setting are shown."""
        self.page.wait_for_selector('body[data-runs="1000"]', timeout=60_000)
        return self

    def mean(self, answer):
        return float(self.page.get_attribute(f'[data-answer="{answer}"]', "data-mean"))

    def slide(self, name, key, times=1):
        for _ in range(times):
            self.page.press(f"#{name}-bar", key)
        self.page.wait_for_selector('body:not([data-runs="1000"])')
        self.settled()

    def text(self, of):
        return self.page.text_content(f"#text-{of}")


@pytest.fixture
def opened(browser, page_file):
    pages = []

    def open_page(width=1400, fragment="", **options):
        pages.append(Opened(browser, page_file, width, fragment, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_slider_changes_the_numbers_and_the_url_restores_them(opened, width):
    first = opened(width).settled()
    names = ("grants.a", "wait.a", "take.a", "nothing.a")
    before = {name: first.mean(name) for name in names}
    closed = first.page.inner_text('[data-closed="request.a"]')
    first.slide("half_life_days-a", "ArrowRight", 20)
    after = {name: first.mean(name) for name in names}
    assert after["grants.a"] < before["grants.a"] and after["wait.a"] > before["wait.a"]
    assert first.page.inner_text('[data-closed="request.a"]') != closed
    for chart in ("fan-funds", "fan-candidates", "fan-conviction", "waits"):
        drawn = f"document.querySelector('#{chart} canvas').getContext('2d').getImageData(0, 0, 300, 300).data.some(v => v > 0)"
        assert first.page.evaluate(drawn), chart
        assert first.page.evaluate(f"document.querySelectorAll('#{chart} details tr').length") > 5
    # Nothing sticks out.
    assert first.page.evaluate("document.documentElement.scrollWidth") <= width
    fragment = first.page.evaluate("location.hash")
    second = opened(width, fragment).settled()
    assert {name: second.mean(name) for name in names} == after
    assert first.complaints == second.complaints == []


def test_others_get_the_same_numbers_from_the_command(opened, conviction, tmp_path):
    page = opened(fragment="#a=tec&a.h=5&share=0.2&engagement=0.4&b=brightdao").settled()
    command = page.text("command")
    spec = re.fullmatch(r"conviction sweep - --out results <<'SPEC'\n(.*)SPEC\n", command, re.DOTALL)[1]
    assert spec == page.text("spec")
    conviction("sweep", "-", "--out", "results", "--quiet", cwd=tmp_path, input=spec)
    runs = pd.read_parquet(tmp_path / "results/runs")
    for variant, which in (("A", "a"), ("B", "b")):
        own = runs[runs.variant == variant]
        assert len(own) == 1000
        assert page.mean(f"grants.{which}") == pytest.approx(own.proposals_granted.mean(), rel=1e-12)
        assert page.mean(f"wait.{which}") == pytest.approx(own.mean_days_to_pass.mean(), rel=1e-12)
        assert page.mean(f"take.{which}") == pytest.approx(own.attacker_0_take_share.mean(), rel=1e-12)
        assert page.mean(f"nothing.{which}") == (own.proposals_granted == 0).mean()
    # Paired in common worlds.
    pairs = runs.pivot(index="replicate", columns="variant", values="proposals_granted").astype(float)
    difference = (pairs.B - pairs.A).mean()
    shown = page.page.inner_text("#answers .difference >> nth=0")
    assert f"{abs(difference):.1f}" in shown or f"{abs(difference):.2f}" in shown
    assert ("more" if difference > 0 else "fewer") in shown
    # Python says the same in its own words.
    scope = {}
    python = page.text("python").split("\nruns = ")[0].replace("import conviction, pandas as pd", "")
    exec(python, scope)
    variants = [variant["preset"] for variant in scope["spec"]["variant"]]
    assert variants == ["tec", "brightdao"] and scope["spec"]["replicates"] == 1000
    assert page.complaints == []


def test_a_setting_is_the_same_alone_and_compared(opened):
    alone = opened(fragment="#a=gardens-default").settled()
    compared = opened(fragment="#a=gardens-default&b=v3").settled()
    for answer in ("grants.a", "wait.a", "take.a", "nothing.a"):
        assert alone.mean(answer) == compared.mean(answer)
    # Each leaves a point, and a point leads back.
    assert compared.page.locator("#scatter a").count() == 2
    compared.page.locator("#scatter a.a").press("Enter")
    compared.settled()
    assert "b=" not in compared.page.evaluate("location.hash")
    assert compared.mean("grants.a") == alone.mean("grants.a")
    assert alone.complaints == compared.complaints == []


def test_one_s_own_dao_with_pasted_holders_and_the_contract(opened, conviction, tmp_path):
    page = opened().settled()
    page.page.click("#own > summary")
    page.page.select_option("#law", "file")
    page.page.fill("#listed", "0x12ab 1,520.5\nalice 88\n40\n7 13")
    page.page.press("#listed", "Tab")
    page.page.select_option("#contract", "contract")
    page.page.fill("#funds", "9000")
    page.page.press("#funds", "Tab")
    page.settled()
    assert "funds=9000" in page.page.evaluate("location.hash")
    spec = page.text("spec")
    assert "listed = [1520.5,88,40,7,13]" in spec and 'arithmetic = "contract"' in spec
    conviction("sweep", "-", "--out", "results", "--quiet", cwd=tmp_path, input=spec)
    runs = pd.read_parquet(tmp_path / "results/runs")
    assert page.mean("grants.a") == pytest.approx(runs.proposals_granted.mean(), rel=1e-12)
    assert page.complaints == []


def test_any_setting_may_be_typed(opened):
    page = opened().settled()
    page.page.click("#others > summary")
    page.page.fill("#more", "base_completion_rate = 30\ndonations.law = constant\nattacker.0.eager = true")
    page.page.press("#more", "Tab")
    page.page.wait_for_selector('body:not([data-runs="1000"])')
    page.settled()
    spec = page.text("spec")
    assert '[donations]\nlaw = "constant"' in spec and "eager = true" in spec and "base_completion_rate = 30" in spec
    assert '"eager": True' in page.text("python")
    page.page.fill("#more", "base_completion_rates = 30")
    page.page.press("#more", "Tab")
    trouble = page.page.wait_for_selector("#trouble:not([hidden])").inner_text()
    assert "did you mean base_completion_rate?" in trouble
    page.page.click("#every > summary")
    page.page.wait_for_selector("#table-settings tr >> nth=100")
    assert "base_completion_rate" in page.page.inner_text("#table-settings")
    assert page.complaints == []


def test_a_fault_is_shown_with_its_fix_and_goes_once_it_is_mended(opened):
    page = opened().settled()
    page.page.click("#own > summary")
    page.page.fill("#supply", "100")
    page.page.press("#supply", "Tab")
    trouble = page.page.wait_for_selector("#trouble:not([hidden])").inner_text()
    assert "cannot be simulated" in trouble and "initial." in trouble and "line" in trouble
    page.page.fill("#supply", "22392.22")
    page.page.press("#supply", "Tab")
    page.settled()
    assert page.page.is_hidden("#trouble")
    assert page.complaints == []


def test_the_last_change_wins(opened):
    page = opened().settled()
    for _ in range(30):
        page.page.press("#half_life_days-a-bar", "ArrowRight")
    page.page.wait_for_selector('body:not([data-runs="1000"])', timeout=2_000)
    page.settled()
    again = opened(fragment=page.page.evaluate("location.hash")).settled()
    assert page.mean("grants.a") == again.mean("grants.a")
    assert page.complaints == []


# A worker whose memory is used up before it simulates seed 13.
FULL = """
const Plain = Blob;
globalThis.Blob = function (parts, options) {
  if (options?.type !== "text/javascript") return new Plain(parts, options);
  const before = `
    const Instance = WebAssembly.Instance;
    let made;
    WebAssembly.Instance = function (...of) { return (made = new Instance(...of)); };`;
  const after = `
    const hear = self.onmessage;
    self.onmessage = (event) => {
      if (event.data.spec?.seed === 13) {
        const { memory } = made.exports;
        memory.grow(65536 - memory.buffer.byteLength / 65536);
      }
      hear(event);
    };`;
  return new Plain([before, ...parts, after], options);
};
"""


def test_a_trap_starts_the_simulator_again(browser, page_file):
    context = browser.new_context()
    context.add_init_script(FULL)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector('body[data-runs="1000"]', timeout=60_000)
    # More than the memory that the first study has left behind.
    page.goto(page_file.as_uri() + "#seed=13&participants=1500&days=200")
    assert "stopped" in page.wait_for_selector("#trouble:not([hidden])", timeout=60_000).inner_text()
    page.click("#again")
    page.wait_for_selector('body[data-runs="1000"]', timeout=60_000)
    assert page.is_hidden("#trouble")
    context.close()


def test_what_is_too_large_is_told_before_it_hurts(opened):
    page = opened(fragment="#participants=3000&days=365")
    assert "seconds" in page.page.wait_for_selector("#limits:not([hidden])", timeout=60_000).inner_text()
    page.page.goto(page.url + "#participants=90000&days=3650")
    assert "Too large" in page.page.wait_for_selector("#trouble:not([hidden])", timeout=60_000).inner_text()
    page.page.click("#again")
    page.settled()
    assert page.page.is_hidden("#trouble") and page.page.is_hidden("#limits")
    assert page.complaints == []


def test_on_a_phone_the_answers_are_a_touch_away(opened):
    page = opened(400).settled()
    glance = page.page.inner_text("#glance")
    assert "grants" in glance and "days’ wait" in glance and "% taken" in glance
    page.page.click("#jump")
    head = page.page.locator("#answers-head").bounding_box()
    bar = page.page.locator(".bar").bounding_box()
    assert bar["y"] + bar["height"] <= head["y"] < 300
    assert "An attacker with 10 % of the votes takes in 100 days" in page.page.inner_text("#answers")
    assert opened(1400).page.is_hidden("#jump")
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_keeps_anybody_out(opened, width, scheme):
    # The page's policy lets no other script in, but for the checker.
    page = opened(width, "#a=tec&b=v3", color_scheme=scheme, bypass_csp=True).settled()
    for details in page.page.query_selector_all("details:not([open]) > summary"):
        if details.is_visible():
            details.click()
    page.page.add_script_tag(path=AXE)
    found = page.page.evaluate("axe.run()")
    faults = [f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}" for fault in found["violations"]]
    assert faults == []
    assert found["passes"]


def test_paper_is_white(opened):
    page = opened(color_scheme="dark").settled()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.page.evaluate(background) == "rgb(20, 23, 26)"
    page.page.emulate_media(media="print")
    assert page.page.evaluate(background) == "rgb(255, 255, 255)"


def test_old_browsers_are_told(browser, page_file):
    for lack in ("delete globalThis.DecompressionStream", "WebAssembly.validate = () => false", "delete globalThis.WebAssembly"):
        page = browser.new_page()
        page.add_init_script(lack)
        page.goto(page_file.as_uri())
        assert "too old" in page.wait_for_selector("#trouble:not([hidden])").inner_text()
        page.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert "needs scripting" in page.inner_text("body")
    context.close()


def test_the_page_is_one_file_that_asks_for_nothing(page_file):
    html = page_file.read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "http" not in policy
    own = re.sub(r"<script type=\"application/gzip\".*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"\b(src|srcset)=", own)
    assert "MIT License" in html and json.dumps("uPlot")[1:-1] in html
