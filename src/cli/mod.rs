//! The command line: arguments without effects first, then one module per command.
//!
//! Exit status: 0 done, 1 the work failed, 2 the input is wrong, 130 interrupted.

mod args;
mod completions;
mod contract;
mod describe;
mod faults;
mod init;
mod interrupt;
mod json;
mod memory;
mod outcomes;
mod presets;
mod progress;
mod replay;
mod report;
mod run;
mod schema;
mod shard;
mod sweep;
mod text;
mod trigger;
mod verify;

use crate::engine::{Model, nearest};
use crate::error::{chain, visible};
use crate::output::OutputError;
use crate::report::PlaceError;
use crate::study::SpecError;
use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why a command ends with a status other than 0.
enum Failure {
    /// What was asked for makes no sense; nothing was begun.
    Input(String),
    /// A spec is wrong; nothing was begun.
    Spec(SpecError),
    /// The work could not be done.
    Work(String),
    /// The user, or the system, asked for an end.
    Interrupted(String),
    /// The check that was asked for found something; it is printed already.
    Found,
    /// Nobody reads the output any more.
    Pipe(io::Error),
}

impl Failure {
    fn input(error: impl std::error::Error) -> Self {
        Self::Input(chain(&error))
    }

    fn work(error: impl std::error::Error) -> Self {
        Self::Work(chain(&error))
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        Self::Spec(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Occupied { .. } => Self::input(error),
            _ => Self::work(error),
        }
    }
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Output(error) => error.into(),
            _ => Self::input(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Pipe(error)
    }
}

/// The command line of a model: parses the arguments, does what they say, and reports.
pub fn main(model: &Model) -> ExitCode {
    use args::{Arguments, Command};
    let given: Vec<_> = std::env::args_os().collect();
    json::note(given.iter().filter_map(|argument| argument.to_str()));
    let matches = args::program(model).try_get_matches_from(given);
    let arguments = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) => return unparsed(error),
    };
    let done = match arguments.command {
        Command::Run(args) => run::run(model, &args),
        Command::Replay(args) => replay::replay(model, &args),
        Command::Sweep(args) => sweep::sweep(model, &args),
        Command::Verify(args) => verify::verify(&args),
        Command::Report(args) => report::report(model, &args),
        Command::Describe(args) => describe::describe(model, &args),
        Command::Trigger(args) => trigger::trigger(model, &args),
        Command::Presets(args) => presets::presets(model, &args),
        Command::Contract(command) => contract::contract(&command),
        Command::Schema(args) => schema::schema(model, &args),
        Command::Init(args) => init::init(model, &args),
        Command::Completions(args) => completions::completions(model, &args),
        Command::Man(args) => completions::man(model, &args),
    };
    let (status, message) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Found) => return ExitCode::from(1),
        Err(Failure::Pipe(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(Failure::Pipe(error)) => (1, format!("cannot print: {error}")),
        Err(Failure::Work(message)) => (1, message),
        Err(Failure::Input(message)) => (2, message),
        Err(Failure::Spec(error)) => {
            faults::show(&error);
            return ExitCode::from(2);
        }
        Err(Failure::Interrupted(message)) => (130, message),
    };
    if json::is_asked() {
        json::tell_error(status, serde_json::json!({ "message": message }));
        return ExitCode::from(status);
    }
    for line in message.lines() {
        warn_line("error", line);
    }
    ExitCode::from(status)
}

/// Reports arguments that make no sense, or prints the help that they ask for.
fn unparsed(mut error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    suggest(&mut error);
    if json::is_asked() {
        let message = error.render().to_string();
        let message = message.trim_end().trim_start_matches("error: ");
        json::tell_error(2, serde_json::json!({ "message": message }));
        return ExitCode::from(2);
    }
    error.exit()
}

/// Adds the name that a wrong one may stand for, whatever the case of its letters.
fn suggest(error: &mut clap::Error) {
    let (Some(ContextValue::String(found)), Some(ContextValue::Strings(names))) = (
        error.get(ContextKind::InvalidValue),
        error.get(ContextKind::ValidValue),
    ) else {
        return;
    };
    if error.get(ContextKind::SuggestedValue).is_none()
        && let Some(near) = nearest(found, names.iter().map(String::as_str))
    {
        let near = ContextValue::String(near.to_owned());
        error.insert(ContextKind::SuggestedValue, near);
    }
}

/// Prints to standard output, a line at a time as a terminal may show it.
fn print(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in text.to_string().split('\n') {
        writeln!(out, "{}", visible(line))?;
    }
    out.flush()
}

/// Prints a line to standard error, where nobody may be listening.
fn warn_line(kind: &str, line: impl Display) {
    if json::is_asked() {
        json::tell(&serde_json::json!({ "event": kind, "message": line.to_string() }));
        return;
    }
    let _ = writeln!(io::stderr(), "{kind}: {}", visible(&line.to_string()));
}

/// A directory that takes its name only when everything is in it; until then it stands beside its
/// place, and dropping it removes it.
struct WholeDirectory {
    path: PathBuf,
    partial: tempfile::TempDir,
}

impl WholeDirectory {
    /// Begins a directory, whose place must be free or an empty directory.
    fn create(path: &Path) -> Result<Self, OutputError> {
        // Checked here, so that no work is done in vain.
        let made = crate::output::new_directory(path)?;
        let failed = |source| OutputError::write(path, source);
        if made {
            std::fs::remove_dir(path).map_err(failed)?;
        }
        let absolute = std::path::absolute(path).map_err(failed)?;
        let parent = absolute.parent().unwrap_or(&absolute);
        let partial = tempfile::Builder::new()
            .prefix(".conviction-")
            .tempdir_in(parent)
            .map_err(failed)?;
        Ok(Self {
            path: absolute,
            partial,
        })
    }

    /// Where to write.
    fn place(&self) -> &Path {
        self.partial.path()
    }

    /// Gives the directory its name.
    fn publish(self) -> Result<(), OutputError> {
        let failed = |source| OutputError::write(&self.path, source);
        #[cfg(unix)]
        {
            // A temporary directory is private; this one is not.
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(self.place(), mode).map_err(failed)?;
        }
        std::fs::rename(self.place(), &self.path).map_err(failed)
    }
}
