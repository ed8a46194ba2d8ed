//! The parameters of the model and its initial values.

/// What governs a run: the DAO's levers and the behaviour of its members.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// α, share of conviction kept each day, in [0, 1). Default 2^(−1/3): a half-life of 3 days.
    pub alpha: f64,
    /// β, upper bound on the share of the pool that one proposal can take, in (0, 1]. Default 0.2.
    pub beta: f64,
    /// ρ, scale of the trigger, > 0; nothing can pass unless ρ < β². Default 0.0025.
    pub rho: f64,
    /// γ, expansion of the total supply per day, minted into the pool, ≥ 0. Default 0.001.
    pub gamma: f64,
    /// How close to the favourite a proposal must be to be supported, ≥ 0. Default 0.75.
    pub sensitivity: f64,
    /// Days; a proposal passes only when older than this, ≥ 0. Default 1.
    pub tmin: f64,
    /// Honey; a candidate with less staked on it is killed, ≥ 0. Default 1.
    pub min_supp: f64,
    /// Expected days until an active proposal completes, > 0. Default 45.
    pub base_completion_rate: f64,
    /// Expected days until an active proposal fails, > 0. Default 180.
    pub base_failure_rate: f64,
    /// Chance to act on a day at full sentiment, in [0, 1]. Default 0.3.
    pub base_engagement_rate: f64,
    /// Least affinity at which a proposal is supported, in [−1, 1]. Default 0.3.
    pub lowest_affinity_to_support: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            alpha: super::alpha_from_half_life(3.0),
            beta: 0.2,
            rho: 0.0025,
            gamma: 0.001,
            sensitivity: 0.75,
            tmin: 1.0,
            min_supp: 1.0,
            base_completion_rate: 45.0,
            base_failure_rate: 180.0,
            base_engagement_rate: 0.3,
            lowest_affinity_to_support: 0.3,
        }
    }
}

/// The state that a run starts from. Defaults: 1Hive on 2020-08-05.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Initial {
    /// Participants, ≥ 1. Default 30.
    pub participants: u32,
    /// Proposals, ≥ 0. Default 7.
    pub proposals: u32,
    /// F, Honey in the pool, > 0 and below `supply`. Default 4867.21.
    pub funds: f64,
    /// S, Honey in all. Default 22392.22.
    pub supply: f64,
    /// s, in [0, 1]. Default 0.6.
    pub sentiment: f64,
}

impl Initial {
    /// E = 0.8 (S − F), Honey.
    pub fn effective_supply(&self) -> f64 {
        0.8 * (self.supply - self.funds)
    }
}

impl Default for Initial {
    fn default() -> Self {
        Self {
            participants: 30,
            proposals: 7,
            funds: 4867.21,
            supply: 22392.22,
            sentiment: 0.6,
        }
    }
}
