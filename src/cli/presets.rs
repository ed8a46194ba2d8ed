//! Implements `conviction presets`.

use super::args::{Format, PresetsArgs};
use super::{Failure, json, print};
use crate::digits::{percent, rounded};
use crate::engine::Model;
use crate::voting::attackers::closed_form::resistance;
use crate::voting::conviction::{
    Conviction, half_life_from_alpha, largest_passable_share, minimum_conviction_share,
};
use comfy_table::{CellAlignment, Table, presets::NOTHING};
use serde_json::{Map, Value, json};

pub fn presets(model: &Model, args: &PresetsArgs) -> Result<(), Failure> {
    match args.format {
        Format::Json => Ok(json::print(&document(model)?)?),
        Format::Text => show(model),
    }
}

/// Formats the presets for programs: their values, and what their settings mean.
fn document(model: &Model) -> Result<Value, Failure> {
    let presets = model.presets().iter().map(|preset| {
        let mut setting = model.setting();
        preset.apply(&mut setting).map_err(Failure::input)?;
        let values = preset
            .values
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.into()));
        let p = &setting.group::<Conviction>();
        Ok::<_, Failure>(json!({
            "name": preset.name,
            "contract": preset.contract,
            "meaning": preset.meaning,
            "source": preset.source,
            "values": Map::from_iter(values),
            "largest_passable_share": largest_passable_share(p),
            "minimum_conviction_share": minimum_conviction_share(p),
            "resistance_days": resistance(p),
        }))
    });
    let presets = presets.collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "presets": presets }))
}

fn show(model: &Model) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header([
        "preset",
        "contract",
        "half-life",
        "beta (maxRatio)",
        "rho (weight)",
        "largest request",
        "minimum conviction",
        "least share",
        "block",
        "kappa",
    ]);
    for preset in model.presets() {
        let mut setting = model.setting();
        preset.apply(&mut setting).map_err(Failure::input)?;
        let p = &setting.group::<Conviction>();
        // Values that the source omits are left open.
        let of_chain = |key: &str, shown: &dyn Fn(f64) -> String| {
            preset.value(key).map_or("–".to_owned(), shown)
        };
        table.add_row([
            preset.name.to_owned(),
            preset.contract.unwrap_or("–").to_owned(),
            format!("{} days", rounded(half_life_from_alpha(p.alpha), 6)),
            rounded(p.beta, 6).to_string(),
            rounded(p.rho, 6).to_string(),
            percent(largest_passable_share(p)),
            format!("{} %", rounded(100.0 * minimum_conviction_share(p), 4)),
            of_chain("chain.min_threshold_stake_share", &percent),
            of_chain("chain.block_time_seconds", &|seconds| {
                format!("{seconds} s")
            }),
            format!("{} days", rounded(rounded(resistance(p), 11), 3)),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    print(table)?;
    for preset in model.presets() {
        print(format_args!(
            "\n{}: {}\n  {}",
            preset.name, preset.meaning, preset.source
        ))?;
    }
    print(
        "\nrun and trigger accept --preset NAME, and a spec preset = \"NAME\" at the top level; explicit settings \
         override it",
    )?;
    Ok(())
}
