//! The rules in which the corrected model differs from the published program.

/// A complete set of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSet {
    /// Exactly what the published program does, its defects included.
    V3,
    /// The same model with the defects mended.
    Corrected,
}

impl RuleSet {
    /// The names as written in a spec.
    pub const NAMES: &'static [&'static str] = &["corrected", "v3"];

    /// The set of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "v3" => Some(Self::V3),
            "corrected" => Some(Self::Corrected),
            _ => None,
        }
    }

    /// The name as written in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::Corrected => "corrected",
        }
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident: $meaning:literal,)+) => {
        /// Which version of each rule holds. Each can be switched on its own, so that a study can
        /// tell what each defect of the published program did to its conclusions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Rules {
            $($(#[doc = $doc])+ pub $name: RuleSet,)+
        }

        /// The name of one rule, with the ways to read and to switch it.
        pub struct RuleName {
            /// The name as written in a spec.
            pub name: &'static str,
            /// What the rule decides, in one line.
            pub meaning: &'static str,
            /// Reads the rule.
            pub get: fn(&Rules) -> RuleSet,
            /// Switches the rule.
            pub set: fn(&mut Rules, RuleSet),
        }

        /// Every rule, in the order of [`Rules`].
        pub const RULES: &[RuleName] = &[$(RuleName {
            name: stringify!($name),
            meaning: $meaning,
            get: |r| r.$name,
            set: |r, v| r.$name = v,
        },)+];

        impl From<RuleSet> for Rules {
            fn from(set: RuleSet) -> Self {
                Self { $($name: set,)+ }
            }
        }
    };
}

rules! {
    /// v3: stakes are split by raw affinity, so a proposal supported through social influence alone
    /// may get a negative stake. Corrected: by the boosted affinity that decided, not below 0.
    stake_weight: "what the holdings are split by: raw affinity (v3) or the boosted one, not below 0",
    /// v3: an idle participant's whole holdings are split anew over what it still supports.
    /// Corrected: who does not act moves nothing; freed tokens wait until their holder acts.
    idle_stake: "whether stakes of participants who did not act move (v3) or stay",
    /// v3: the program crashes when the accepted requests exceed the pool. Corrected: strongest
    /// conviction first (ties: lower id), while the running total fits.
    over_release: "what happens when the accepted requests exceed the pool: a crash (v3) or strongest first",
    /// v3: the networks are redrawn once per initial proposal. Corrected: each pair is drawn once.
    network_density: "whether networks are redrawn for each initial proposal (v3) or drawn once",
    /// v3: newcomers have no influence edges, new proposals no conflict edges. Corrected: both are
    /// linked by the law of the initial network.
    newcomer_links: "whether newcomers stay outside the networks (v3) or are linked",
    /// v3: holdings sum to about S while E = 0.8 (S − F); newcomers take 1 % of S − E.
    /// Corrected: E is the sum of holdings; newcomers take 1 % of L, at most L.
    accounting: "whether holdings and effective supply may differ (v3) or agree",
    /// v3: ln r < 0 for requests below 1 raises the rates or makes them negative.
    /// Corrected: ln max(r, 1).
    small_grant: "whether requests below one token disturb the rates of completion (v3) or not",
    /// v3: "fraction of supply in pool" is S/F. Corrected: F/S.
    pool_metric: "whether the fraction of supply in the pool is S/F (v3) or F/S",
}

impl Default for Rules {
    fn default() -> Self {
        RuleSet::Corrected.into()
    }
}

impl Rules {
    /// `corrected`, `v3`, or `mixed` where the rules differ.
    pub fn set_name(&self) -> &'static str {
        [RuleSet::Corrected, RuleSet::V3]
            .into_iter()
            .find(|&set| *self == set.into())
            .map_or("mixed", RuleSet::name)
    }
}
