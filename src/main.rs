//! The command-line program: parse, run, print the error with its causes, exit.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn main() -> ExitCode {
    conviction::cli::main(&conviction::model())
}
