"""Reports as a reader sees them: in a real browser, offline, at desktop and phone width."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright
from SALib.analyze import morris as morris_analyze
from SALib.analyze import sobol as sobol_analyze
from test_reading import PROGRAM, conviction, sweep

WIDTHS = {"desktop": 1280, "phone": 390}
SPEC = """
seed = 5
replicates = 30
days = 30

[axes]
beta = [0.2, 0.3, 0.4]
half_life_days = { from = 1.0, to = 9.0, steps = 30 }
rules = ["corrected", "v3"]

[[variant]]
name = "as it is"

[[variant]]
name = "<!--<script></script> & <b>slower</b>"
tmin = 7.0

[output]
tables = ["runs", "days"]
every = 5
"""


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    place = tmp_path_factory.mktemp("reports")
    conviction("run", "--set", "days=40", "--seed", "3", "--out", "one", cwd=place)
    conviction("report", "one", "--out", "run.html", cwd=place)
    sweep(place, SPEC, "many")
    conviction("report", "many", "--out", "sweep.html", cwd=place)
    conviction("trigger", "--report", "trigger.html", cwd=place)
    return place


def opened(browser, path, width):
    """The page, and whatever it complains of or asks for."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints = []

    def said(message):
        # What a software driver of WebGL says of its own speed.
        if "GL Driver Message" not in message.text:
            complaints.append(f"{message.type}: {message.text}")

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))

    def asked(request):
        if request.url != path.as_uri() and not request.url.startswith(("data:", "blob:")):
            complaints.append(f"asks for {request.url}")

    page.on("request", asked)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    return page, complaints


MARKS = ".js-line, .js-fill, .point, .box, .heatmaplayer image, .contourfill path, .scatterlayer .trace path, .parcoords .axis"
FIGURES = {"run.html": 14, "sweep.html": 9, "trigger.html": 7}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FIGURES)
def test_every_chart_is_drawn_and_nothing_is_fetched(browser, reports, name, width):
    page, complaints = opened(browser, reports / name, WIDTHS[width])
    plots = page.query_selector_all(".plot")
    assert len(plots) == FIGURES[name]
    for plot in plots:
        caption = plot.evaluate("p => p.closest('figure').querySelector('figcaption').innerText")
        assert plot.query_selector_all(MARKS), caption
    # Nothing sticks out.
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert complaints == []
    page.close()


