"""FINDINGS.md."""

import re
import sys

from .estimates import fill, found_of, judged, number, overall
from .pictures import Picture

HEAD = """# Findings

What the field says about Conviction Voting, put to the simulator. `scripts/studies` runs every study and writes this file: its
sentences are templates, filled from the queries.

- A *world* is a draw of all that is uncertain, with a draw of chance. All settings of a study meet the same uncertain points.
- Numbers in brackets are 95 % intervals. Either each run has its own draw of chance, and uncertain points are independent; or draws of
  chance are crossed with uncertain points, so that differences are paired in all, and intervals add the variance of both. Where
  points come from a Latin hypercube, intervals are wider than they need be.
- *Criteria* are comments in each spec and were fixed before the run. Holm's method guards each study against the number of its
  criteria.
- A *claim* is supported if all its criteria hold, refuted if one fails, else undecided. A refuted claim was run again with a second seed.
- Symbols are those of [the model](../docs/model.md): β the spending limit, m the minimum conviction, α the share of conviction kept each
  day. A *leech* is an attacker who asks for a share of the pool again and again.

| study | verdict | answer |
| --- | --- | --- |
"""


def section(study, found, second):
    """A study's part of FINDINGS.md."""
    words, criteria = study.words, found["criteria"]
    verdict = overall(criteria)
    lines = [f"## {study.name[:2]}. {words['short']}", ""]
    if "claim" in words:
        lines += [f"**Claim.** {words['claim']} ({words['source']})", ""]
    lines += [f"**Question.** {study.read['title']}", "", f"**Answer.** {fill(words['answer'], found)}", ""]
    if "claim" in words:
        lines += [f"**The claim is {verdict}** by the criteria below.", ""]
    lines += [f"![{words['picture']['title']}](findings/{study.name}.svg)", ""]
    lines += [f"**Design.** {fill(words['design'], found)}", ""]
    lines += ["| criterion, fixed before the run | holds if | found | verdict |", "| --- | --- | --- | --- |"]
    for criterion in criteria:
        if criterion.estimate in found["facts"]:
            value = number(found["facts"][criterion.estimate]) + ", in every world"
        else:
            value = fill(f"{{{criterion.estimate}}}", found)
        lines.append(f"| {criterion.words} | {criterion} | {value} | {criterion.verdict} |")
    lines.append("")
    if second:
        pairs = list(zip(criteria, second["criteria"], strict=True))
        differ = [f"{a.words} ({a.verdict}, then {b.verdict})" for a, b in pairs if a.verdict != b.verdict]
        text = f"**Second seed.** {len(pairs) - len(differ)} of {len(pairs)} criteria have the same verdict in other random worlds"
        if differ:
            text += f"; the others: {'; '.join(differ)}"
        lines += [text + ".", ""]
    lines += [f"**What it does not show.** {fill(words['limits'], found)}", ""]
    missing = max(of.missing for of in found["estimates"].values())
    worlds = max(of.worlds for of in found["estimates"].values())
    left_out = "every world has a value"
    if missing:
        left_out = f"up to {missing:,} worlds of an estimate have no value and are left out of it{words.get('missing', '')}"
    failed = f"{found['failed']:,} failed" if found["failed"] else "none failed"
    cost = found["cost"]
    lines += [
        f"**Runs.** {found['runs']:,}, of which {failed}; up to {worlds:,} worlds an estimate, and {left_out}. "
        f"{number(cost['seconds'])} s of one core, {number(cost['megabytes'])} MB. "
        f"Repeat it by `scripts/studies {study.name[:2]}`, from `sweeps/{study.name}.toml` and `.sql`.",
        "",
    ]
    return lines


def anchor(name, short):
    return re.sub(r"[^\w\- ]", "", f"{name[:2]}. {short}".lower()).replace(" ", "-")


def brief(known, results):
    """The findings that matter most, for the README."""
    told = [study for study in known if "brief" in study.words]
    lines = [f"{place}. {fill(study.words['brief'], found_of(results[study.name]))}" for place, study in enumerate(told, 1)]
    note = "Numbers in brackets are 95 % intervals over independent worlds; all is about the model, in the worlds of each study."
    return "\n".join(["", *lines, "", note, "", ""])


def render(out, known, results, quick):
    """Writes FINDINGS.md and the pictures."""
    table, sections = [], []
    for study in known:
        if study.name not in results:
            continue
        if results[study.name]["cost"]["of"] != study.sha(quick):
            sys.exit(f"{study.path.name}: changed since its results were recorded; run `scripts/studies {study.name[:2]}`")
        found = found_of(results[study.name])
        Picture(study.words["picture"], found).save(out / f"findings/{study.name}.svg")
        found["criteria"] = judged(study, found)
        second = results[study.name].get("second")
        if second:
            second = found_of(second)
            second["criteria"] = judged(study, second)
        verdict = overall(found["criteria"]) if "claim" in study.words else "–"
        short, answer = study.words["short"], fill(study.words["answer"], found)
        table.append(f"| [{study.name[:2]}. {short}](#{anchor(study.name, short)}) | {verdict} | {answer} |\n")
        sections += section(study, found, second)
    (out / "FINDINGS.md").write_text("\n".join([HEAD + "".join(table), *sections]).rstrip() + "\n")


def write_brief(readme, known, results):
    """Writes the README's findings between their marks."""
    text, found = re.subn(
        r"(?<=<!-- findings -->\n).*?(?=<!-- end -->)", lambda _: brief(known, results), readme.read_text(), flags=re.S
    )
    assert found == 1, f"{readme}: expected one section findings"
    readme.write_text(text)
