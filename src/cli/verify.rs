//! Implements `conviction verify`.

use super::args::{Format, VerifyArgs};
use super::{Failure, json, print};
use crate::study::record::Problem;
use crate::study::store::open_store;
use crate::study::verify::{Verification, verify as check};
use serde_json::{Value, json};

pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let store = open_store(&args.dataset)?;
    // Checked first: nothing is removed from a directory that is not a dataset.
    let mut found = check(&*store)?;
    let mut removed = 0;
    if args.clean {
        removed = store.tidy()?;
        found = check(&*store)?;
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
        print(format_args!("temporary files removed: {removed}"))?;
    }
    for problem in &found.problems {
        print(problem)?;
    }
    for notice in &found.notices {
        print(format_args!("note: {notice}"))?;
    }
    let name = args.dataset.display();
    if found.problems.is_empty() {
        print(format_args!("{name}: complete ({} parts)", found.parts))?;
        return Ok(());
    }
    print(format_args!(
        "{name}: incomplete or damaged, {} problems",
        found.problems.len()
    ))?;
    if found.problems.iter().any(Problem::is_mendable) {
        print(format_args!(
            "`conviction sweep SPEC --out {name} --resume --check full` rewrites missing and altered parts"
        ))?;
    }
    if found.problems.iter().any(|problem| !problem.is_mendable()) {
        print(
            "move foreign and unreadable files away by hand; if files belong to two sweeps, restore the right ones",
        )?;
    }
    Ok(())
}

/// Formats the same for programs.
fn document(args: &VerifyArgs, removed: u64, found: &Verification) -> Value {
    let problem = |problem: &Problem| match problem {
        Problem::Missing(file) => json!({ "kind": "missing", "file": file }),
        Problem::Altered(file) | Problem::Contradicted(file, _) => {
            json!({ "kind": "altered", "file": file })
        }
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
