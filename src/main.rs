//! Command-line program: parses, runs, prints errors with their causes, and exits.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn main() -> ExitCode {
    conviction::cli::main(&conviction::model())
}
