//! Draws the market of a run that had one.

use super::super::figure::{Choice, Figure, Frame, all, frame, line};
use super::history::History;
use super::system::{drawn, from_zero};
use crate::input::TableError;
use serde_json::json;

pub fn price(run: &History) -> Result<Figure, TableError> {
    let lines = drawn(run, &["price", "outside_price"], "", line)?;
    let caption = "The price of Honey, in the pool and outside.";
    Ok(from_zero(Figure::fixed(
        caption,
        "day",
        "xDai per Honey",
        lines,
    )))
}

pub fn reserves(run: &History) -> Result<Figure, TableError> {
    let of = |column| drawn(run, &[column], "", line);
    let frames = vec![
        frame(of("hny_in_pool")?),
        Frame {
            data: of("xdai_in_pool")?,
            layout: json!({ "yaxis": { "title": { "text": "xDai" } } }),
        },
    ];
    let choices = vec![Choice::list("Show", ["Honey", "xDai"])];
    let caption = "What the market's pool holds.";
    let figure = Figure::chosen(caption, "day", "Honey", choices, frames);
    Ok(from_zero(figure))
}

pub fn departures(run: &History) -> Figure {
    let departed = &run.departed;
    let labels = departed.iter().map(|last| {
        let (id, day, held) = (last.id, last.day, last.holdings);
        format!("participant {id}: {held:.0} Honey on day {day}")
    });
    let data = json!({
        "type": "scatter", "mode": "markers", "showlegend": false,
        "hovertext": labels.collect::<Vec<_>>(), "hoverinfo": "text",
        "x": departed.iter().map(|last| last.day).collect::<Vec<_>>(),
        "y": all(departed.iter().map(|last| last.holdings)),
    });
    let caption = format!(
        "Who sold all and left: {} participants, each with the last of the days looked at on which it was \
         there, and what it held then.",
        departed.len()
    );
    from_zero(Figure::fixed(&caption, "day", "Honey", vec![data]))
}
