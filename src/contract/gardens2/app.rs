//! Converts user input to stored settings, as the Gardens v2 web app does.

/// Parameters of a chain in the web app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AppChain {
    /// Name.
    pub name: &'static str,
    /// Block time in seconds that the app assumes. On Arbitrum a contract sees Ethereum's block numbers, so the
    /// app assumes Ethereum's block time.
    pub block_seconds: f64,
}

/// Chains that the web app supports.
pub const BLOCKS_OF_APP: [AppChain; 7] = [
    AppChain {
        name: "ethereum",
        block_seconds: 12.0,
    },
    AppChain {
        name: "arbitrum",
        block_seconds: 12.0,
    },
    AppChain {
        name: "optimism",
        block_seconds: 2.0,
    },
    AppChain {
        name: "base",
        block_seconds: 2.0,
    },
    AppChain {
        name: "polygon",
        block_seconds: 2.1,
    },
    AppChain {
        name: "gnosis",
        block_seconds: 5.2,
    },
    AppChain {
        name: "celo",
        block_seconds: 1.0,
    },
];

/// Integers that the web app stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppSettings {
    /// Share of conviction kept per block, scaled by 10⁷, rounded down.
    pub decay: u64,
    /// maxRatio, scaled by 10⁷, rounded to nearest.
    pub max_ratio: u64,
    /// weight, scaled by 10⁷, rounded to nearest.
    pub weight: u64,
}

/// Converts three settings: the largest request that can pass, as a share of the pool; the minimum conviction,
/// as a share of the largest possible; and the half-life ("conviction growth"), under an assumed block time.
///
/// ```
/// use conviction::contract::gardens2::app_settings;
/// // The preset "Recommended" on Gnosis Chain.
/// let settings = app_settings(0.25, 0.1, 10.0, 5.2);
/// assert_eq!((settings.decay, settings.max_ratio, settings.weight), (9_999_958, 3_656_188, 133_677));
/// ```
pub fn app_settings(
    spending_limit: f64,
    minimum_conviction: f64,
    half_life_days: f64,
    block_seconds: f64,
) -> AppSettings {
    const SCALE: f64 = 1e7;
    let max_ratio = spending_limit / (1.0 - libm::sqrt(minimum_conviction));
    let blocks = 86_400.0 * half_life_days / block_seconds;
    // Casts saturate.
    AppSettings {
        decay: libm::floor(SCALE * libm::pow(0.5, 1.0 / blocks)) as u64,
        max_ratio: libm::round(SCALE * max_ratio) as u64,
        weight: libm::round(SCALE * minimum_conviction * max_ratio * max_ratio) as u64,
    }
}

/// Returns the half-life, in days, of a stored decay on a chain with this block time.
///
/// ```
/// use conviction::contract::gardens2::{app_settings, half_life_on};
/// let stored = app_settings(0.25, 0.1, 10.0, 12.0);
/// // Rounded down to seven digits, the decay is 9,999,903.
/// assert!((half_life_on(stored.decay, 12.0) - 9.925).abs() < 0.001);
/// assert!((half_life_on(stored.decay, 1.0) - 9.925 / 12.0).abs() < 0.0001);
/// ```
pub fn half_life_on(decay: u64, block_seconds: f64) -> f64 {
    if decay == 0 {
        return 0.0;
    }
    -block_seconds / (86_400.0 * libm::log2(decay as f64 / 1e7))
}
