"""Pictures as SVG, the same to the byte each time."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator  # noqa: E402

# Colours that stay apart in every kind of colour blindness (Okabe and Ito).
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
MARKERS = "osD^vPX"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "conviction",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
}


def reach(points):
    """Returns how far the intervals of points reach below and above."""
    below = [max(0.0, of.value - of.interval[0]) for _, of in points]
    above = [max(0.0, of.interval[1] - of.value) for _, of in points]
    return [below, above]


class Picture:
    """A study's picture: lines where x is a number, dots by category where it is a word."""

    def __init__(self, words, found):
        self.words, self.found = words, found
        plt.rcParams.update(STYLE)

    def save(self, path):
        by_series = {}
        for series, x, name in self.found["picture"]:
            # Few worlds may have none to estimate from.
            if name in self.found["estimates"]:
                by_series.setdefault(series, []).append((x, self.found["estimates"][name]))
        words = isinstance(self.found["picture"][0][1], str)
        categories = list(dict.fromkeys(x for _, x, _ in self.found["picture"]))
        height = 1.6 + 0.34 * len(categories) if words else 4.2
        figure, axes = plt.subplots(figsize=(8, height), layout="constrained")
        (self.dots if words else self.lines)(axes, by_series)
        axes.set_title(self.words["title"], loc="left", fontsize=11)
        axes.set_xlabel(self.words["x"])
        axes.set_ylabel(self.words.get("y", ""))
        if len(by_series) > 1 or self.found["theory"]:
            longest = max(map(len, [*by_series, *(series for series, _, _ in self.found["theory"])]))
            figure.legend(
                loc="outside lower left", ncols=2 if longest > 28 else 3, frameon=False, title=self.words.get("series"), alignment="left"
            )
        save(figure, path)

    def lines(self, axes, by_series):
        for place, (series, points) in enumerate(by_series.items()):
            xs, ys = [x for x, _ in points], [of.value for _, of in points]
            style = {"color": COLOURS[place % 7], "marker": MARKERS[place % 7], "ms": 5, "lw": 1.5, "capsize": 3}
            axes.errorbar(xs, ys, reach(points), label=series, **style)
        theory = {}
        for series, x, y in self.found["theory"]:
            theory.setdefault(series, []).append((x, y))
        for place, (series, points) in enumerate(theory.items()):
            axes.plot(*zip(*points), "--", color="#666666", lw=1.2, label=series, dashes=(4 + 2 * place, 2))
        axes.set_xscale(self.words.get("x_scale", "linear"))
        axes.set_yscale(self.words.get("y_scale", "linear"))
        self.ticks(axes)
        if "line" in self.words:
            axes.axhline(self.words["line"], color="#444444", lw=1)

    def ticks(self, axes):
        """Ticks where the words have them, since those of logarithms crowd."""
        for ticks, put, axis in [("ticks", axes.set_xticks, axes.xaxis), ("y_ticks", axes.set_yticks, axes.yaxis)]:
            if ticks in self.words:
                put(self.words[ticks], [f"{tick:g}" for tick in self.words[ticks]])
                axis.set_minor_locator(NullLocator())

    def dots(self, axes, by_series):
        categories = list(dict.fromkeys(x for points in by_series.values() for x, _ in points))
        spread = 0.5 / max(1, len(by_series))
        for place, (series, points) in enumerate(by_series.items()):
            ys = [categories.index(x) + spread * (place - (len(by_series) - 1) / 2) for x, _ in points]
            xs = [of.value for _, of in points]
            style = {"fmt": MARKERS[place % 7], "color": COLOURS[place % 7], "ms": 5, "lw": 1.5, "capsize": 3}
            axes.errorbar(xs, ys, xerr=reach(points), label=series, **style)
        for place, (series, x, y) in enumerate(self.found["theory"]):
            label = None if any(series == of for of, _, _ in self.found["theory"][:place]) else series
            axes.plot(y, categories.index(x), marker="|", ms=14, mew=2, color="#444444", ls="none", label=label)
        axes.set_yticks(range(len(categories)), categories)
        axes.invert_yaxis()
        axes.set_xscale(self.words.get("x_scale", "linear"))
        self.ticks(axes)
        if "line" in self.words:
            axes.axvline(self.words["line"], color="#444444", lw=1)


def save(figure, path):
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def price_of_safety(levers, named, pareto, path):
    """Draws grants against the attackers' take, by setting; filled where no other setting is better in both."""
    plt.rcParams.update(STYLE)
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    at = {of["lever"]: (100 * of["outcomes"]["taken"]["mean"], of["outcomes"]["granted"]["mean"]) for of in levers}
    widest = max(x for x, _ in at.values())

    def is_crowded(lever):
        """Returns true if a name to the right would cover another point."""
        x, y = at[lever]
        return any(0 < other_x - x < 0.25 * widest and 0.8 < other_y / y < 1.25 for other_x, other_y in at.values())

    for lever in levers:
        taken, granted = lever["outcomes"]["taken"], lever["outcomes"]["granted"]
        best = lever["lever"] in pareto
        axes.errorbar(
            100 * taken["mean"], granted["mean"], xerr=100 * taken["half_width_95"], yerr=granted["half_width_95"], fmt="o",
            color=COLOURS[0] if best else "#888888", mfc=COLOURS[0] if best else "white", ms=6, lw=1,
        )
        if best or len(levers) <= 12:
            side = -1 if is_crowded(lever["lever"]) else 1
            axes.annotate(
                named[lever["lever"]], at[lever["lever"]], xytext=(6 * side, 5), textcoords="offset points", fontsize=8,
                ha="left" if side > 0 else "right",
            )
    axes.set_title("Price of safety (filled: no other setting is better in both)", loc="left", fontsize=11)
    axes.set_xlabel("taken by attackers within a year, % of the pool and all that was minted")
    axes.set_ylabel("honest proposals granted within a year")
    # Room for the name of the last.
    axes.set_xlim(0, 1.25 * widest)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    save(figure, path)


def shares_met(levers, named, path):
    """Draws the share of worlds that meet all criteria, and each."""
    plt.rcParams.update(STYLE)
    figure, axes = plt.subplots(figsize=(8, 1.6 + 0.45 * len(levers)), layout="constrained")
    kinds = ["all", *levers[0]["satisficing"]["each"]]
    height = 0.8 / len(kinds)
    for place, kind in enumerate(kinds):
        met = [of["satisficing"]["share"] if kind == "all" else of["satisficing"]["each"][kind] for of in levers]
        ys = [row + height * (place - (len(kinds) - 1) / 2) for row in range(len(levers))]
        axes.barh(ys, [100 * share for share in met], height, color=COLOURS[place % 7], label=kind)
    axes.set_yticks(range(len(levers)), [named[of["lever"]] for of in levers])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of worlds")
    axes.set_title("Share of worlds that meet each criterion", loc="left", fontsize=11)
    figure.legend(loc="outside lower left", ncols=4, frameon=False)
    save(figure, path)
