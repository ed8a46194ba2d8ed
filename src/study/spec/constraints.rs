//! Reads constraints of a spec: conditions on settings that every point must satisfy.

use super::Spec;
use super::reader::{Reader, Span, closest_name};
use crate::study::condition::Condition;
use toml::de::DeValue;

impl Reader<'_> {
    /// Reads the constraints, each a string.
    pub(super) fn constraints(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let Some(items) = item.as_array() else {
            let message = "expected a list of strings, such as [\"beta <= 0.3\"]";
            self.fault(span, "constraints", message);
            return;
        };
        for item in items {
            let span = Some(item.span());
            let Some(text) = item.get_ref().as_str() else {
                self.fault(
                    span,
                    "constraints",
                    "expected a string, such as \"beta <= 0.3\"",
                );
                continue;
            };
            match Condition::parse(text) {
                Ok(condition) => {
                    for name in condition.names() {
                        self.constrained(name, span.clone());
                    }
                    spec.constraints.push(condition);
                }
                Err(error) => self.fault(span, "constraints", &error.problem),
            }
        }
    }

    /// Checks that a constraint names a setting with a single value.
    fn constrained(&mut self, name: &str, span: Span) {
        let keys = self.keys;
        if keys.find(name).is_some_and(|key| !key.is_long()) {
            return;
        }
        let names = keys.all().iter().map(|key| key.name);
        let message = match closest_name(name, names) {
            Some(near) => format!("unknown setting {name}; did you mean {near}?"),
            None => format!("unknown setting {name}; `conviction schema settings` lists all"),
        };
        self.fault(span, "constraints", &message);
    }

    /// Rejects constraints with designs that need every point.
    pub(super) fn constraints_suit_designs(&mut self, spec: &Spec) {
        if spec.constraints.is_empty() {
            return;
        }
        let mut designs = spec.factors.iter().map(|factor| &factor.design);
        if let Some(design) = designs.find(|design| design.needs_every_point()) {
            let message = format!(
                "the design \"{}\" needs every point; choose another design, or remove the constraints",
                design.name()
            );
            self.fault(None, "constraints", &message);
        }
    }
}
