//! `conviction verify`.

use super::args::{Format, VerifyArgs};
use super::{Failure, json, print};
use crate::study::record::Problem;
use crate::study::store::{Left, open_store};
use crate::study::verify::{Verification, verify as check};
use serde_json::{Value, json};

pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let store = open_store(&args.dataset).map_err(Failure::input)?;
    // Looked at first: nothing is removed from what is no dataset.
    let mut found = check(&*store).map_err(Failure::input)?;
    let mut removed = 0;
    if args.clean {
        removed = store.tidy(Left::ByAnybody).map_err(Failure::work)?;
        found = check(&*store).map_err(Failure::input)?;
    }
    match args.format {
        _ if args.quiet => {}
        Format::Json => json::print(&document(args, removed, &found))?,
        Format::Text => show(args, removed, &found)?,
    }
    match found.problems.is_empty() {
        true => Ok(()),
        false => Err(Failure::Found),
    }
}

fn show(args: &VerifyArgs, removed: u64, found: &Verification) -> Result<(), Failure> {
    if args.clean {
        print(format_args!(
            "{removed} files that were begun and not ended are removed"
        ))?;
    }
    for problem in &found.problems {
        print(problem)?;
    }
    for notice in &found.notices {
        print(format_args!("note: {notice}"))?;
    }
    let name = args.dataset.display();
    if found.problems.is_empty() {
        print(format_args!("{name}: whole ({} parts)", found.parts))?;
        return Ok(());
    }
    print(format_args!(
        "{name}: not whole, {} problems; `conviction sweep SPEC --out {name} --resume --check full` \
         does missing and altered parts again, foreign files are yours to move",
        found.problems.len()
    ))?;
    Ok(())
}

/// The same for machines.
fn document(args: &VerifyArgs, removed: u64, found: &Verification) -> Value {
    let problem = |problem: &Problem| match problem {
        Problem::Missing(file) => json!({ "kind": "missing", "file": file }),
        Problem::Altered(file) => json!({ "kind": "altered", "file": file }),
        Problem::Foreign(file) => json!({ "kind": "foreign", "file": file }),
        Problem::Unreadable(file, why) => {
            json!({ "kind": "unreadable", "file": file, "why": why })
        }
        Problem::MissingParts(parts) => {
            json!({ "kind": "missing", "first_part": parts.start, "last_part": parts.end - 1 })
        }
    };
    json!({
        "dataset": args.dataset.display().to_string(),
        "whole": found.problems.is_empty(),
        "parts": found.parts,
        "removed": removed,
        "problems": found.problems.iter().map(problem).collect::<Vec<_>>(),
        "notices": found.notices,
    })
}
