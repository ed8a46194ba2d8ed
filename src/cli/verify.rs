//! `conviction verify`.

use super::args::VerifyArgs;
use super::{Failure, print};
use crate::study::Dataset;

pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let dataset = Dataset::open(&args.dataset).map_err(Failure::input)?;
    let found = dataset.verify().map_err(Failure::work)?;
    for problem in &found.problems {
        print(problem)?;
    }
    let name = args.dataset.display();
    if found.problems.is_empty() {
        let parts = found.parts;
        let runs = dataset.manifest.runs;
        print(format_args!("{name}: whole ({parts} parts, {runs} runs)"))?;
        return Ok(());
    }
    print(format_args!(
        "{name}: not whole, {} problems; `conviction sweep SPEC --out {name} --resume` does missing \
         and altered parts again, foreign files are yours to move",
        found.problems.len()
    ))?;
    Err(Failure::Found)
}
