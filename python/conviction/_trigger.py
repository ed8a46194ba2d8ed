"""What a setting means before any simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from . import _conviction
from ._conviction import Table


@dataclass(frozen=True)
class Trigger:
    """What a setting means before any simulation."""

    numbers: Mapping[str, float | None]
    """``half_life_days``, ``alpha``, ``beta``, ``rho``; ``largest_passable_share`` (of the pool),
    ``minimum_conviction_share`` (of the largest conviction); the contract's integers ``decay``, ``max_ratio`` and
    ``weight`` at ``block_time_seconds``, and ``stored_half_life_days``; under attack ``resistance_days`` (in the
    limit of continuous time, a share s of the supply halves the pool in that over s), ``price_of_conviction`` (token-days of stake per token taken, at least)
    and ``one_day_stake_share`` (of the supply, which passes a third of beta in a day), ``None`` where nothing can pass."""
    days: Table
    """Days to pass: ``request_share`` of the pool, ``staked_share`` of the supply, ``days``, null where never."""
    attack: Table
    """The fastest drain by each ``staked_share``: ``ask_share``, ``cycle_days``, ``pool_half_life_days``."""

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
    """What a setting means before any simulation, in the words of the model or of dashboards.

    Args:
        preset: where to start from: a name of :func:`presets`; the defaults, if none is given.
        half_life_days: days after which half of a conviction is left once its stake is gone; or ``alpha``.
        beta: the upper bound on the share of the pool that one proposal can take; or ``largest_request``, the largest
            request that can pass, as a share of the pool; or ``spending_limit``, with
            ``spending_limit_means``: dashboards mean the contract's maxRatio, or the largest request that can pass.
        rho: the scale of the trigger; or ``minimum_conviction``, the least conviction that passes anything, as a share of
            the largest possible.
        block_time_seconds: for the contract's integers.
        attack_shares: what attackers hold, as shares of the effective supply.

    Raises:
        ValueError: when two words say the same, or a value makes no sense.
    """
    if (spending_limit is None) != (spending_limit_means is None):
        raise ValueError(
            'spending_limit and spending_limit_means go together: "max-ratio" or "largest-passable" says in which sense'
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
    """Settings of real organisations, a row each.

    Returns:
        ``preset``, ``half_life_days``, ``beta`` (maxRatio), ``rho``, ``largest_request``, ``minimum_conviction``, ``block_time_seconds``, ``min_threshold_stake_share``
        (null where the source says nothing), ``meaning`` and ``source``. ``conviction.run({"preset": "tec"})`` runs one.
    """
    return _conviction.presets()
