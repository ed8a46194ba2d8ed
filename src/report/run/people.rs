//! Draws holdings, influence and affinities of participants.

use super::super::figure::{Choice, Figure, all, frame, line, shown};
use super::history::{Affinity, History, Person};
use super::some_of;
use crate::analyse::spread;
use crate::voting::holdings::Concentration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn holdings(run: &History) -> Figure {
    let histogram = |day: u32| {
        let holdings = run
            .on
            .get(&day)
            .map(|on| &on.holdings[..])
            .unwrap_or_default();
        json!({
            "type": "histogram", "name": format!("day {day}"), "opacity": 0.6, "nbinsx": 30,
            "x": all(holdings.iter().copied()),
        })
    };
    let data = vec![histogram(0), histogram(run.last_day())];
    let caption = "What participants hold.";
    Figure::fixed(caption, "Honey", "participants", data).with(json!({ "barmode": "overlay" }))
}

/// Draws Lorenz curves: the share of the poorest among those who hold anything.
pub fn lorenz(run: &History) -> Figure {
    /// Number of points of a curve.
    const POINTS: usize = 200;
    let mut caption = "How unequal holdings are (Lorenz curves).".to_owned();
    let mut curve = |day: u32| {
        let on = run.on.get(&day).map(|on| &on.holdings[..]);
        let holdings = on.unwrap_or_default().iter().copied();
        let mut holdings: Vec<f64> = holdings.filter(|&held| held > 0.0).collect();
        let of = Concentration::of(&mut holdings);
        let (gini, nakamoto) = (of.gini, of.nakamoto);
        caption += &format!(" Day {day}: Gini {gini:.3}, {nakamoto} holders have more than half.");
        // Holdings are sorted by now, so the sums are those of the poorest.
        let mut held = vec![0.0];
        held.extend(holdings.iter().scan(0.0, |sum, held| {
            *sum += held;
            Some(*sum)
        }));
        let (last, total) = (held.len() - 1, held[held.len() - 1]);
        let places: Vec<usize> = spread(held.len(), POINTS).collect();
        let people = places
            .iter()
            .map(|&place| place as f64 / last.max(1) as f64);
        let shares = places.iter().map(|&place| held[place] / total);
        line(&format!("day {day}"), all(people), all(shares))
    };
    let mut data = vec![curve(0), curve(run.last_day())];
    data.push(json!({
        "type": "scatter", "mode": "lines", "name": "all equal", "x": [0, 1], "y": [0, 1],
        "line": { "dash": "dot", "color": "#888" },
    }));
    Figure::fixed(&caption, "share of holders", "share of holdings", data)
}

pub fn influence(run: &History) -> Figure {
    let people = run
        .on
        .values()
        .next_back()
        .map_or(&[][..], |last| last.people.as_slice());
    let angle = |place: usize| place as f64 / people.len().max(1) as f64 * std::f64::consts::TAU;
    let at: BTreeMap<u32, (f64, f64)> = people
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let angle = angle(place);
            (person.id, (libm::cos(angle), libm::sin(angle)))
        })
        .collect();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (influencer, influenced) in &run.influence {
        if let (Some(a), Some(b)) = (at.get(influencer), at.get(influenced)) {
            x.extend([a.0, b.0, f64::NAN]);
            y.extend([a.1, b.1, f64::NAN]);
        }
    }
    let edges = json!({
        "type": "scatter", "mode": "lines", "x": all(x), "y": all(y), "hoverinfo": "skip",
        "line": { "width": 0.8, "color": "rgba(128,128,128,0.5)" }, "showlegend": false,
    });
    let circles = nodes(people, |id| at[&id]);
    let mut caption = "Who influences whom; circles by holdings.".to_owned();
    caption += &some_of(
        people.len(),
        run.people_count(),
        "participants who hold most",
    );
    caption += &some_of(
        run.influence.len(),
        run.influences,
        "strongest edges between them",
    );
    Figure::fixed(&caption, "", "", vec![edges, circles])
        .with(json!({
            "xaxis": { "visible": false },
            "yaxis": { "visible": false, "scaleanchor": "x" },
            "margin": { "l": 10, "r": 10, "b": 10 },
        }))
        .tall(420)
}

pub fn affinities(run: &History) -> Figure {
    let on = |affinities: &[Affinity]| {
        let candidates: BTreeSet<u32> = affinities.iter().map(|a| a.proposal).collect();
        let people: BTreeSet<u32> = affinities.iter().map(|a| a.participant).collect();
        let place = |ids: &BTreeSet<u32>| -> BTreeMap<u32, usize> {
            ids.iter()
                .enumerate()
                .map(|(place, &id)| (id, place))
                .collect()
        };
        let (columns, lines) = (place(&candidates), place(&people));
        let mut z = vec![vec![Value::Null; columns.len()]; lines.len()];
        for a in affinities {
            z[lines[&a.participant]][columns[&a.proposal]] = shown(a.affinity);
        }
        let names = |ids: &BTreeSet<u32>| ids.iter().map(u32::to_string).collect::<Vec<_>>();
        frame(vec![json!({
            "type": "heatmap", "x": names(&candidates), "y": names(&people), "z": z,
            "zmin": -1, "zmax": 1, "colorscale": "RdBu", "reversescale": true,
            "hovertemplate": "participant %{y}, proposal %{x}: %{z}<extra></extra>",
        })])
    };
    let choices = vec![Choice::list("Day", ["first", "last"])];
    let frames = run.affinities.iter().map(|affinities| on(affinities));
    let caption = format!(
        "How much each participant likes each candidate.{}",
        run.those_drawn()
    );
    Figure::chosen(
        &caption,
        "proposal",
        "participant",
        choices,
        frames.collect(),
    )
    .with(json!({ "xaxis": { "type": "category" }, "yaxis": { "type": "category" } }))
    .tall(480)
}

/// Draws participants as circles, with areas by holdings.
pub fn nodes(people: &[Person], at: impl Fn(u32) -> (f64, f64)) -> Value {
    let most = people
        .iter()
        .map(|p| p.holdings)
        .fold(f64::MIN_POSITIVE, f64::max);
    let labels = people
        .iter()
        .map(|p| format!("participant {}: {:.0} Honey", p.id, p.holdings));
    json!({
        "type": "scatter", "mode": "markers", "showlegend": false,
        "hovertext": labels.collect::<Vec<_>>(), "hoverinfo": "text",
        "x": all(people.iter().map(|p| at(p.id).0)),
        "y": all(people.iter().map(|p| at(p.id).1)),
        "marker": {
            "color": "#1f77b4",
            "size": all(people.iter().map(|p| 5.0 + 18.0 * (p.holdings.max(0.0) / most).sqrt())),
        },
    })
}
