//! `conviction verify`.

use super::args::VerifyArgs;
use super::{Failure, print};
use crate::study::store::{Directory, Left, Store};
use crate::study::verify::verify as check;

pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let store = Directory::new(&args.dataset);
    // Looked at first: nothing is removed from what is no dataset.
    let mut found = check(&store).map_err(Failure::input)?;
    if args.clean {
        let removed = store.tidy(Left::ByAnybody).map_err(Failure::work)?;
        print(format_args!(
            "{removed} files that were begun and not ended are removed"
        ))?;
        found = check(&store).map_err(Failure::input)?;
    }
    for problem in &found.problems {
        print(problem)?;
    }
    for notice in &found.notices {
        print(format_args!("note: {notice}"))?;
    }
    let name = args.dataset.display();
    if found.problems.is_empty() {
        let parts = found.parts;
        print(format_args!("{name}: whole ({parts} parts)"))?;
        return Ok(());
    }
    print(format_args!(
        "{name}: not whole, {} problems; `conviction sweep SPEC --out {name} --resume --check full` \
         does missing and altered parts again, foreign files are yours to move",
        found.problems.len()
    ))?;
    Err(Failure::Found)
}
