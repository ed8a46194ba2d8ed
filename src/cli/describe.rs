//! `conviction describe`.

use super::args::{DescribeArgs, Description};
use super::{Failure, print};
use crate::engine::Model;
use crate::output::write_whole;
use crate::study::Dataset;
use crate::study::dictionary::Dictionary;

pub fn describe(model: &Model, args: &DescribeArgs) -> Result<(), Failure> {
    let dataset = Dataset::open(&args.dataset).map_err(Failure::input)?;
    let dictionary = Dictionary::of(&dataset, model).map_err(Failure::input)?;
    let text = match args.format {
        Description::Markdown => dictionary.markdown(),
        Description::Json => dictionary.json(),
        Description::Croissant => dictionary.croissant(),
    };
    match &args.out {
        Some(path) => {
            write_whole(path, text.as_bytes())?;
        }
        None => print(text.trim_end())?,
    }
    Ok(())
}
