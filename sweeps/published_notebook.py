"""The published notebook, step by step, with runs of this program: `marimo edit sweeps/published_notebook.py`.

The notebook of *Aragon Conviction Voting Model, Version 3* explains the model and shows a run of it. Its cells follow
in their order, with what they meant to show. Executed as a script it runs every cell.
"""

import marimo

app = marimo.App(app_title="Conviction Voting, Version 3")


@app.cell
def _():
    import conviction
    import marimo as mo
    import matplotlib.pyplot as plt
    import numpy as np
    import pandas as pd

    return conviction, mo, np, pd, plt


@app.cell
def _(mo):
    mo.md(r"""
    # Aragon Conviction Voting Model, Version 3

    Participants stake Honey on proposals. Conviction $y_t = x + \alpha y_{t-1}$ builds up while a stake $x$ remains, and a
    proposal that asks for $r$ of the pool $F$ passes when its conviction exceeds the trigger

    $$y^*(r) = \frac{\rho E}{(1 - \alpha)\,(\beta - r/F)^2}$$

    with $E$ the effective supply, and $S = F + E + L$. Here `rules="v3"`: exactly what the published program does.

    ## Configuration

    The notebook shows `partial_state_update_blocks`, `initial_values` and `sim_config[0]['M']`. All of them are settings.
    """)
    return


@app.cell
def _(conviction, pd):
    settings = pd.DataFrame.from_arrow(conviction.schema().settings)
    settings[settings.extension == ""][["key", "default", "unit", "meaning"]]
    return


@app.cell
def _(conviction, mo):
    run = conviction.run(rules="v3", seed=1, detail=True)
    mo.md(f"## Parameters and initial values\n\n```toml\n{run.spec}```")
    return (run,)


@app.cell
def _(pd, run):
    participants = pd.DataFrame.from_arrow(run.tables["participants"])
    proposals = pd.DataFrame.from_arrow(run.tables["proposals"])
    edges = pd.DataFrame.from_arrow(run.tables["support_edges"])
    influence = pd.DataFrame.from_arrow(run.tables["influence"])
    conflict = pd.DataFrame.from_arrow(run.tables["conflict"])
    days = pd.DataFrame.from_arrow(run.tables["days"])
    return conflict, days, edges, influence, participants, proposals


@app.cell
def _(conflict, edges, influence, mo, participants, proposals):
    mo.md(f"""
    ## The state at the start

    | the notebook's list | how many | here |
    |---|---|---|
    | `participants` | {(participants.day == 0).sum()} | `run.tables["participants"]` |
    | `proposals` | {(proposals.day == 0).sum()} | `run.tables["proposals"]` |
    | `supporters` | {(edges.day == 0).sum()} | `run.tables["support_edges"]` |
    | `influencers` | {len(influence)} | `run.tables["influence"]` |
    | `competitors` | {len(conflict)} | `run.tables["conflict"]` |
    """)
    return


@app.cell
def _(participants):
    # A participant: `network.nodes[participants[0]]`.
    participants[participants.day == 0].head(1)
    return


@app.cell
def _(participants, plt):
    _figure, _axes = plt.subplots()
    _axes.hist(participants[participants.day == 0].holdings)
    _axes.set(title="Histogram of Participants Token Holdings", xlabel="Amount of Honey", ylabel="Count of Participants")
    _figure
    return


@app.cell
def _(influence, np, participants, plt):
    # `nx.draw_spring`: who influences whom, on a circle.
    _ids = participants[participants.day == 0].participant.to_numpy()
    _angle = 2 * np.pi * np.arange(len(_ids)) / len(_ids)
    _place = {i: (np.cos(a), np.sin(a)) for i, a in zip(_ids, _angle)}
    _figure, _axes = plt.subplots(figsize=(6, 6))
    for _who, _whom in zip(influence.influencer, influence.influenced):
        if _who in _place and _whom in _place:
            _axes.annotate("", _place[_whom], _place[_who], arrowprops={"arrowstyle": "->", "color": "grey"})
    _axes.scatter(*zip(*_place.values()), zorder=3)
    _axes.set(title="Participants Social Network", xticks=[], yticks=[])
    _figure
    return


