//! `conviction replay`.

use super::args::ReplayArgs;
use super::{Failure, WholeDirectory, print};
use crate::model::{RuleSet, Rules, Setting};
use crate::output::{Columns, Metadata, OutputError, metadata, write_rows};
use crate::replay::{Recording, replay as replay_recording};
use crate::study::spec::parse_rules;
use std::path::Path;

pub fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let rules = match RuleSet::from_name(&args.rules) {
        Some(set) => Rules::from(set),
        None => parse_rules(&args.rules).map_err(Failure::input)?,
    };
    let recording = Recording::read(&args.scenario).map_err(Failure::input)?;
    let directory = WholeDirectory::create(&args.out)?;
    let name = args.scenario.display();
    let replayed = replay_recording(&recording, rules)
        .map_err(|error| Failure::Work(format!("{name}: {error}")))?;
    let metadata = metadata(&[("rules", rules.set_name().to_owned())]);
    let place = directory.place();
    write(place, "system", replayed.system, &metadata)?;
    write(place, "proposals", replayed.proposals, &metadata)?;
    write(place, "participants", replayed.participants, &metadata)?;
    write(place, "support_edges", replayed.support_edges, &metadata)?;
    directory.publish()?;
    let Setting { days, .. } = recording.setting;
    print(format_args!(
        "{name}: {days} days replayed under rules {}, written to {}",
        rules.set_name(),
        args.out.display()
    ))?;
    Ok(())
}

fn write<C: Columns>(
    place: &Path,
    table: &str,
    rows: C,
    metadata: &Metadata,
) -> Result<(), OutputError> {
    let path = place.join(table).with_extension("parquet");
    write_rows(&path, rows, metadata).map(drop)
}
