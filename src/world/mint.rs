//! Phase 2: the supply expands, and what is minted goes into the pool.

use super::resources::{Conditions, Supply};
use bevy_ecs::prelude::*;

/// m = γS; S += m; F += m.
pub fn mint_supply(conditions: Res<Conditions>, mut supply: ResMut<Supply>) {
    let minted = conditions.setting.parameters.gamma * supply.total;
    supply.total += minted;
    supply.funds += minted;
}
