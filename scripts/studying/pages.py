"""Decision pages: which setting, at what price, how certain. From `conviction robust` and `discover`."""

import hashlib
import tempfile
import tomllib
from pathlib import Path

from .estimates import number
from .pictures import price_of_safety, shares_met
from .study import SWEEPS, fewer_worlds

# Each page and the spec of its dataset.
PAGES = {"tec": "10-tec", "1hive": "1hive", "new-dao": "new-dao"}
# Rows of the table of settings.
ROWS = 12
ATTACKERS = "0.05,0.1,0.2"
# What an objective asks for, in words.
MEETS = {
    "taken": "attackers take at most {} of the pool and all that was minted",
    "granted": "at least {:g} proposals of others pass",
    "wait": "and half of those wait at most {:g} days",
}
# What is uncertain, in words.
UNCERTAIN = {
    "attacker.0.strategy": "the attacker's strategy",
    "attacker.0.share": "the attacker's share of the votes",
    "attacker.0.ask": "what the attacker asks for, as a share of the pool",
    "initial.sentiment": "the mood at the start",
    "initial.funds": "the pool at the start, of a supply of 22,392 Honey",
    "initial.participants": "participants",
    "base_engagement_rate": "the chance to act on a day",
    "holdings.sigma": "how unequal holders are (deviation of the logarithm of holdings)",
    "gamma": "issuance, as a share of the supply a day",
}


def sha(spec, quick):
    """Returns the hash of all that a page depends on."""
    return hashlib.sha256(f"{(SWEEPS / f'{spec}.toml').read_text()}{quick}".encode()).hexdigest()


