//! `conviction completions` and `conviction man`: what the arguments themselves tell.

use super::args::{CompletionsArgs, ManArgs, program};
use super::{Failure, print};
use crate::engine::Model;
use crate::output::OutputError;
use std::io::Write;

pub fn completions(model: &Model, args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program(model), "conviction", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}

pub fn man(model: &Model, args: &ManArgs) -> Result<(), Failure> {
    let directory = &args.directory;
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(program(model), directory))
        .map_err(|source| OutputError::write(directory, source))?;
    print(format_args!("manual pages: {}", directory.display()))?;
    Ok(())
}
