//! Implements `conviction report`.

use super::args::ReportArgs;
use super::page::{Target, is_output};
use super::{Failure, print};
use crate::engine::Model;
use crate::report::{run, sweep};
use crate::study::{Dataset, Spec};

pub fn report(model: &Model, args: &ReportArgs) -> Result<(), Failure> {
    let target = Target::at(&args.out)?;
    let directory = &args.directory;
    let manifest = directory.join("run.toml");
    let page = if manifest.is_file() {
        let spec = Spec::read_run(model, &manifest)?;
        run::page(directory, &spec.base, spec.seed).map_err(Failure::of_reading)?
    } else if directory.is_dir() && !directory.join("dataset.toml").exists() {
        return Err(Failure::Input(format!(
            "{}: neither a run (run.toml) nor a sweep (dataset.toml); pass the directory that \
             `conviction run --out` or `conviction sweep --out` wrote",
            directory.display()
        )));
    } else {
        let dataset = Dataset::open(directory)?;
        sweep::page(&dataset).map_err(Failure::of_reading)?
    };
    target.write(&page.html())?;
    if !args.quiet && !is_output(&args.out) {
        print(format_args!("{}", args.out.display()))?;
    }
    Ok(())
}
