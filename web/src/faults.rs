//! Faults of a spec as the page shows them: line, key, what is wrong, and the fix.

use conviction::error::chain;
use conviction::study::spec::SpecFault;
use conviction::study::{PlanError, SpecError};
use serde_json::{Value, json};

/// The faults of a spec.
pub fn of_spec(error: &SpecError) -> Value {
    match error {
        SpecError::Faults { faults, more, .. } => {
            let faults: Vec<_> = faults.iter().map(fault).collect();
            json!({ "faults": faults, "more": more })
        }
        other => alone(&chain(other)),
    }
}

fn fault(of: &SpecFault) -> Value {
    json!({
        "line": of.line, "key": of.key, "message": of.message,
        "excerpt": of.excerpt.as_ref().map(|excerpt| &excerpt.text),
    })
}

/// The faults of the points of a plan.
pub fn of_plan(error: &PlanError) -> Value {
    match error {
        PlanError::Points { faults } => {
            let faults: Vec<_> = faults
                .iter()
                .map(|of| {
                    json!({ "line": null, "key": of.fault.key, "message": of.fault.message, "excerpt": null })
                })
                .collect();
            json!({ "faults": faults, "more": 0 })
        }
        other => alone(&chain(other)),
    }
}

fn alone(message: &str) -> Value {
    json!({ "faults": [{ "line": null, "key": "", "message": message, "excerpt": null }], "more": 0 })
}
