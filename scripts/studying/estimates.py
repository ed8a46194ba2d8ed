"""Estimates with intervals, the criteria that they meet or fail, and sentences that name them."""

import math
import re
import statistics
from dataclasses import astuple, dataclass

NORMAL = statistics.NormalDist()
LEVEL = 0.95


def number(value, digits=3):
    """A number as people write it; nothing is rounded to an exponent between a thousandth and a million."""
    if value is None or math.isnan(value):
        return "–"
    if abs(value) < 1e-12:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        text = f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.{digits - 1}e}"
    else:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        text = f"{value:.{places}f}" if places <= 9 else f"{value:.{digits - 1}e}"
    return text.replace("-", "−")


@dataclass
class Estimate:
    """A mean over clusters with its interval, shown as factor · exp(rate · mean) where a rate is given."""

    mean: float
    error: float
    worlds: int
    missing: int
    is_share: bool
    factor: float | None = None
    rate: float | None = None

    def _shown(self, mean):
        if self.rate is None:
            return mean
        return self.factor * math.exp(self.rate * mean)

    @property
    def value(self):
        return self._shown(self.mean)

    @property
    def independent_worlds(self):
        """Number of independent worlds in which a share would have the same error."""
        if self.error == 0.0:
            return self.worlds
        return min(self.worlds, self.mean * (1 - self.mean) / self.error**2)

    @property
    def interval(self):
        z, n = NORMAL.inv_cdf(0.5 + LEVEL / 2), self.independent_worlds
        if self.is_share:
            middle = (self.mean + z * z / (2 * n)) / (1 + z * z / n)
            half = z / (1 + z * z / n) * math.sqrt(self.mean * (1 - self.mean) / n + z * z / (4 * n * n))
        else:
            middle, half = self.mean, z * self.error
        return tuple(sorted(map(self._shown, (middle - half, middle + half))))

    def p(self, threshold):
        """The two-sided probability of a mean so far from a threshold, and on which side of it the estimate lies."""
        side = (self.value > threshold) - (self.value < threshold)
        if self.rate is not None:
            threshold = math.log(threshold / self.factor) / self.rate
        error = self.error
        if self.is_share and 0 < threshold < 1:
            error = math.sqrt(threshold * (1 - threshold) / self.independent_worlds)
        if error == 0.0:
            return (1.0 if self.mean == threshold else 0.0), side
        z = abs(self.mean - threshold) / error
        return 2 * NORMAL.cdf(-z), side


@dataclass
class Criterion:
    """Implication of a claim: an estimate above or below a threshold, fixed before the run."""

    estimate: str
    sign: str
    threshold: float
    words: str
    verdict: str = ""

    def __str__(self):
        sign = {"<=": "≤", ">=": "≥", "!=": "≠"}.get(self.sign, self.sign)
        return f"{sign} {self.threshold:g}".replace("-", "−")


def criteria_of(spec):
    found = re.findall(r"^# criterion ([\w.-]+) (<=|>=|<|>|!=) (\S+): (.+)$", spec, re.M)
    assert len(found) == spec.count("# criterion "), "every criterion is NAME SIGN THRESHOLD: words"
    return [Criterion(name, sign, float(threshold), words) for name, sign, threshold, words in found]


def judged(study, found):
    """The criteria of a study with their verdicts: by Holm's method over those with intervals; a fact holds or does not."""
    criteria, tested = criteria_of(study.spec), []
    for criterion in criteria:
        if criterion.estimate in found["facts"]:
            value = found["facts"][criterion.estimate]
            holds = {"<=": value <= criterion.threshold, ">=": value >= criterion.threshold}[criterion.sign]
            criterion.verdict = "supported" if holds else "refuted"
        else:
            tested.append((*found["estimates"][criterion.estimate].p(criterion.threshold), criterion))
    tested.sort(key=lambda of: of[0])
    rejects = True
    for place, (p, side, criterion) in enumerate(tested):
        rejects = rejects and p * (len(tested) - place) < 1 - LEVEL
        wanted = {"<": -1, "<=": -1, ">": 1, ">=": 1, "!=": side}[criterion.sign]
        if rejects:
            criterion.verdict = "supported" if side == wanted else "refuted"
        elif criterion.sign == "!=" and side == 0:
            criterion.verdict = "none seen"
        else:
            criterion.verdict = "undecided"
    return criteria


def overall(criteria):
    verdicts = [criterion.verdict for criterion in criteria]
    return "refuted" if "refuted" in verdicts else "undecided" if "undecided" in verdicts else "supported"


def fill(text, found):
    """A sentence with its numbers: {name}, {name:%}, {name:p} (points) with intervals; {name:v} without; {name?more|less|neither} by sign."""
    estimates, facts = found["estimates"], found["facts"]

    def value(match):
        name, form, choices = match["name"], match["form"] or "", match["choices"]
        if name == "runs":
            return f"{found['runs']:,}"
        if name == "failed":
            return f"{found['failed']:,}"
        scale, unit = (100, " %") if "%" in form else (100, " points") if "p" in form else (1, "")
        if name in facts:
            if choices:
                return choices.split("|")[0 if facts[name] > 0 else 1 if facts[name] < 0 else 2]
            return number(scale * facts[name]) + unit
        estimate = estimates[name]
        low, high = estimate.interval
        if choices:
            positive, negative, *neither = choices.split("|")
            if low <= 0 <= high and neither:
                return neither[0]
            return positive if estimate.value > 0 else negative
        if "n" in form:
            return f"{estimate.worlds:,}"
        if "m" in form:
            return f"{estimate.missing:,}"
        # The magnitude, where words say the sign.
        shown, low, high = estimate.value, low, high
        if "a" in form and shown < 0:
            shown, low, high = -shown, -high, -low
        text = number(scale * shown)
        return text + unit if "v" in form else f"{text}{unit} [{number(scale * low)}, {number(scale * high)}]"

    return re.sub(r"\{(?P<name>[\w.-]+)(?::(?P<form>[%pvnma]+)|\?(?P<choices>[^{}]+))?\}", value, text)


def found_of(record):
    """Returns a result from its record."""
    estimates = {name: Estimate(*of) for name, of in record["estimates"].items()}
    return record | {"estimates": estimates}


def record_of(found):
    """Returns the record of a result, for JSON."""
    return found | {"estimates": {name: list(astuple(of)) for name, of in found["estimates"].items()}}
