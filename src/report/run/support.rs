//! Draws support, day by day: participants on the left, candidates on the right, and stakes between them.

use super::super::figure::{Choice, Figure, all, frame};
use super::history::{Candidate, History, OnDay};
use super::people::nodes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn who_supports_what(run: &History) -> Figure {
    let frames = run.on.values().map(|on| frame(support_on(on)));
    let choices = vec![Choice::slider("Day", run.shown.iter().map(u32::to_string))];
    let caption = format!(
        "Who supports what: participants (by holdings) and candidates (green once conviction exceeds the \
         trigger), lines by tokens staked. Hover for per cent of trigger.{}",
        run.those_drawn()
    );
    Figure::chosen(&caption, "", "", choices, frames.collect())
        .with(json!({
            "xaxis": { "visible": false, "range": [-0.15, 1.15] },
            "yaxis": { "visible": false },
            "showlegend": false,
        }))
        .tall(560)
}

/// Returns a height for each id, from the top down.
fn heights(ids: impl ExactSizeIterator<Item = u32>) -> BTreeMap<u32, f64> {
    let count = ids.len() as f64;
    let height = |(place, id)| (id, 1.0 - (place as f64 + 0.5) / count);
    ids.enumerate().map(height).collect()
}

fn support_on(on: &OnDay) -> Vec<Value> {
    let left = heights(on.people.iter().map(|person| person.id));
    let right = heights(on.candidates.iter().map(|candidate| candidate.id));
    let most = on.stakes.iter().map(|stake| stake.tokens);
    let most = most.fold(0.0, f64::max);
    // Lines have three widths, by tokens.
    let mut lines = [const { (Vec::new(), Vec::new()) }; 3];
    for stake in &on.stakes {
        let (a, b) = (left[&stake.participant], right[&stake.proposal]);
        let class = ((stake.tokens / most * 3.0) as usize).min(2);
        lines[class].0.extend([0.0, 1.0, f64::NAN]);
        lines[class].1.extend([a, b, f64::NAN]);
    }
    let widths = lines.into_iter().zip([0.6, 1.5, 3.0]);
    let mut data: Vec<Value> = widths
        .map(|((x, y), width)| {
            json!({
                "type": "scatter", "mode": "lines", "x": all(x), "y": all(y), "hoverinfo": "skip",
                "line": { "width": width, "color": "rgba(90,140,200,0.55)" },
            })
        })
        .collect();
    data.push(nodes(&on.people, |id| (0.0, left[&id])));
    let label = |c: &Candidate| {
        let of_trigger = match c.trigger {
            trigger if trigger.is_finite() => format!("{:.0} % of trigger", c.share() * 100.0),
            trigger if trigger.is_nan() => "new".to_owned(),
            _ => "cannot pass".to_owned(),
        };
        format!("proposal {}: {:.0} Honey, {of_trigger}", c.id, c.requested)
    };
    let color = |c: &Candidate| match c.share() {
        share if share > 1.0 => "#2ca02c",
        _ => "#ff7f0e",
    };
    let size = |c: &Candidate| c.share().clamp(0.0, 1.0) * 12.5 + 5.0;
    data.push(json!({
        "type": "scatter", "mode": "markers", "hoverinfo": "text",
        "hovertext": on.candidates.iter().map(label).collect::<Vec<_>>(),
        "x": vec![1; on.candidates.len()],
        "y": all(on.candidates.iter().map(|c| right[&c.id])),
        "marker": {
            "color": on.candidates.iter().map(color).collect::<Vec<_>>(),
            "size": all(on.candidates.iter().map(size)),
        },
    }));
    data
}
