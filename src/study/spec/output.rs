//! Reads the output of a sweep: its tables, their columns, and the interval of days.

use super::Spec;
use super::reader::{Reader, Span, closest_name, did_you_mean};
use crate::engine::{Choice, Output};
use crate::study::tables::{RUNS, common_columns, folder, tables};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Word that selects every column of a table.
pub(in crate::study) const ALL: &str = "all";

impl Reader<'_> {
    pub(super) fn output(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let Some(table) = self.table(item, "output", span) else {
            return;
        };
        let all: Vec<_> = tables(&spec.model).collect();
        let known: Vec<_> = all.iter().map(folder).collect();
        spec.output.columns = self.chosen_columns(table, &all, spec);
        // Choosing columns of a table selects the table.
        let is_chosen = |table: &Output| spec.output.columns.contains_key(table.name);
        let mut asked: Vec<_> = all.iter().map(is_chosen).collect();
        for (name, value) in table {
            let span = Some(value.span());
            match name.get_ref().as_ref() {
                "tables" => {
                    let path = "output.tables";
                    let Some(names) = value.get_ref().as_array() else {
                        let message = "expected a list, such as [\"runs\", \"days\"]";
                        self.fault(span, path, message);
                        continue;
                    };
                    let places: Vec<_> = names
                        .iter()
                        .filter_map(|name| {
                            self.name(name.get_ref(), path, Some(name.span()), &known)
                        })
                        .collect();
                    // The first table is always written.
                    let is_listed = |place: usize| place == 0 || places.contains(&place);
                    for (place, asked) in asked.iter_mut().enumerate() {
                        if *asked && !is_listed(place) {
                            let message = format!(
                                "output.tables lacks this table; add \"{0}\" to it, or remove \
                                 output.{0}",
                                known[place]
                            );
                            let span = table.get(known[place]).map(|value| value.span());
                            self.fault(span, &format!("output.{}", known[place]), &message);
                        }
                        *asked = is_listed(place);
                    }
                }
                "every" => {
                    spec.output.every =
                        self.whole_number(value.get_ref(), "output.every", span, 1, 36_500) as u32;
                }
                of_table if known.contains(&of_table) => {}
                other => {
                    let path = format!("output.{other}");
                    let mut keys = vec!["tables", "every"];
                    keys.extend(&known);
                    self.unknown(&path, other, Some(name.span()), &keys);
                }
            }
        }
        let places = (0..all.len()).filter(|&place| place == 0 || asked[place]);
        spec.output.tables = places.map(|place| all[place]).collect();
    }

    /// Reads the columns chosen of each table: a list of names, or "all".
    fn chosen_columns(
        &mut self,
        table: &DeTable,
        all: &[Output],
        spec: &Spec,
    ) -> BTreeMap<&'static str, Choice> {
        let mut chosen = BTreeMap::new();
        for of in all {
            let Some(value) = table.get(folder(of)) else {
                continue;
            };
            let path = format!("output.{}", folder(of));
            if value.get_ref().as_str() == Some(ALL) {
                chosen.insert(of.name, Choice::All);
                continue;
            }
            let names = value.get_ref().as_array().filter(|names| !names.is_empty());
            let Some(names) = names else {
                let message =
                    "expected a list of columns, such as [\"funds\", \"sentiment\"], or \"all\"";
                self.fault(Some(value.span()), &path, message);
                continue;
            };
            let columns = common_columns(of, &spec.model);
            let own = spec.model.columns(of.name);
            let mut wanted: Vec<String> = Vec::new();
            for name in names {
                let span = Some(name.span());
                let word = name.get_ref().as_str().unwrap_or_default();
                if wanted.iter().any(|other| other == word) {
                    self.fault(span, &path, &format!("{word} is listed twice; keep one"));
                } else if own.iter().any(|column| column.name == word) {
                    wanted.push(word.to_owned());
                } else if !columns.iter().any(|column| column.name == word) {
                    let names = columns.iter().map(|column| column.name.as_str());
                    let hint = closest_name(word, names)
                        .map_or(String::new(), |near| did_you_mean(format!("\"{near}\"")));
                    let message = format!(
                        "unknown column {} of {1}{hint}; `conviction schema {1}` lists all",
                        super::reader::shown(name.get_ref()),
                        folder(of)
                    );
                    self.fault(span, &path, &message);
                }
            }
            chosen.insert(of.name, Choice::These(wanted));
        }
        chosen
    }

    /// Reports objectives whose column is not written.
    pub(super) fn objectives_are_written(&mut self, spec: &Spec) {
        let runs = tables(&spec.model).find(|table| table.name == RUNS);
        let Some(choice) = runs.map(|runs| spec.output.choice(&runs, &spec.model)) else {
            return;
        };
        for objective in &spec.objectives {
            if !choice.has(&objective.column) {
                let message = format!(
                    "the objective {} needs the column {1}; add \"{1}\"",
                    objective.name, objective.column
                );
                self.fault(None, "output.runs", &message);
            }
        }
    }
}
