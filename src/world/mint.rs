//! Phase 2: the supply expands, and what is minted goes into the pool.

use super::commons::{Commons, going_on};
use bevy_ecs::prelude::*;

/// m = γS; S += m; F += m.
pub fn mint_supply(mut runs: Query<&mut Commons>) {
    for commons in going_on(&mut runs) {
        let minted = commons.setting.parameters.gamma * commons.supply.total;
        commons.mint(minted);
    }
}