@pytest.mark.parametrize("name", FIGURES)
def test_every_choice_draws(browser, reports, name):
    page, complaints = opened(browser, reports / name, 1280)
    for plot in page.query_selector_all(".plot"):
        figure = plot.evaluate_handle("p => p.closest('figure')").as_element()
        for select in figure.query_selector_all("select"):
            options = len(select.query_selector_all("option"))
            for option in {1, options // 2, options - 1}:
                before = plot.get_attribute("data-frame")
                select.select_option(index=option)
                after = plot.get_attribute("data-frame")
                chosen = select.evaluate("s => s.selectedIndex")
                assert chosen == option and (after != before or option == 0)
            select.select_option(index=0)
    assert complaints == []
    page.close()


def test_the_slider_moves_through_the_days(browser, reports):
    page, complaints = opened(browser, reports / "run.html", 1280)
    slider = page.query_selector("input[type=range]")
    figure = slider.evaluate_handle("s => s.closest('figure')").as_element()
    lines = "f => [...f.querySelectorAll('.js-line')].map(l => l.getAttribute('d')).join()"
    seen = set()
    for day in (0, 10, 40):
        slider.fill(str(day))
        assert figure.query_selector("output").inner_text() == str(day)
        seen.add(figure.evaluate(lines))
    assert len(seen) == 3
    # By key, too.
    slider.press("ArrowLeft")
    assert figure.query_selector("output").inner_text() == "39"
    assert complaints == []
    page.close()


def test_dark_pages_are_dark_and_paper_is_white(browser, reports):
    page = browser.new_page(color_scheme="dark")
    page.goto((reports / "trigger.html").as_uri())
    page.wait_for_selector("body[data-drawn=yes]")
    colors = "[document.body, document.querySelector('.plot text')].map(e => {" \
             " const s = getComputedStyle(e); return e === document.body ? s.backgroundColor : s.fill })"

    def brightness(color):
        return sum(map(int, re.findall(r"\d+", color)[:3]))

    paper, ink = map(brightness, page.evaluate(colors))
    assert paper < 100 < 500 < ink
    page.emulate_media(media="print")
    paper, ink = map(brightness, page.evaluate(colors))
    assert ink < 100 < 700 < paper
    page.close()


def test_the_tables_are_there_without_scripting(browser, reports):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((reports / "sweep.html").as_uri())
    assert "require JavaScript" in page.inner_text("body")
    assert "proposals granted" in page.inner_text("main")
    assert "<!--<script></script> & <b>slower</b>" in page.inner_text("pre")
    context.close()


def test_a_browser_that_cannot_unpack_the_library_says_so(browser, reports):
    page = browser.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto((reports / "trigger.html").as_uri())
    message = page.wait_for_selector("#trouble", state="visible").inner_text()
    assert "need a browser" in message
    assert "never" in page.inner_text("main")
    page.close()


def test_pages_are_small(reports):
    assert (reports / "trigger.html").stat().st_size < 2_000_000


def test_the_tool_bar_shows_on_hover_and_covers_nothing(browser, reports):
    page, _ = opened(browser, reports / "run.html", 1280)
    for plot in page.query_selector_all(".plot"):
        bar = plot.query_selector(".modebar")
        shows = "b => getComputedStyle(b.querySelector('.modebar-group')).opacity"
        plot.scroll_into_view_if_needed()
        page.mouse.move(0, 0)
        plot.evaluate_handle("p => new Promise(r => setTimeout(r, 400))")
        assert float(bar.evaluate(shows)) == 0
        plot.hover()
        plot.evaluate_handle("p => new Promise(r => setTimeout(r, 400))")
        assert float(bar.evaluate(shows)) > 0.2
        drawn = plot.query_selector(".draglayer .nsewdrag").bounding_box()
        assert drawn["y"] >= max(g.bounding_box()["y"] + g.bounding_box()["height"]
                                 for g in bar.query_selector_all(".modebar-group"))
    page.close()


def figures(path):
    source = re.compile(r'<script type="application/json" class="figure"[^>]*>(.*?)</script>')
    return [json.loads(text) for text in source.findall(path.read_text())]


def rows(path, heads):
    """The rows of the table with these heads, by outcome and setting."""
    for table in pd.read_html(path):
        if list(table.columns) == heads:
            return table.set_index(heads[:2])
    raise AssertionError(f"no table {heads}")


def test_the_report_says_what_the_data_say(reports):
    runs = pd.read_parquet(reports / "many" / "runs")
    table = next(t for t in pd.read_html(reports / "sweep.html") if "outcome" in t.columns)
    table = table.set_index("outcome")
    for name in ("proposals_granted", "funds", "mean_sentiment"):
        shown, values = table.loc[name.replace("_", " ")], runs[name].dropna()
        width = values.max() - values.min()
        assert shown["mean"] == pytest.approx(values.mean(), rel=1e-3)
        assert shown["sd"] == pytest.approx(values.std(), rel=1e-3)
        for share in (5, 25, 75, 95):
            expected = values.quantile(share / 100)
            assert abs(shown[f"{share} %"] - expected) <= width / 100, (name, share)
            # A value that many runs share is exact.
            if (values == expected).mean() > 1 / 256:
                assert shown[f"{share} %"] == pytest.approx(expected, rel=1e-3), (name, share)
    # Differences to the first variant, run by run.
    pairs = runs.pivot(index=["beta", "half_life_days", "rules", "replicate"], columns="variant",
                       values="proposals_granted").dropna().astype(float)
    difference = (pairs["<!--<script></script> & <b>slower</b>"] - pairs["as it is"]).mean()
    figure = next(f for f in figures(reports / "sweep.html") if "difference in" in json.dumps(f))
    place = figure["choices"][0]["options"].index("proposals granted")
    assert figure["frames"][place]["data"][0]["y"][0] == pytest.approx(difference, rel=1e-4)
    # Rank correlations, from histograms, to a hundredth.
    maps = (f for f in figures(reports / "sweep.html") if "texttemplate" in json.dumps(f))
    trace = next(maps)["frames"][0]["data"][0]
    expected = runs["half_life_days"].corr(runs["proposals_granted"], method="spearman")
    found = trace["z"][trace["y"].index("half_life_days")][trace["x"].index("proposals granted")]
    assert found == pytest.approx(expected, abs=0.01)


ATTACKED = """
replicates = 20
days = 40
title = "What do attackers take?"

[[attacker]]
strategy = "leech"

[uncertainties]
attacker.0.share = [0.0, 0.18]

[[variant]]
name = "slow"
half_life_days = 9.0

[[variant]]
name = "v3"

[[objective]]
name = "take"
column = "attacker_0_take_share"
meet = "<= 0.1"

[[objective]]
name = "granted"
column = "proposals_granted"

[output]
tables = ["runs", "days"]
every = 5
"""


def test_what_attackers_take_comes_first_in_tables_menus_and_fans(browser, tmp_path):
    data = sweep(tmp_path, ATTACKED)
    conviction("report", "data", cwd=tmp_path)
    page = tmp_path / "report.html"
    runs = pd.read_parquet(data / "runs")
    table = next(t for t in pd.read_html(page) if "outcome" in t.columns).set_index("outcome")
    assert table.index[0].startswith("attacker 0 ")
    taken = table.loc["attacker 0 take share"]
    assert taken["mean"] == pytest.approx(runs.attacker_0_take_share.mean(), rel=1e-3)
    # Half of the runs have no attacker: the quartile and the least are 0, to the digit.
    assert (runs.attacker_0_take_share == 0).mean() >= 0.5 and taken["5 %"] == taken["25 %"] == 0
    menus = [choice["options"] for figure in figures(page) for choice in figure["choices"]]
    outcomes = [menu for menu in menus if "attacker 0 take share" in menu]
    assert len(outcomes) >= 3 and all(menu[0].startswith("attacker 0 ") for menu in outcomes)
    assert any("attacker 0 take" in menu and "candidate count" in menu for menu in menus), "fans"
    assert "What do attackers take?" in page.read_text()


def test_a_comparison_of_lever_settings_is_drawn(browser, tmp_path):
    sweep(tmp_path, ATTACKED)
    conviction("robust", "data", "--out", "robust.html", cwd=tmp_path)
    for width in WIDTHS.values():
        page, complaints = opened(browser, tmp_path / "robust.html", width)
        assert complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for plot in page.query_selector_all(".plot"):
            assert plot.query_selector_all(MARKS)
        text = page.inner_text("body")
        assert "What do attackers take?" in text and "most often meets take <= 0.1" in text
        assert "slow" in page.inner_text("table")
        page.close()


def told(*arguments, cwd):
    return subprocess.run([PROGRAM, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def headings(page):
    return [heading.inner_text() for heading in page.query_selector_all("h2")]


def test_a_sweep_with_levers_answers_first(browser, tmp_path):
    data = sweep(tmp_path, ATTACKED)
    conviction("report", "data", cwd=tmp_path)
    runs = pd.read_parquet(data / "runs")
    met = (runs.attacker_0_take_share <= 0.1).groupby(runs.variant).mean()
    best = met.idxmax()
    for width in WIDTHS.values():
        page, complaints = opened(browser, tmp_path / "report.html", width)
        first = ["Which setting", "Price against safety", "Where it fails", "How sure", "Outcomes"]
        assert headings(page)[:5] == first
        table = page.query_selector("table")
        # The answer is on the first screen.
        assert table.bounding_box()["y"] < 900
        rows = [row.inner_text() for row in table.query_selector_all("tbody tr")]
        assert len(rows) == 2 and best in rows[0] and f"{100 * met[best]:.2f}".rstrip("0").rstrip(".") in rows[0]
        mean = runs[runs.variant == best].proposals_granted
        shown = pd.read_html(tmp_path / "report.html")[0].iloc[0]["granted ↑"]
        assert float(shown.split(" ± ")[0]) == pytest.approx(mean.mean(), rel=0.05)
        assert "misses its criteria in" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []
        page.close()


def test_at_a_phone_s_width_tables_keep_their_first_column_and_maps_turn(browser, reports):
    ticks = "p => [...p.querySelectorAll('.%stick text')].map(t => t.textContent)"
    for width, axis in ((WIDTHS["desktop"], "x"), (WIDTHS["phone"], "y")):
        page, _ = opened(browser, reports / "sweep.html", width)
        plots = page.query_selector_all(".plot")
        correlations = [plot for plot in plots if "proposals granted" in plot.evaluate(ticks % axis)]
        assert len(correlations) == 2
        page.close()
    page, _ = opened(browser, reports / "sweep.html", WIDTHS["phone"])
    for scroll in page.query_selector_all(".scroll"):
        cell = scroll.query_selector("tbody td")
        before = cell.bounding_box()["x"]
        scroll.evaluate("s => { s.scrollLeft = 150 }")
        assert cell.bounding_box()["x"] == before
        assert cell.bounding_box()["width"] >= 60
    # Legends lie below the charts.
    for plot in page.query_selector_all(".plot:has(.legend)"):
        legend = plot.query_selector(".legend").bounding_box()
        drawn = plot.query_selector(".nsewdrag").bounding_box()
        assert legend["y"] >= drawn["y"] + drawn["height"]
    page.close()


def test_axes_have_units_and_few_levels_are_marked_and_differences_include_0(browser, reports):
    page, _ = opened(browser, reports / "sweep.html", 1280)
    shown = "[...document.querySelectorAll('.plot')].map(p => ({" \
            " x: p._fullLayout.xaxis?.title?.text, y: p._fullLayout.yaxis?.title?.text," \
            " range: p._fullLayout.yaxis?.range, modes: p.data.map(d => d.mode) }))"
    plots = page.evaluate(shown)
    effects = next(plot for plot in plots if "lines+markers" in plot["modes"] or plot["x"] == "variant")
    assert effects["y"]
    difference = next(plot for plot in plots if (plot["y"] or "").startswith("difference in"))
    low, high = sorted(difference["range"])
    assert low <= 0 <= high
    frames = [frame for figure in figures(reports / "sweep.html") for frame in figure["frames"]]
    days = [f for f in frames if f["layout"].get("xaxis", {}).get("title", {}).get("text") == "half_life_days, days"]
    few = [f for f in frames if f["layout"].get("xaxis", {}).get("title", {}).get("text") == "beta"]
    assert days and any(trace.get("mode") == "lines+markers" for trace in few[0]["data"])
    page.close()


def test_outcomes_that_never_change_are_named_once(tmp_path):
    sweep(tmp_path, SPEC.replace("days = 30", "days = 3").replace('tables = ["runs", "days"]', 'tables = ["runs"]'))
    conviction("report", "data", cwd=tmp_path)
    runs = pd.read_parquet(tmp_path / "data/runs")
    assert runs.failed_count.nunique() == 1
    text = (tmp_path / "report.html").read_text()
    same = re.search(r"The same in every run: (.*?)</p>", text)[1]
    assert "failed count (0)" in same
    table = next(t for t in pd.read_html(tmp_path / "report.html") if "outcome" in t.columns)
    assert "failed count" not in set(table.outcome) and "funds" in set(table.outcome)


EVENTFUL = """
seed = 4
days = 60

[donations]
law = "constant"
amount = 20.0

[flows]

[issuance]
policy = "dynamic"

[streaming]

[[attacker]]
strategy = "leech"
share = 0.1
source = "insiders"

[[attacker]]
strategy = "flash"
share = 0.05
source = "insiders"

[[change]]
day = 20
set = { half_life_days = 1.0 }
"""


def test_a_run_is_told_in_numbers_with_its_changes_attackers_and_flows(browser, tmp_path):
    (tmp_path / "run.toml").write_text(EVENTFUL)
    summary = told("run", "run.toml", "--out", "one", cwd=tmp_path)
    outcome = json.loads(told("run", "run.toml", "--format", "json", cwd=tmp_path))["outcome"]
    assert "taken by leech with 10 % (attacker 0): " in summary and "taken by flash with 5 % (attacker 1): " in summary
    conviction("report", "one", "--out", "run.html", cwd=tmp_path)
    short = pd.read_html(tmp_path / "run.html")[0].set_index("outcome").value
    assert short["proposals granted"].startswith(f"{outcome['proposals_granted']} of ")
    if outcome["median_days_to_pass"] is not None:
        assert short["median wait to pass"] == f"{outcome['median_days_to_pass']:g} days"
    taken = short["taken by leech with 10 % (attacker 0)"]
    take, grants = outcome["attacker_0_take"], outcome["attacker_0_grants"]
    assert take > 0 and f" Honey in {grants} grants, " in taken
    assert float(taken.split()[0]) == pytest.approx(take, rel=1e-3)
    for width in WIDTHS.values():
        page, complaints = opened(browser, tmp_path / "run.html", width)
        captions = [caption.inner_text() for caption in page.query_selector_all("figcaption")]
        for chart in ("Donations", "Issuance", "Flows", "Streams", "Turnout"):
            assert any(caption.startswith(chart) for caption in captions), chart
        names = "[...document.querySelectorAll('.legendtext')].map(t => t.textContent)"
        assert "leech with 10 % (attacker 0)" in page.evaluate(names)
        # Every chart over days marks the change.
        marks = "[...document.querySelectorAll('.plot')].filter(p => p._fullLayout.xaxis?.title?.text === 'day')" \
                ".map(p => p._fullLayout.shapes.some(s => s.x0 === 20 && s.x1 === 20))"
        found = page.evaluate(marks)
        assert len(found) >= 10 and all(found)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []
        page.close()


def test_a_replay_is_reported(browser, tmp_path):
    recording = Path(__file__).resolve().parents[1] / "recordings/default-1"
    conviction("replay", str(recording), "--out", "replayed", cwd=tmp_path)
    conviction("report", "replayed", "--out", "replay.html", cwd=tmp_path)
    page, complaints = opened(browser, tmp_path / "replay.html", 1280)
    assert "A replay of 100 days" in page.inner_text("h1")
    for plot in page.query_selector_all(".plot"):
        assert plot.query_selector_all(MARKS)
    states = pd.read_parquet(tmp_path / "replayed/system.parquet").groupby("day").last()
    figure = figures(tmp_path / "replay.html")[0]
    assert figure["frames"][0]["data"][0]["y"] == pytest.approx(states.funds.to_list(), rel=1e-5)
    assert complaints == []
    page.close()


def test_a_long_run_takes_little_memory_and_a_small_page(browser, tmp_path):
    """Its tables grow with the cube of the days; what is drawn of them must not."""
    conviction("run", "--set", "days=900", "--out", "long", cwd=tmp_path)
    # Started by a small process: a child's peak counts that of whoever started it.
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    report = [PROGRAM, "report", "long", "--out", "long.html"]
    peak = subprocess.check_output([sys.executable, "-c", measure, *report], cwd=tmp_path)
    assert int(peak) < 300 << 10, "KiB"
    page = (tmp_path / "long.html")
    assert page.stat().st_size < 10_000_000
    edges = pd.read_parquet(tmp_path / "long/support_edges.parquet", columns=["day", "proposal"])
    candidates = edges[edges["day"] == 900]["proposal"].nunique()
    opened_page, complaints = opened(browser, page, 1280)
    captions = " ".join(c.inner_text() for c in opened_page.query_selector_all("figcaption"))
    # What is left out is said.
    assert candidates > 100
    assert f"the 100 candidates closest to passing, of {candidates}" in captions
    assert complaints == []
    # The last day is on the slider.
    slider = opened_page.query_selector("input[type=range]")
    figure = slider.evaluate_handle("s => s.closest('figure')").as_element()
    assert figure.query_selector("output").inner_text() == "900"
    opened_page.close()
    # Extremes survive thinning.
    days = pd.read_parquet(tmp_path / "long/days.parquet")
    figure = figures(page)[0]
    drawn = next(t for t in figure["frames"][0]["data"] if t["name"] == "candidate funds")
    assert max(drawn["y"]) == pytest.approx(days["candidate_funds"].max(), rel=1e-5)
    assert min(drawn["y"]) == pytest.approx(days["candidate_funds"].min(), rel=1e-5)
    assert len(drawn["x"]) < 1100


DESIGNED = """
seed = 5
replicates = 5
days = 20

[axes]
half_life_days = { from = 1.0, to = 9.0 }
beta = { from = 0.1, to = 0.4 }
gamma = { from = 0.0, to = 0.01 }

[design]
"""
PROBLEM = {"num_vars": 3, "names": ["half_life_days", "beta", "gamma"],
           "bounds": [[1.0, 9.0], [0.1, 0.4], [0.0, 0.01]]}


def is_rounded(text, value):
    """Whether an estimate, as the report shows it, is this value to the decimals shown."""
    number = re.search(r"-?[\d.]+", text)[0]
    decimals = len(number.partition(".")[2])
    return abs(float(number) - value) <= 0.51 * 10**-decimals


def means(directory, outcome):
    return pd.read_parquet(directory / "runs").groupby("point")[outcome].mean().to_numpy()


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_are_those_of_salib(tmp_path, second_order):
    design = f'kind = "saltelli"\npoints = 64\nsecond_order = {str(second_order).lower()}\n'
    data = sweep(tmp_path, DESIGNED + design)
    conviction("report", "data", cwd=tmp_path)
    table = rows(tmp_path / "report.html", ["outcome", "setting", "first order", "total"])
    for outcome in ("funds", "candidate_count"):
        expected = sobol_analyze.analyze(PROBLEM, means(data, outcome), seed=1,
                                         calc_second_order=second_order)
        shown = table.loc[outcome.replace("_", " ")].loc[PROBLEM["names"]]
        for head, key in {"first order": "S1", "total": "ST"}.items():
            for text, value in zip(shown[head], expected[key], strict=True):
                assert is_rounded(text, value), (text, value)


def test_elementary_effects_are_those_of_salib(tmp_path):
    data = sweep(tmp_path, DESIGNED + 'kind = "morris"\ntrajectories = 30\nlevels = 4\n')
    conviction("report", "data", cwd=tmp_path)
    heads = ["outcome", "setting", "mean", "mean size", "deviation"]
    shown = rows(tmp_path / "report.html", heads).loc["funds"].loc[PROBLEM["names"]]
    points = pd.read_parquet(data / "points.parquet")[PROBLEM["names"]].to_numpy()
    bounds = np.array(PROBLEM["bounds"])
    expected = morris_analyze.analyze(
        {**PROBLEM, "bounds": [[0.0, 1.0]] * 3},
        (points - bounds[:, 0]) / (bounds[:, 1] - bounds[:, 0]),
        means(data, "funds"),
        num_levels=4,
    )
    for head, key in {"mean": "mu", "mean size": "mu_star", "deviation": "sigma"}.items():
        for text, value in zip(shown[head], expected[key], strict=True):
            text = text if isinstance(text, str) else f"{text:.10g}"
            assert is_rounded(text, value), (head, text, value)
