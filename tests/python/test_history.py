"""The converter of an explorer's logs gives a history that the program replays."""

import csv
import subprocess
import sys
from pathlib import Path

from test_reading import PROGRAM

ROOT = Path(__file__).parent.parent.parent
CONVERTER = ROOT / "scripts" / "history"
LOGS = sorted((ROOT / "tests" / "contract" / "export").glob("logs-*.json"))
VAULT = "0x" + "4b" * 20


def converted(*arguments):
    done = subprocess.run([sys.executable, CONVERTER, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_logs_become_a_history_that_replays(tmp_path):
    history, notes = converted("--vault", VAULT, *LOGS)
    rows = list(csv.DictReader(history.splitlines()))
    # The withdrawals for a transfer, a stake and a burn are the contract's own; one is the voter's.
    assert [row["kind"] for row in rows] == (
        ["settings", "supply", "supply", "supply", "funds", "propose", "propose", "stake", "stake", "stake"]
        + ["transfer", "check", "execute", "transfer", "stake", "withdraw", "challenge", "allow", "cancel", "pause"]
        + ["burn", "check", "burn"]
    )
    assert [int(row["block"]) for row in rows] == sorted(int(row["block"]) for row in rows)
    assert "1 payments out of the pool" in notes and "1 logs are not decoded" in notes
    (tmp_path / "history.csv").write_text(history)
    replay = [PROGRAM, "contract", "replay", "history.csv"]
    done = subprocess.run(replay, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    states = list(csv.DictReader(done.stdout.splitlines()))
    assert len(states) == len(rows)
    # The pool and its holder keep what the unstated payment took.
    assert states[-1]["funds_after"] == str(999 * 10**18)

    # A conviction that the contract would not have logged is named.
    line = next(line for line, row in enumerate(rows, 2) if row["kind"] == "check")
    recorded = rows[line - 2]["conviction_last"]
    (tmp_path / "history.csv").write_text(history.replace(recorded, recorded + "0"))
    done = subprocess.run(replay, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"history.csv:{line}: conviction_last: recorded {recorded}0, computed {recorded}" in done.stderr


def test_the_query_names_the_pages():
    query, _ = converted("--query")
    assert "0x0b21081c6f8b1990f53fc76279cc41ba22d7afe2" in query
    assert "/api/v2/addresses/A/logs" in query
