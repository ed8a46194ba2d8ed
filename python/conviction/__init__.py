"""A high-performance batch simulator of Conviction Voting, the way DAOs such as 1Hive decide what to fund.

    import conviction

    run = conviction.run(beta=0.3, half_life_days=7, seed=4)
    run.summary["proposals_granted"]

    runs = conviction.sweep({"replicates": 100, "axes": {"half_life_days": [1.0, 3.0, 7.0]}})["runs"]

Tables are Arrow, handed over without a copy to pyarrow, polars, duckdb and pandas. The numbers, and the files of a
sweep, are those of the program ``conviction`` for the same spec, to the byte.
"""

from __future__ import annotations

from ._conviction import RESULTS_VERSION, Plan, SweepError, Table, __version__
from ._dataset import Dataset, open
from ._decide import Answer, discover, robust, search, sensitivity
from ._evaluate import evaluate
from ._run import Run, run
from ._schema import Schema, schema
from ._spec import plan
from ._sweep import sweep
from ._trigger import Trigger, presets, trigger

__all__ = [
    "RESULTS_VERSION",
    "Answer",
    "Dataset",
    "Plan",
    "Run",
    "Schema",
    "SweepError",
    "Table",
    "Trigger",
    "__version__",
    "discover",
    "evaluate",
    "open",
    "plan",
    "presets",
    "robust",
    "run",
    "schema",
    "search",
    "sensitivity",
    "sweep",
    "trigger",
]
