//! Parsers of single values of arguments.

use crate::contract::{U256, whole_number};
use crate::input::meant;
use crate::study::spec::MOST_SEED;
use clap::builder::{PathBufValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// Parses an output directory, which cannot be standard output.
pub(super) fn directory() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path == Path::new("-") {
        true => Err(
            "expected a directory, found standard output; write ./- for a directory of that name",
        ),
        false => Ok(path),
    })
}

/// Parses a number.
pub(super) fn real(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| {
        let near = meant(text).map_or(String::new(), |near| format!("; did you mean {near}?"));
        format!("expected a number{near}")
    })
}

/// Parses a share above 0, at most 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let is_share = |share: &f64| *share > 0.0 && *share <= 1.0;
    let share = text.parse().ok().filter(is_share);
    share.ok_or_else(|| {
        let meant = meant(text);
        let near = meant
            .filter(is_share)
            .or(meant.map(|percent| percent / 100.0));
        let near = near.filter(is_share).unwrap_or(0.1);
        format!("expected a share above 0 and at most 1, such as {near}")
    })
}

/// Parses a root seed.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    let seed = text.parse().ok().filter(|&seed| seed <= MOST_SEED);
    seed.ok_or_else(|| {
        if text.parse::<u64>().is_ok() {
            return format!("expected at most {MOST_SEED}, found {text}");
        }
        let near =
            meant(text).filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number));
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        format!("expected a whole number from 0 to {MOST_SEED}{near}")
    })
}

/// Parses a share above 0 and below 1.
pub(super) fn part(text: &str) -> Result<f64, &'static str> {
    let share = text
        .parse()
        .ok()
        .filter(|&share| share > 0.0 && share < 1.0);
    share.ok_or("expected a share above 0 and below 1, such as 0.05")
}

/// Parses an integer of a contract.
pub(super) fn whole(text: &str) -> Result<U256, &'static str> {
    whole_number(text).ok_or("expected a whole number below 2^256")
}
