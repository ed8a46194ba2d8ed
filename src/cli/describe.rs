//! Implements `conviction describe`.

use super::args::{DescribeArgs, Description};
use super::page::is_output;
use super::{Failure, print};
use crate::engine::Model;
use crate::output::write_whole;
use crate::study::Dataset;
use crate::study::dictionary::Dictionary;

pub fn describe(model: &Model, args: &DescribeArgs) -> Result<(), Failure> {
    let dataset = Dataset::open(&args.dataset)?;
    let dictionary = Dictionary::of(&dataset, model).map_err(Failure::of_reading)?;
    let text = match args.format {
        Description::Markdown => dictionary.markdown(),
        Description::Json => dictionary.json(),
        Description::Croissant => dictionary.croissant(),
    };
    match &args.out {
        Some(path) if !is_output(path) => {
            write_whole(path, text.as_bytes())?;
        }
        _ => print(text.trim_end())?,
    }
    Ok(())
}