def keys(table, prefix=""):
    """The axes of a table and what they vary over."""
    for key, value in table.items():
        if isinstance(value, dict) and "from" not in value:
            yield from keys(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def worlds_of(spec):
    """Describes what is uncertain, and how far."""
    read = tomllib.loads((SWEEPS / f"{spec}.toml").read_text())
    parts = []
    for key, value in keys(read["uncertainties"]):
        reach = " or ".join(map(str, value)) if isinstance(value, list) else f"{value['from']:g} to {value['to']:g}"
        parts.append(f"{UNCERTAIN[key]} ({reach.replace('13435', '13,435')})")
    return "; ".join(parts)


def best_of(robust):
    """The lever setting that most often meets every criterion; of equals the one that comes first."""
    return max(robust["levers"], key=lambda of: (of["satisficing"]["share"], -of["lever"]))


def objectives_at(objectives, scaled, factor):
    """Objectives as options, one bound scaled."""
    for of in objectives:
        sign, bound = of["meet"].split()
        scale = factor if of["name"] == scaled else 1
        yield "--objective"
        yield f"{of['name']} = {of['column']} {of['goal']} meet {sign} {float(bound) * scale:g} empty {of['empty']}"


def ask(program, spec, quick_share, second_seed):
    """All that a page says."""
    text = (SWEEPS / f"{spec}.toml").read_text()
    if quick_share:
        text = fewer_worlds(text, quick_share)
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        seconds = program.sweep(directory, text)

        def asked(*arguments):
            return program.ask(directory, *arguments)

        robust = asked("robust", "data")
        best = best_of(robust)
        robust = asked("robust", "data", "--reference", best["lever"])
        thresholds = []
        for objective in robust["objectives"]:
            for factor in (0.5, 2):
                options = objectives_at(robust["objectives"], objective["name"], factor)
                other = asked("robust", "data", *options)
                thresholds.append({
                    "objective": objective["name"], "factor": factor, "best": best_of(other)["lever"],
                    "best_share": best_of(other)["satisficing"]["share"],
                    "share": other["levers"][best["lever"]]["satisficing"]["share"],
                })
        taken = robust["objectives"][0]
        sign, bound = taken["meet"].split()
        fails = asked(
            "discover", "data", "--lever", best["lever"], "--where", f"{taken['column']} > {bound}", "--hold-out", 0.3
        )
        attack = asked("trigger", *setting_options(text, best["setting"]), "--attack-shares", ATTACKERS)
        means = {}
        for lever in robust["levers"]:
            meaning = asked("trigger", *setting_options(text, lever["setting"]))
            means[str(lever["lever"])] = [meaning["half_life_days"], meaning["beta"], meaning["minimum_conviction_share"]]
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        program.sweep(directory, text, second_seed)
        again = program.ask(directory, "robust", "data")
    second = {
        "best": best_of(again)["lever"],
        "share": again["levers"][best["lever"]]["satisficing"]["share"],
        "best_share": best_of(again)["satisficing"]["share"],
    }
    return seconds, {
        "robust": robust, "best": best["lever"], "thresholds": thresholds, "second": second,
        "fails": {key: fails.get(key) for key in ("chosen", "held_out")}, "attack": attack["under_attack"], "means": means,
        "minimum": attack["minimum_conviction_share"],
    }


def setting_options(text, setting):
    """A setting as options of `trigger`: by the preset of its variant, or by its own words."""
    variants = {of["name"]: of for of in tomllib.loads(text).get("variant", [])}
    if "variant" in setting:
        return ["--preset", variants[setting["variant"]]["preset"]]
    return [word for key, value in setting.items() for word in (f"--{key.replace('_', '-')}", value)]


def name_of(lever):
    """A setting in words."""
    setting = lever["setting"]
    if "variant" in setting:
        return f"`{setting['variant']}`"
    words = {"half_life_days": "{:g} d", "largest_request": "{:g} %", "minimum_conviction": "{:g} %"}
    return ", ".join(
        words[key].format(float(f"{value * (1 if key == 'half_life_days' else 100):.10g}")) for key, value in setting.items()
    )


def percent(share):
    return f"{number(100 * share)} %"


def meaning(found, lever):
    half_life, beta, minimum = found["means"][str(lever["lever"])]
    return f"{half_life:.3g} d, {100 * beta:.3g} %, {100 * minimum:.3g} %"


def with_half(of, share=False):
    scale, unit = (100, " %") if share else (1, "")
    return f"{number(scale * of['mean'])} ± {number(scale * of['half_width_95'])}{unit}"


def price_table(levers, best, shown):
    rows = ["| setting | taken | granted | wait, days |", "| --- | --- | --- | --- |"]
    for lever in shown:
        if lever["lever"] != best["lever"]:
            pairs = lever["paired"]
            cells = [with_half(pairs["taken"], True), with_half(pairs["granted"]), with_half(pairs["wait"])]
            rows.append(f"| {name_of(lever)} | {' | '.join(cells)} |")
    return rows


def page(name, title, found, cost):
    """The page as Markdown."""
    robust = found["robust"]
    levers = sorted(robust["levers"], key=lambda of: (-of["satisficing"]["share"], of["lever"]))
    best = levers[0]
    worlds = best["satisficing"]["worlds"]
    shown = levers[:ROWS]
    near = [of for of in levers[1:] if of["satisficing"]["high"] >= best["satisficing"]["low"]]
    bounds = {of["name"]: float(of["meet"].split()[1]) for of in robust["objectives"]}
    criteria = ", ".join(MEETS[of].format(percent(bound) if of == "taken" else bound) for of, bound in bounds.items())

    def least(objective, sign):
        return min(levers, key=lambda of: (sign * of["outcomes"][objective]["mean"], of["lever"]))

    safest, most, fastest = least("taken", 1), least("granted", -1), least("wait", 1)
    words = {"half_life_days": "half-life", "largest_request": "largest request", "minimum_conviction": "minimum conviction"}
    legend = "Settings are presets of the program (`conviction presets`)."
    if "variant" not in best["setting"]:
        legend = f"Settings are named by {', '.join(words[key] for key in best['setting'])}."
    lines = [
        f"# {title}",
        "",
        f"**{name_of(best)}** is good enough most often among {len(levers)} settings: in {percent(best['satisficing']['share'])} of "
        f"{worlds:,} worlds (95 %: {percent(best['satisficing']['low'])} to {percent(best['satisficing']['high'])}). "
        f"Good enough means, within a year of attacks: {criteria}. {legend}",
        "",
    ]
    if best["satisficing"]["share"] < 0.5:
        lines += ["No setting here is good enough in most of these worlds: the choice is what to give up.", ""]
    if near:
        names = ", ".join(f"{name_of(of)} ({percent(of['satisficing']['share'])})" for of in near[:6])
        more = f" and {len(near) - 6} more" if len(near) > 6 else ""
        lines += [f"Not clearly worse, since the intervals overlap: {names}{more}.", ""]
    lines += [
        f"If one thing alone counts: attackers take least at {name_of(safest)}, most is granted at {name_of(most)}, and the wait is "
        f"shortest at {name_of(fastest)}.",
        "",
        f"![Price of safety: what is granted against what attackers take](findings/page-{name}.svg)",
        "",
        "## The settings",
        "",
        "Means over all worlds, with half of their 95 % interval. *Taken* is the attacker's share of the pool and all that was minted, "
        "*granted* counts the proposals of others, *wait* is the median of the days that those took to pass. β is the spending "
        "limit, m the minimum conviction.",
        "",
        "| setting | half-life, β, m | good enough | taken | granted | wait, days | worlds in which nothing passes |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for lever in shown:
        outcomes, met = lever["outcomes"], lever["satisficing"]
        interval = f"{number(100 * met['low'])} to {number(100 * met['high'])}"
        lines.append(
            f"| {name_of(lever)} | {meaning(found, lever)} | {percent(met['share'])} ({interval}) | "
            f"{with_half(outcomes['taken'], True)} | {with_half(outcomes['granted'])} | {with_half(outcomes['wait'])} | "
            f"{percent(outcomes['wait']['empty'] / worlds)} |"
        )
    if len(levers) > len(shown):
        lines += ["", f"The best {len(shown)} of {len(levers)}; `conviction robust` lists all."]
    lines += [
        "",
        f"![Share of worlds that meet each criterion](findings/page-{name}-criteria.svg)",
        "",
        "## The price of safety",
        "",
        f"Each setting less {name_of(best)}, at the same uncertain points:",
        "",
        *price_table(levers, best, shown),
        "",
        "## Where it fails",
        "",
        *fails(best, found),
        "",
        "## How far to trust this",
        "",
        *trust(levers, best, found),
        "",
        f"Repeat it: `conviction sweep sweeps/{PAGES[name]}.toml --out data`, then `conviction robust data --out page.html`. "
        f"{number(cost['seconds'])} s of one core for {worlds * len(levers):,} runs.",
        "",
    ]
    return "\n".join(lines).rstrip() + "\n"


def fails(best, found):
    taken = found["robust"]["objectives"][0]
    missed = 1 - best["satisficing"]["each"][taken["name"]]
    bound = percent(float(taken["meet"].split()[1]))
    lines = [f"At {name_of(best)} attackers take more than {bound} in {percent(missed)} of worlds."]
    chosen, held = found["fails"]["chosen"], found["fails"]["held_out"]
    if chosen and chosen["words"]:
        box = " and ".join(f"`{word}`" for word in chosen["words"])
        text = f"Mostly where {box}: {percent(chosen['coverage'])} of the failures lie there"
        if held and held.get("density") is not None:
            text += f", and of the worlds held out there {percent(held['density'])} fail ({held['rows']:,} worlds)"
        lines[0] += f" {text}."
    else:
        lines[0] += " No box of worlds holds most of them."
    halves = []
    for of in found["attack"]["attackers"]:
        days = of["best_at_once"] and of["best_at_once"]["pool_half_life_days"]
        share = percent(of["staked_share"] if "staked_share" in of else of["share"])
        halves.append(f"{share} of the votes " + (f"halves the pool in {number(days)} days" if days else "never halves the pool"))
    lines[0] += (
        f" In closed form, on whole days, an attacker with {', one with '.join(halves)}; up to the minimum conviction, "
        f"{percent(found['minimum'])}, they take nothing."
    )
    return lines


def trust(levers, best, found):
    by_number = {of["lever"]: of for of in levers}
    bounds = {of["name"]: of["meet"].split() for of in found["robust"]["objectives"]}
    lines = [
        "Thresholds decide, so here are half and double of each:",
        "",
        f"| if good enough asks for | {name_of(best)} | best setting then |",
        "| --- | --- | --- |",
    ]
    for of in found["thresholds"]:
        sign, bound = bounds[of["objective"]]
        sign = {"<=": "≤", ">=": "≥"}[sign]
        lines.append(
            f"| {of['objective']} {sign} {float(bound) * of['factor']:g} | {percent(of['share'])} | "
            f"{name_of(by_number[of['best']])} ({percent(of['best_share'])}) |"
        )
    second = found["second"]
    same = "the same setting is best"
    if second["best"] != best["lever"]:
        same = f"{name_of(by_number[second['best']])} is best ({percent(second['best_share'])})"
    lines += [
        "",
        f"With another seed, in fresh worlds, {same}; {name_of(best)} is good enough in {percent(second['share'])} there.",
        "",
        f"Worlds differ in: {found['worlds']}.",
        "",
        "Not shown: disputes and people who vote against, attackers beyond 20 % of the votes, prices, and whether people ask for what the "
        "model's people ask for.",
    ]
    return lines


def pictures(name, found, out):
    robust = found["robust"]
    levers = sorted(robust["levers"], key=lambda of: (-of["satisficing"]["share"], of["lever"]))
    named = {of["lever"]: name_of(of).strip("`") for of in levers}
    price_of_safety(levers, named, robust["pareto"].get("taken,granted", []), out / f"findings/page-{name}.svg")
    shares_met(levers[:ROWS], named, out / f"findings/page-{name}-criteria.svg")


def render(out, results):
    for name, spec in PAGES.items():
        found = results.get(f"page {name}")
        if found:
            title = tomllib.loads((SWEEPS / f"{spec}.toml").read_text())["title"]
            found = found | {"worlds": worlds_of(spec)}
            (out / f"{name}.md").write_text(page(name, title, found, found["cost"]))
            pictures(name, found, out)
