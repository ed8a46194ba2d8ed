//! Implements `conviction completions` and `conviction man` from the declared arguments.

use super::args::{CompletionsArgs, ManArgs, program};
use super::{Failure, print};
use crate::engine::Model;
use crate::output::{OutputError, write_whole};
use clap::Command;
use clap_mangen::Man;
use std::io::Write;
use std::path::Path;

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
    let failed = |source| OutputError::write(directory, source);
    std::fs::create_dir_all(directory).map_err(failed)?;
    let mut program = program(model).disable_help_subcommand(true);
    program.build();
    write_pages(&program, directory)?;
    print(format_args!("manual pages: {}", directory.display()))?;
    Ok(())
}

/// Writes the manual pages of a command and its subcommands, each complete or not at all.
fn write_pages(command: &Command, directory: &Path) -> Result<(), OutputError> {
    for below in command.get_subcommands() {
        write_pages(below, directory)?;
    }
    let man = Man::new(command.clone());
    let path = directory.join(man.get_filename());
    let mut page = Vec::new();
    man.render(&mut page)
        .map_err(|source| OutputError::write(&path, source))?;
    write_whole(&path, &page)
}
