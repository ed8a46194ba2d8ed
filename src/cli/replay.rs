//! Implements `conviction replay`.

use super::args::ReplayArgs;
use super::{Failure, print};
use crate::engine::{Model, Settings};
use crate::output::{OutputError, TableFile, WholeDirectory, batch, metadata, write_whole};
use crate::study::spec::{Spec, parse_rules};
use crate::voting::published::{self, Recording, TABLES};
use crate::voting::rules::{Rules, set_name};

pub fn replay(model: &Model, args: &ReplayArgs) -> Result<(), Failure> {
    let rules = parse_rules(model, &args.rules)?;
    let recording = Recording::read(&args.scenario, model).map_err(Failure::of_reading)?;
    let mut setting = recording.setting.clone();
    for rule in Rules::KEYS {
        setting.put(rule, rules.value(rule));
    }
    let directory = WholeDirectory::create(&args.out)?;
    let name = args.scenario.display();
    let replayed = published::replay(&recording, &setting)
        .map_err(|error| Failure::Work(format!("{name}: {error}")))?;
    let metadata = metadata(&[("rules", set_name(&setting).to_owned())]);
    let published = published::model();
    for (table, mut rows) in TABLES.into_iter().zip(replayed) {
        let columns = published.columns(table);
        let path = directory.place().join(table).with_extension("parquet");
        let mut write = || -> Result<(), OutputError> {
            let mut file = TableFile::create(&path, &columns, &metadata)?;
            file.write(&batch(&columns, rows.arrays()))?;
            file.publish()
        };
        write().map_err(|error| directory.named(error))?;
    }
    // `report` reads the setting.
    let mut spec = Spec::of(model);
    spec.base = setting.clone();
    let config = format!(
        "# The setting of this replay, for `conviction report`. The random numbers are those of the recording.\n{}",
        spec.run_text()
    );
    write_whole(&directory.place().join("run.toml"), config.as_bytes())
        .map_err(|error| directory.named(error))?;
    directory.publish()?;
    if args.quiet {
        return Ok(());
    }
    print(format_args!(
        "{name}: {} days replayed under rules {}, written to {out}\nnext: conviction report {out} --out report.html",
        setting.group::<crate::engine::Horizon>().days,
        set_name(&setting),
        out = args.out.display()
    ))?;
    Ok(())
}
