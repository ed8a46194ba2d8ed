//! Reads variants: named settings.

use super::enabling::leaves;
use super::reader::{Reader, Span, clipped};
use super::{Role, Spec, Variant};
use crate::engine::{Key, Preset};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Roles of variants; all variants of a spec have the same.
const ROLES: [Role; 2] = [Role::Lever, Role::Uncertainty];

/// Table of a variant, and its place in messages.
#[derive(Clone, Copy)]
struct VariantTable<'t, 'i> {
    place: &'t str,
    table: &'t DeTable<'i>,
}

impl Reader<'_> {
    /// Reads the variants; returns those that start from a preset, by position.
    pub(super) fn variants(
        &mut self,
        item: &DeValue,
        span: Span,
        spec: &mut Spec,
    ) -> Vec<(usize, &'static Preset)> {
        let tables = self.tables(item, "variant", span);
        let (mut names, mut bases) = (BTreeSet::new(), Vec::new());
        let mut roles = Vec::new();
        for (number, (table, span)) in tables.into_iter().enumerate() {
            let mut read = Variant {
                name: String::new(),
                settings: Vec::new(),
                own: 0,
            };
            let mut fixed = Vec::new();
            let place = format!("variant {}", number + 1);
            let of = VariantTable {
                place: &place,
                table,
            };
            for (name, value) in table {
                let short = name.get_ref().as_ref();
                let span = Some(value.span());
                if short == "name" {
                    match value.get_ref().as_str() {
                        Some(text) if !text.is_empty() => read.name = text.to_owned(),
                        _ => self.fault(span, &place, "name: expected a string"),
                    }
                    continue;
                }
                if short == "role" {
                    let path = format!("{place}, role");
                    let named =
                        self.name(value.get_ref(), &path, span.clone(), &ROLES.map(Role::name));
                    let Some(role) = named.map(|role| ROLES[role]) else {
                        continue;
                    };
                    roles.push((number, role));
                    if roles[0].1 != role {
                        let message = "differs from another variant's; all must be the same";
                        self.fault(span, &path, message);
                    }
                    continue;
                }
                if short == "preset" {
                    let path = format!("{place}, preset");
                    let preset = self.preset(value, &path);
                    bases.extend(preset.map(|preset| (number, preset)));
                    continue;
                }
                self.variant_settings(of, short, name.span(), value, &mut read, &mut fixed);
            }
            if read.name.is_empty() {
                if !table.contains_key("name") {
                    self.fault(span, &place, "name missing");
                }
            } else if !names.insert(read.name.clone()) {
                let name = clipped(&read.name);
                let message = format!("duplicate name \"{name}\"; choose another");
                self.fault(span, &place, &message);
            }
            read.own = read.settings.len();
            spec.variants.push(read);
        }
        if let Some(&(_, role)) = roles.first() {
            spec.variant_role = role;
        }
        bases
    }

    /// Reads a setting of a variant: `beta = 0.3`, `"initial.funds" = 100` or `initial.funds = 100`.
    fn variant_settings(
        &mut self,
        of: VariantTable<'_, '_>,
        name: &str,
        name_span: Range<usize>,
        value: &Spanned<DeValue>,
        variant: &mut Variant,
        fixed: &mut Vec<&'static Key>,
    ) {
        let VariantTable { place, table } = of;
        if let DeValue::Table(inner) = value.get_ref()
            && self.is_group(name)
        {
            if name == "rules"
                && let Some(base) = inner.get("base")
            {
                self.rules_of_variant(place, base, inner, variant, fixed);
                return;
            }
            if inner.is_empty() {
                let path = format!("{place}, {name}");
                self.fault(
                    Some(value.span()),
                    &path,
                    "empty; set a key in it, or remove it",
                );
            }
            for (tail, value) in inner {
                let full = format!("{name}.{}", tail.get_ref());
                self.variant_settings(of, &full, tail.span(), value, variant, fixed);
            }
            return;
        }
        let path = format!("{place}, {name}");
        if let Some(of) = self.kept_in_file(name) {
            let span = Some(value.span());
            let beside = |name: &str| {
                let all = leaves(table).into_iter();
                let mut named = all.filter(|(other, _)| other == name);
                named.next().map(|(_, value)| value.get_ref().clone())
            };
            let value = self.value_in_file(of, &path, value.get_ref(), span.clone(), beside);
            if let Some(value) = value {
                self.fix(fixed, of.key, &path, span);
                variant.settings.push((of.key, value));
            }
            return;
        }
        let not_days = |key: &Key| key.name != "days";
        if let Some(key) = self.known_key(
            name,
            &path,
            Some(name_span),
            not_days,
            &["name", "preset", "role"],
        ) {
            let span = Some(value.span());
            if let Some(value) = self.value(key, &path, value.get_ref(), span.clone()) {
                self.fix(fixed, key, &path, span);
                variant.settings.push((key, value));
            }
        }
    }

    /// Reads `rules = { base = "v3", over_release = "corrected" }` of a variant, which sets every rule.
    fn rules_of_variant(
        &mut self,
        place: &str,
        base: &Spanned<DeValue>,
        rules: &DeTable,
        variant: &mut Variant,
        fixed: &mut Vec<&'static Key>,
    ) {
        let path = format!("{place}, rules.base");
        let span = Some(base.span());
        let set = self.keys.find("rules");
        let base = set.and_then(|key| {
            let value = self.value(key, &path, base.get_ref(), span.clone())?;
            Some((key, value))
        });
        let mut setting = self.setting_of_model();
        if let Some((key, value)) = base {
            self.fix(fixed, key, &path, span.clone());
            setting.put(key, value);
        }
        for (name, value) in rules {
            let short = name.get_ref().as_ref();
            if short == "base" {
                continue;
            }
            let (path, full) = (format!("{place}, rules.{short}"), format!("rules.{short}"));
            let is_rule = |key: &Key| key.name.starts_with("rules.");
            let key = self.known_key(&full, &path, Some(name.span()), is_rule, &["base"]);
            let value = key.and_then(|key| {
                let value = self.value(key, &path, value.get_ref(), Some(value.span()))?;
                Some((key, value))
            });
            if let Some((key, value)) = value {
                setting.put(key, value);
            }
        }
        let all = self.keys.all().iter();
        let all = all.filter(|key| key.name.starts_with("rules."));
        variant
            .settings
            .extend(all.map(|key| (*key, setting.value(key))));
    }
}
