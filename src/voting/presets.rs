//! Presets: settings of real organisations, each a base to start from.
//!
//! A preset sets some keys; others keep their defaults. "Spending limit" means the contract's maxRatio, β, on
//! some dashboards and the largest request that can pass, β − √ρ, on others: the meaning of each preset states
//! which one its source means.

use crate::engine::Preset;

/// The 1Hive contract, by its name in `contract --of`.
const ONE_HIVE: &str = "1hive";
/// The Gardens v2 contracts.
const GARDENS2: &str = "gardens2";

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "v3",
        contract: None,
        meaning: "the published model; beta bounds requests, so it is maxRatio",
        source: "BlockScience/Aragon_Conviction_Voting @634ae37, models/v3",
        values: &[("half_life_days", 3.0), ("beta", 0.2), ("rho", 0.0025)],
    },
    Preset {
        name: "1hive-readme",
        contract: Some(ONE_HIVE),
        meaning: "settings proposed by the contract's README, for blocks of 15 s: decay 9999599, which it calls 3 days; \
                  maxRatio, as in the contract",
        source: "1Hive/conviction-voting-app @27df568, README.md",
        values: &[
            // 3 days would be stored as 9999598.
            ("half_life_days", 3.001),
            ("beta", 0.2),
            ("rho", 0.002),
            ("chain.block_time_seconds", 15.0),
            ("chain.min_threshold_stake_share", 0.2),
        ],
    },
    Preset {
        name: "1hive-vote-13",
        contract: Some(ONE_HIVE),
        meaning: "1Hive after its vote 13, on blocks of 5 s: decay 9999799, 2 days; maxRatio, as the vote sets it",
        source: "0xGabi/1hive-cv-update @6365e71, test/vote.ts",
        values: &[
            ("half_life_days", 2.0),
            ("beta", 0.2),
            ("rho", 0.00025),
            ("chain.block_time_seconds", 5.0),
            ("chain.min_threshold_stake_share", 0.2),
        ],
    },
    Preset {
        name: "1hive-vote-14",
        contract: Some(ONE_HIVE),
        meaning: "1Hive after its vote 14, on blocks of 5 s: decay 9999799, 2 days; maxRatio, as the vote sets it",
        source: "0xGabi/1hive-cv-update @bde0d42, test/vote.ts",
        values: &[
            ("half_life_days", 2.0),
            ("beta", 0.2),
            ("rho", 0.001),
            ("chain.block_time_seconds", 5.0),
            ("chain.min_threshold_stake_share", 0.2),
        ],
    },
    Preset {
        name: "gardens-default",
        contract: Some(ONE_HIVE),
        meaning: "initial settings of a new 1Hive garden, on blocks of 5 s; its deploy script stores the spending limit \
                  as maxRatio",
        source: "1Hive/gardens @7390427, packages/hardhat/params-veneto.json, scripts/new-veneto-garden.ts",
        values: &[
            ("half_life_days", 2.0),
            ("beta", 0.1),
            ("rho", 0.00025),
            ("chain.block_time_seconds", 5.0),
            ("chain.min_threshold_stake_share", 0.2),
        ],
    },
    Preset {
        name: "dashboard-default",
        contract: Some(ONE_HIVE),
        meaning: "initial settings of the Commons Config Dashboard; its weight is the minimum conviction times the spending \
                  limit squared, so the limit is maxRatio",
        source: "CommonsSwarm/commons-config-backend @abf84cc, models/conviction_voting.py",
        values: &[
            ("half_life_days", 2.0),
            ("beta", 0.2),
            ("rho", 0.0002),
            ("chain.min_threshold_stake_share", 0.05),
        ],
    },
    Preset {
        name: "tec",
        contract: Some(ONE_HIVE),
        meaning: "the Token Engineering Commons at its upgrade, on blocks of 5 s; deployed as a garden, so the spending \
                  limit is maxRatio",
        source: "CommonsSwarm/commons-upgrade @0c2d1fa, params.json, scripts/create-dao-json.ts",
        values: &[
            ("half_life_days", 7.0),
            ("beta", 0.11),
            ("rho", 0.000484),
            ("chain.block_time_seconds", 5.0),
            ("chain.min_threshold_stake_share", 0.01),
        ],
    },
    Preset {
        name: "tec-runner-up",
        contract: Some(ONE_HIVE),
        meaning: "runner-up in the Token Engineering Commons' run-off; written by the Commons Config \
                  Dashboard, so the spending limit is maxRatio",
        source: "forum.tecommons.org/t/740",
        values: &[("half_life_days", 3.0), ("beta", 0.09), ("rho", 0.000243)],
    },
    Preset {
        name: "brightdao",
        contract: Some(ONE_HIVE),
        meaning: "settings on which BrightDAO voted after workshops with its own copy of the Commons Config Dashboard; \
                  written as there, so the spending limit is maxRatio",
        source: "forum.brightid.org/t/417",
        values: &[
            ("half_life_days", 5.0),
            ("beta", 0.04),
            ("minimum_conviction", 0.03),
        ],
    },
    Preset {
        name: "gardens-app-recommended",
        contract: Some(GARDENS2),
        meaning: "the recommended settings of the Gardens v2 app; it divides the spending limit by 1 - sqrt(minimum \
                  conviction), so the limit is the largest request that can pass",
        source: "1Hive/gardens-v2 @15ad374, apps/web/components/Forms/PoolForm.tsx",
        values: &[
            ("half_life_days", 10.0),
            ("largest_request", 0.25),
            ("minimum_conviction", 0.1),
        ],
    },
    Preset {
        name: "gardens-app-1hive",
        contract: Some(GARDENS2),
        meaning: "settings that the Gardens v2 app calls 1Hive's original ones; it divides the spending limit by 1 - \
                  sqrt(minimum conviction), so the limit is the largest request that can pass",
        source: "1Hive/gardens-v2 @15ad374, apps/web/components/Forms/PoolForm.tsx",
        values: &[
            ("half_life_days", 2.0),
            ("largest_request", 0.2),
            ("minimum_conviction", 0.025),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::super::attackers::closed_form::resistance;
    use super::super::conviction::{Conviction, minimum_conviction_share};
    use super::super::mechanism::{Chain, scaled};
    use crate::engine::Setting;

    fn setting(name: &str) -> Setting {
        let model = crate::model();
        let mut setting = model.setting();
        model.preset(name).unwrap().apply(&mut setting).unwrap();
        setting
    }

    #[test]
    fn presets_of_the_app_store_what_the_app_stores() {
        use crate::contract::gardens2::{BLOCKS_OF_APP, app_settings};
        for (name, limit, minimum, days) in [
            ("gardens-app-recommended", 0.25, 0.1, 10.0),
            ("gardens-app-1hive", 0.2, 0.025, 2.0),
        ] {
            let preset = crate::model().preset(name).unwrap().contract;
            assert_eq!(preset, Some(super::GARDENS2));
            let (p, chain): (Conviction, Chain) = (setting(name).group(), setting(name).group());
            for app in BLOCKS_OF_APP {
                let stored = app_settings(limit, minimum, days, app.block_seconds);
                let chain = Chain {
                    block_time_seconds: app.block_seconds,
                    ..chain
                };
                assert_eq!(chain.decay(p.alpha), stored.decay, "{name}, {}", app.name);
                let found = [scaled(p.beta), scaled(p.rho)];
                assert_eq!(found, [stored.max_ratio, stored.weight], "{name}");
            }
        }
    }

    #[test]
    fn they_store_what_their_sources_say() {
        // decay, maxRatio, weight; and the minimum share, in thousandths.
        let expected = [
            ("1hive-readme", [9_999_599, 2_000_000, 20_000, 200]),
            ("1hive-vote-13", [9_999_799, 2_000_000, 2_500, 200]),
            ("1hive-vote-14", [9_999_799, 2_000_000, 10_000, 200]),
            ("gardens-default", [9_999_799, 1_000_000, 2_500, 200]),
            ("tec", [9_999_942, 1_100_000, 4_840, 10]),
            // Of the app, on blocks of 15 s, by Python: round(10^7 l / (1 − √m)), round(10^7 m β²).
            (
                "gardens-app-recommended",
                [9_999_879, 3_656_188, 133_677, 200],
            ),
            ("gardens-app-1hive", [9_999_398, 2_375_618, 14_109, 200]),
        ];
        for (name, stored) in expected {
            let (p, chain): (Conviction, Chain) = (setting(name).group(), setting(name).group());
            let least = (1000.0 * chain.min_threshold_stake_share) as u64;
            assert_eq!(
                [chain.decay(p.alpha), scaled(p.beta), scaled(p.rho), least],
                stored,
                "{name}"
            );
        }
    }

    #[test]
    fn they_have_the_minimum_conviction_and_the_resistance_of_the_table() {
        let expected = [
            ("v3", 0.0625, 6.33),
            ("1hive-readme", 0.05, 5.06),
            ("1hive-vote-13", 0.00625, 0.42),
            ("1hive-vote-14", 0.025, 1.69),
            ("gardens-default", 0.025, 3.375),
            ("dashboard-default", 0.005, 0.34),
            ("tec", 0.04, 17.2),
            ("tec-runner-up", 0.03, 6.75),
            ("brightdao", 0.03, 25.31),
            ("gardens-app-recommended", 0.1, 18.46),
            ("gardens-app-1hive", 0.025, 1.42),
        ];
        assert_eq!(super::PRESETS.len(), expected.len());
        for (name, minimum, resists) in expected {
            let p = setting(name).group();
            assert!(
                (minimum_conviction_share(&p) - minimum).abs() < 1e-12,
                "{name}"
            );
            assert!((resistance(&p) / resists - 1.0).abs() < 0.008, "{name}");
        }
    }
}