@app.cell
def _(proposals):
    # A proposal: `network.nodes[proposals[0]]`. All begin as candidates without conviction.
    proposals[proposals.day == 0].head(1)
    return


@app.cell
def _(days, np, plt, proposals, run):
    import tomllib

    _start = proposals[proposals.day == 0]
    _alpha = tomllib.loads(run.spec)["model"]["alpha"]
    _most = days.effective_supply[0] / (1 - _alpha)
    _names = _start.proposal.astype(str)
    _figure, _axes = plt.subplots(1, 3, figsize=(15, 4))
    _axes[0].bar(_names, _start.funds_requested / days.funds[0])
    _axes[0].set(title="Proposals Funds Requested", ylabel="as a Fraction of Funds available")
    _axes[1].bar(_names, np.minimum(_start.trigger / _most, 1))
    _axes[1].set(title="Percentage of Max Conviction required")
    _axes[2].bar(_names, _start.trigger)
    _axes[2].set(title="Conviction Required", ylabel="Honey days")
    for _each in _axes:
        _each.set_xlabel("Proposal identifier")
    _figure
    return


@app.function
def affinities_plot(edges, day):
    """Affinities of participants (across) for candidates (down) at the end of a day."""
    import matplotlib.pyplot as plt

    matrix = edges[edges.day == day].pivot(index="proposal", columns="participant", values="affinity")
    figure, axes = plt.subplots(figsize=(12, 5))
    image = axes.imshow(matrix, cmap="coolwarm", vmin=-1, vmax=1, aspect="auto")
    axes.set(title=f"Affinities, day {day}", xlabel="participant", ylabel="proposal")
    axes.set_xticks(range(len(matrix.columns)), matrix.columns, rotation=90, fontsize=7)
    axes.set_yticks(range(len(matrix.index)), matrix.index)
    figure.colorbar(image)
    return figure


