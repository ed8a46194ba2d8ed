//! Implements the command line: argument declarations without effects, then one module per command.
//!
//! Exit status: 0 done, 1 the work failed, 2 the input is wrong, 130 interrupted.

mod args;
mod completions;
mod contract;
mod describe;
mod discover;
mod faults;
mod init;
mod interrupt;
mod json;
mod memory;
mod outcomes;
mod page;
mod presets;
mod progress;
mod replay;
mod report;
mod robust;
mod run;
mod schema;
mod search;
mod sensitivity;
mod shard;
mod sweep;
mod text;
mod trigger;
mod verify;

use crate::engine::{Model, closest_name};
use crate::error::{chain, visible};
use crate::output::OutputError;
use crate::report::PlaceError;
use crate::study::dataset::DatasetError;
use crate::study::store::StoreError;
use crate::study::{SpecError, SweepError};
use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// Reason why a command ends with a status other than 0.
enum Failure {
    /// The request is invalid; nothing was begun.
    Input(String),
    /// A spec is invalid; nothing was begun.
    Spec(SpecError),
    /// The work failed.
    Work(String),
    /// The user, or the system, requested an end.
    Interrupted(String),
    /// The requested check found faults, which are already printed.
    Found,
    /// Standard output is closed.
    Pipe(io::Error),
}

impl Failure {
    fn input(error: impl std::error::Error) -> Self {
        Self::Input(chain(&error))
    }

    fn work(error: impl std::error::Error) -> Self {
        Self::Work(chain(&error))
    }

    /// Classifies a failed read: the work failed if the system refused it, otherwise the input is wrong.
    fn of_reading(error: impl std::error::Error) -> Self {
        match is_of_the_system(&error) {
            true => Self::work(error),
            false => Self::input(error),
        }
    }
}

/// Returns true if the system failed on a valid name.
fn is_of_the_system(error: &dyn std::error::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied};
    let names_wrongly = |kind| {
        matches!(
            kind,
            NotFound | NotADirectory | IsADirectory | InvalidFilename | PermissionDenied
        )
    };
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<io::Error>()
            && cause.raw_os_error().is_some()
        {
            return !names_wrongly(cause.kind());
        }
        next = cause.source();
    }
    false
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        match is_of_the_system(&error) {
            true => Self::work(error),
            false => Self::Spec(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Write { .. } | StoreError::Gone { .. } => Self::work(error),
            _ => Self::of_reading(error),
        }
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Store(error) => error.into(),
            _ => Self::of_reading(error),
        }
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Dataset(error) => error.into(),
            SweepError::TooManyParts { .. } => Self::input(error),
            _ => Self::work(error),
        }
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

/// Runs the command line of a model: parses the arguments, executes the command, and reports.
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
        Command::Discover(args) => discover::discover(&args),
        Command::Robust(args) => robust::robust(&args),
        Command::Search(args) => search::search(model, &args),
        Command::Sensitivity(args) => sensitivity::sensitivity(&args),
        Command::Describe(args) => describe::describe(model, &args),
        Command::Trigger(args) => trigger::trigger(model, &args),
        Command::Presets(args) => presets::presets(model, &args),
        Command::Contract(args) => contract::contract(&args),
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

/// Reports invalid arguments, or prints the requested help.
fn unparsed(mut error: clap::Error) -> ExitCode {
    suggest(&mut error);
    if error.use_stderr() && json::is_asked() {
        let message = error.render().to_string();
        let message = message.trim_end().trim_start_matches("error: ");
        json::tell_error(2, serde_json::json!({ "message": message }));
        return ExitCode::from(2);
    }
    match error.print() {
        Err(full) if !error.use_stderr() && full.kind() != io::ErrorKind::BrokenPipe => {
            warn_line("error", format_args!("cannot print: {full}"));
            ExitCode::from(1)
        }
        _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
    }
}

/// Adds a suggestion for a wrong name, whatever the case of its letters.
fn suggest(error: &mut clap::Error) {
    let (Some(ContextValue::String(found)), Some(ContextValue::Strings(names))) = (
        error.get(ContextKind::InvalidValue),
        error.get(ContextKind::ValidValue),
    ) else {
        return;
    };
    if error.get(ContextKind::SuggestedValue).is_none()
        && let Some(near) = closest_name(found, names.iter().map(String::as_str))
    {
        let near = ContextValue::String(near.to_owned());
        error.insert(ContextKind::SuggestedValue, near);
    }
}

/// Prints to standard output, line by line, escaped for a terminal.
fn print(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in text.to_string().split('\n') {
        writeln!(out, "{}", visible(line))?;
    }
    out.flush()
}

/// Prints a line to standard error, which may be closed.
fn warn_line(kind: &str, line: impl Display) {
    if json::is_asked() {
        json::tell(&serde_json::json!({ "event": kind, "message": line.to_string() }));
        return;
    }
    let _ = writeln!(io::stderr(), "{kind}: {}", visible(&line.to_string()));
}
