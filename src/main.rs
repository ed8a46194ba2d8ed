//! The command-line program: parse, run, print the error with its causes, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    conviction::cli::main()
}