@app.cell
def _(edges):
    # Votes are driven by affinities, which are there from the start.
    affinities_plot(edges, 0)
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## Run simulation

    `rdf = run.run()` and `df = run.postprocessing(rdf, 0)`: the run is made already, and its frame has the published names.
    """)
    return


@app.cell
def _(pd, run):
    df = pd.DataFrame.from_arrow(run.tables["published"])
    # The schema check of the notebook.
    _expected = {"funds": float, "sentiment": float, "effective_supply": float, "total_supply": float}
    for _name, _type in _expected.items():
        assert df[_name].dtype == _type, _name
    for _name in ("fractionOfProposalStages", "fractionOfFundStages"):
        assert isinstance(df[_name][0], dict), _name
    df.head(5)
    return (df,)


@app.cell
def _(df):
    # Sentiment changes as proposals pass or fail.
    df.plot(x="timestep", y="sentiment", title="Sentiment over time")
    return


@app.cell
def _(df):
    df.plot(x="timestep", y=["funds", "candidate_funds"], title="Funds and candidate funds")
    return


@app.cell
def _(df, edges):
    affinities_plot(edges, df.timestep.iloc[-1])
    return


@app.cell
def _(df, plt):
    _states = ["candidate", "active", "completed", "killed", "failed"]
    _figure, _axes = plt.subplots(1, 2, figsize=(14, 4))
    df.plot(x="timestep", y=[f"{of}_count" for of in _states], kind="area", ax=_axes[0], title="Proposal Status")
    df.plot(
        x="timestep",
        y=[f"{of}_funds" for of in _states],
        kind="area",
        ax=_axes[1],
        title="Proposal Status weighted by funds requested",
    )
    _figure
    return


@app.function
def snap_plot(edges, proposals, day):
    """Participants (left), candidates (right), and what is staked; how much of its trigger each candidate has."""
    import matplotlib.pyplot as plt

    staked = edges[(edges.day == day) & (edges.tokens > 0)]
    people = sorted(edges[edges.day == day].participant.unique())
    candidates = proposals[(proposals.day == day) & (proposals.status == "candidate")].reset_index(drop=True)
    height = {who: place / max(1, len(people) - 1) for place, who in enumerate(people)}
    row = {of: place / max(1, len(candidates) - 1) for place, of in enumerate(candidates.proposal)}
    figure, axes = plt.subplots(figsize=(10, 10))
    most = staked.tokens.max() if len(staked) else 1
    for edge in staked.itertuples():
        axes.plot([0, 1], [height[edge.participant], row[edge.proposal]], color="grey", lw=3 * edge.tokens / most)
    axes.scatter([0] * len(height), list(height.values()), zorder=3)
    axes.scatter([1] * len(row), list(row.values()), zorder=3, s=candidates.funds_requested / 2)
    for of in candidates.itertuples():
        share = of.conviction / of.trigger if of.trigger > 0 else 0
        axes.text(1.03, row[of.proposal], f"{of.proposal}: {share:.0%}", va="center")
    axes.set(title=f"Day {day}: who supports what, and the share of its trigger", xticks=[], yticks=[], xlim=(-0.1, 1.3))
    return figure


@app.cell
def _(edges, proposals):
    # `snap_plot(nets[0:1])`: nothing is formally supported yet.
    snap_plot(edges, proposals, 0)
    return


@app.cell
def _(mo):
    day = mo.ui.slider(0, 100, value=50, label="day")
    day
    return (day,)


@app.cell
def _(day, edges, proposals):
    # `snap_plot(nets[50:51])`: many interactions; the slider moves the day.
    snap_plot(edges, proposals, day.value)
    return


@app.cell
def _(df, plt):
    _figure, _axes = plt.subplots(1, 3, figsize=(16, 4))
    df.plot(x="timestep", y=["total_supply", "funds"], ax=_axes[0], title="Total Supply and Funds")
    # As expected, it increases with the arrival of new participants.
    df.plot(x="timestep", y=["effective_supply"], ax=_axes[1], title="Effective Supply")
    df.plot(x="timestep", y=["participant_count"], ax=_axes[2], title="Count of Participants")
    _figure
    return


@app.cell
def _(df, mo, plt):
    _figure, _axes = plt.subplots(2, 2, figsize=(14, 8))
    _plots = {
        "Fraction of Supply For Voting": ["fractionOfSupplyForVoting"],
        "Fraction of Supply in Pool": ["fractionOfSupplyInPool"],
        "Percentage of Proposal in Stage": [f"percentageOf{of}Proposals" for of in ("Active", "Completed", "Killed")],
        "Percentage of Funds in Stage": [f"percentageOf{of}FundsRequested" for of in ("Active", "Completed", "Killed")],
    }
    for _place, (_title, _columns) in zip(_axes.flat, _plots.items()):
        df.plot(x="timestep", y=_columns, ax=_place, title=f"Metric: {_title}")
    mo.vstack([mo.md("## System health metrics"), _figure])
    return


@app.cell
def _(mo):
    mo.md(r"""
    ## What the notebook left to do

    *Parameter sweeps, A/B testing, and Monte Carlo runs.* Here: five half-lives under each set of rules, each meeting the same
    200 random worlds.
    """)
    return


@app.cell
def _(conviction, pd):
    spec = {
        "replicates": 200,
        "axes": {"half_life_days": [1.0, 3.0, 7.0, 14.0, 30.0]},
        "variant": [{"name": "published", "rules": "v3"}, {"name": "corrected", "rules": "corrected"}],
    }
    runs = pd.DataFrame.from_arrow(conviction.sweep(spec, progress=False)["runs"])
    means = runs.groupby(["variant", "half_life_days"])[["proposals_granted", "funds", "median_days_to_pass"]].mean()
    assert means.loc["corrected"].proposals_granted.is_monotonic_decreasing
    means
    return (means,)


@app.cell
def _(means, plt):
    _figure, _axes = plt.subplots()
    means.proposals_granted.unstack("variant").plot(ax=_axes, marker="o", title="Proposals granted in 100 days")
    _axes.set(xlabel="half-life, days", ylabel="mean over 200 worlds")
    _figure
    return


if __name__ == "__main__":
    app.run()
