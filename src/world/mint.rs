//! Phase 2: the supply expands, and what is minted goes into the pool.

use super::resources::Commons;
use bevy_ecs::prelude::*;

/// m = γS; S += m; F += m.
pub fn mint_supply(mut commons: ResMut<Commons>) {
    let minted = commons.setting.parameters.gamma * commons.supply.total;
    commons.mint(minted);
}
