//! What a chain decides: in which numbers stakes, conviction and triggers are kept, and who is paid. A
//! type parameter of a batch: nothing branches on it.
//!
//! A mechanism implements [`Ledger`](super::supply::Ledger), [`Staking`](super::support::Staking) and
//! [`Passing`](super::conviction::Passing), and registers what else it has.

mod gardens1;
mod real;

pub use gardens1::{Chain, Gardens1, gardens1, scaled};
pub use real::{OverRelease, Real};

use crate::engine::{Domain, Field, ModelBuilder, Setting, Value};

/// How stakes, conviction and triggers are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// In real numbers, day by day.
    #[default]
    Real,
    /// As the deployed 1Hive contract does: in whole units of 10⁻¹⁸ tokens, block by block.
    Contract,
}

impl Arithmetic {
    /// The names as written in a spec.
    pub const NAMES: &'static [&'static str] = &["real", "contract"];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Contract => "contract",
        }
    }
}

impl Field for Arithmetic {
    fn value(self) -> Value {
        Value::Name(self.name())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name("real") => Some(Self::Real),
            Value::Name("contract") => Some(Self::Contract),
            _ => None,
        }
    }
}

crate::settings! {
    /// Which mechanism a run has.
    Mechanism {
        arithmetic: Arithmetic = Arithmetic::Real, "", Domain::Names(Arithmetic::NAMES), "whether stakes, conviction and triggers are real numbers, or the deployed contract's integers";
    }
}

/// Whether a setting asks for real numbers.
pub fn is_real(setting: &Setting) -> bool {
    setting.group::<Mechanism>().arithmetic == Arithmetic::Real
}

/// Registers the choice among mechanisms, and what each can be told.
pub fn mechanism(model: &mut ModelBuilder) {
    model.settings::<Mechanism>().settings::<Chain>();
    model.check(gardens1::fault);
}
