"""Evaluates settings before any simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from . import _conviction
from ._conviction import Table


@dataclass(frozen=True)
class Trigger:
    """Meaning of a setting before any simulation."""

    numbers: Mapping[str, float | None]
    """``half_life_days``, ``alpha``, ``beta``, ``rho``; ``largest_passable_share`` (of the pool) and
    ``minimum_conviction_share`` (of the largest conviction); the contract's integers ``decay``, ``max_ratio`` and
    ``weight`` at ``block_time_seconds``, and ``stored_half_life_days``. Under attack, ``None`` if nothing can pass:
    ``resistance_days`` (divided by a share of the supply, the days in which it halves the pool, in the limit of
    continuous time), ``price_of_conviction`` (minimum token-days of stake per token taken) and
    ``one_day_stake_share`` (share of the supply that passes a third of beta in a day)."""
    days: Table
    """Days to pass: ``request_share`` of the pool, ``staked_share`` of the supply, ``days``, null for never."""
    attack: Table
    """Fastest drain by each ``staked_share``: ``requests`` at once, ``ask_share`` of each, ``cycle_days``,
    ``pool_half_life_days``."""

    def __getitem__(self, name: str) -> float | None:
        return self.numbers[name]


def trigger(
    preset: str | None = None,
    *,
    half_life_days: float | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    largest_request: float | None = None,
    spending_limit: float | None = None,
    spending_limit_means: Literal["max-ratio", "largest-passable"] | None = None,
    rho: float | None = None,
    minimum_conviction: float | None = None,
    block_time_seconds: float | None = None,
    attack_shares: Sequence[float] = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
) -> Trigger:
    """Evaluates a setting before any simulation, in the terms of the model or of dashboards.

    Args:
        preset: base setting: a name of :func:`presets`. Default: the model's defaults.
        half_life_days: days in which conviction halves once the stake is withdrawn; or ``alpha``.
        beta: upper bound on the share of the pool that one proposal can take; or ``largest_request``, the largest
            request that can pass, as a share of the pool; or ``spending_limit``, with
            ``spending_limit_means``: dashboards mean the contract's maxRatio, or the largest request that can pass.
        rho: scale of the trigger; or ``minimum_conviction``, the minimum conviction that passes anything, as a share
            of the largest possible.
        block_time_seconds: block time, for the contract's integers.
        attack_shares: holdings of attackers, as shares of the effective supply.

    Raises:
        ValueError: when two arguments set the same key, or a value is invalid.
    """
    if (spending_limit is None) != (spending_limit_means is None):
        raise ValueError(
            'spending_limit requires spending_limit_means, "max-ratio" or "largest-passable", and vice versa'
        )
    if spending_limit_means not in (None, "max-ratio", "largest-passable"):
        raise ValueError(f'spending_limit_means: found {spending_limit_means}, expected "max-ratio" or "largest-passable"')
    asked = {
        "half_life_days": half_life_days,
        "alpha": alpha,
        "beta": beta,
        "largest_request": largest_request,
        "spending_limit": spending_limit,
        "rho": rho,
        "minimum_conviction": minimum_conviction,
        "block_time_seconds": block_time_seconds,
    }
    said = {name: value for name, value in asked.items() if value is not None}
    return Trigger(
        *_conviction.trigger(preset, said, spending_limit_means == "largest-passable", attack_shares)
    )


def presets() -> Table:
    """Lists settings of real organisations, one row each.

    Returns:
        ``preset``, ``half_life_days``, ``beta`` (maxRatio), ``rho``, ``largest_request``, ``minimum_conviction``,
        ``block_time_seconds``, ``min_threshold_stake_share`` (null if the source does not state it), ``meaning`` and
        ``source``. ``conviction.run({"preset": "tec"})`` runs one.
    """
    return _conviction.presets()
