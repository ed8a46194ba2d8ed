//! `conviction completions` and `conviction man`: what the arguments themselves tell.

use super::args::{Arguments, CompletionsArgs, ManArgs};
use super::{Failure, print};
use crate::output::OutputError;
use clap::CommandFactory;
use std::io::Write;

pub fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Arguments::command(),
        "conviction",
        &mut script,
    );
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}

pub fn man(args: &ManArgs) -> Result<(), Failure> {
    let directory = &args.directory;
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory))
        .map_err(|source| OutputError::write(directory, source))?;
    print(format_args!("manual pages: {}", directory.display()))?;
    Ok(())
}
