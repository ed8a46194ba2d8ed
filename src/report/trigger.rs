//! What a setting means, before any simulation: the closed forms, drawn.

use super::attack;
use super::figure::{Choice, Figure, Frame, all, frame, line, shown};
use super::page::Page;
use crate::engine::Setting;
use crate::voting::conviction::{
    Conviction, charged, days_to_pass, half_life_from_alpha, largest_passable_share,
    max_conviction, maximum_share_of_conviction, minimum_conviction_share, trigger_of_share,
};
use crate::voting::meaning::{REQUESTS, STAKED};
use crate::voting::supply::InitialSupply;
use serde_json::{Value, json};

/// Draws a setting; `shares` of the effective supply attack it.
pub fn page(setting: &Setting, shares: &[f64]) -> Page {
    let p = &setting.group::<Conviction>();
    let mut page = Page::new(
        "The trigger",
        &format!(
            "Half-life {:.2} days (alpha {:.6}), beta {:.6}, rho {:.6}.",
            half_life_from_alpha(p.alpha),
            p.alpha,
            p.beta,
            p.rho
        ),
    );
    page.section("What passes")
        .text(&format!(
            "The least conviction that passes anything is {:.2} % of the largest possible, E / (1 - alpha); \
             the largest request that can ever pass is {:.2} % of the pool.",
            minimum_conviction_share(p) * 100.0,
            largest_passable_share(p).max(0.0) * 100.0
        ))
        .text("Days to pass, by request (share of the pool, down) and stake (share of the supply, across):");
    let heads: Vec<String> = STAKED
        .iter()
        .map(|s| format!("{:.0} %", s * 100.0))
        .collect();
    let heads: Vec<&str> = std::iter::once("request")
        .chain(heads.iter().map(String::as_str))
        .collect();
    let rows = REQUESTS.map(|share| {
        let request = share * p.beta;
        let days = STAKED.iter().map(|&staked| {
            days_to_pass(p, request, staked).map_or("never".to_owned(), |days| days.to_string())
        });
        std::iter::once(format!("{:.2} %", request * 100.0))
            .chain(days)
            .collect()
    });
    page.table(&heads, rows.into());
    page.section("The trigger's shape")
        .figure(shape(setting))
        .figure(by_alpha_and_request(setting));
    page.section("Time")
        .figure(by_supply_and_request(p))
        .figure(charge_and_discharge(p));
    let section = page.section("Under attack");
    for sentences in attack::sentences(setting).chunks(2) {
        section.text(&sentences.join(" "));
    }
    if minimum_conviction_share(p) < 1.0 {
        for table in [
            attack::best_asks(p, shares),
            attack::asks_of_a_third(p, shares),
        ] {
            section.text(&format!("By share of the supply: {}.", table.title));
            section.table(&table.heads, table.rows);
        }
        section
            .wide(attack::drained(p))
            .figure(attack::left(p, shares))
            .figure(attack::priced(setting));
    }
    page
}

/// Shares of the pool from 0 towards β.
fn requests(p: &Conviction) -> Vec<f64> {
    (0..120).map(|i| p.beta * f64::from(i) / 120.0).collect()
}

fn shape(setting: &Setting) -> Figure {
    let p = &setting.group::<Conviction>();
    let initial: InitialSupply = setting.group();
    let shares = requests(p);
    let relative = || {
        all(shares
            .iter()
            .map(|&share| maximum_share_of_conviction(share, p)))
    };
    let most = max_conviction(initial.effective_supply(), p.alpha);
    let absolute = || {
        all(shares
            .iter()
            .map(|&share| trigger_of_share(share, initial.effective_supply(), p)))
    };
    let honey = || all(shares.iter().map(|&share| share * initial.funds));
    let drawn = |x: Value, y: Value, log: bool, titles: [&str; 2], most: f64| {
        let kind = if log { "log" } else { "linear" };
        let range = if log { Value::Null } else { json!([0, most]) };
        Frame {
            data: vec![line("trigger", x, y)],
            layout: json!({
                "xaxis": { "title": { "text": titles[0] } },
                "yaxis": { "title": { "text": titles[1] }, "type": kind, "range": range },
                "shapes": [{
                    "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": most, "y1": most,
                    "line": { "dash": "dot", "color": "#888" },
                }],
            }),
        }
    };
    let names = [
        "request, share of the pool",
        "share of the largest conviction",
    ];
    let honeys = ["request, Honey", "Honey days"];
    let frames = vec![
        drawn(all(shares.clone()), relative(), false, names, 1.0),
        drawn(all(shares.clone()), relative(), true, names, 1.0),
        drawn(honey(), absolute(), false, honeys, most),
        drawn(honey(), absolute(), true, honeys, most),
    ];
    let choices = vec![
        Choice::list(
            "Show",
            ["relative", "absolute, with the initial pool and supply"],
        ),
        Choice::list("Scale", ["linear", "log"]),
    ];
    let caption = "Conviction that a request must exceed; dotted, the largest possible.";
    Figure::chosen(caption, "", "", choices, frames)
}

/// A contour map.
fn contours(x: Value, y: Value, z: Vec<Vec<Value>>, title: &str) -> Value {
    json!({
        "type": "contour", "x": x, "y": y, "z": z, "colorscale": "Viridis",
        "colorbar": { "title": { "text": title } },
        "contours": { "showlabels": true },
    })
}

fn by_alpha_and_request(setting: &Setting) -> Figure {
    let p = &setting.group::<Conviction>();
    let effective = setting.group::<InitialSupply>().effective_supply();
    let alphas: Vec<f64> = (0..40).map(|i| 0.5 + 0.49 * f64::from(i) / 39.0).collect();
    let requests: Vec<f64> = (0..40)
        .map(|i| p.beta * 0.95 * f64::from(i) / 39.0)
        .collect();
    let z = requests.iter().map(|&request| {
        let triggers = alphas
            .iter()
            .map(|&alpha| trigger_of_share(request, effective, &Conviction { alpha, ..*p }));
        triggers
            .map(|trigger| shown(libm::log10(trigger)))
            .collect()
    });
    let data = contours(
        all(alphas.clone()),
        all(requests.clone()),
        z.collect(),
        "log10 Honey days",
    );
    let caption = "The trigger by alpha and request, with the initial supply.";
    Figure::fixed(caption, "alpha", "request, share of the pool", vec![data])
}

fn by_supply_and_request(p: &Conviction) -> Figure {
    let staked: Vec<f64> = (1..=40).map(|i| f64::from(i) / 40.0).collect();
    let requests: Vec<f64> = (0..40)
        .map(|i| p.beta * 0.95 * f64::from(i) / 39.0)
        .collect();
    let z = requests.iter().map(|&request| {
        let days = staked
            .iter()
            .map(|&staked| days_to_pass(p, request, staked));
        days.map(|days| days.map_or(Value::Null, |days| json!(days)))
            .collect()
    });
    let data = contours(
        all(staked.clone()),
        all(requests.clone()),
        z.collect(),
        "days",
    );
    let caption = "Days to pass by share of the supply staked and request; blank, never.";
    Figure::fixed(
        caption,
        "staked, share of the supply",
        "request, share of the pool",
        vec![data],
    )
}

fn charge_and_discharge(p: &Conviction) -> Figure {
    let half_life = half_life_from_alpha(p.alpha).max(1.0);
    let days = (8.0 * half_life).clamp(10.0, 2000.0) as u32;
    let x = || json!((0..=days).collect::<Vec<_>>());
    let flicker = (half_life as u32).max(1);
    let curve = |staked: &dyn Fn(u32) -> bool| {
        frame(vec![line(
            "conviction",
            x(),
            all(charged(p.alpha, days, staked)),
        )])
    };
    let frames = vec![
        curve(&|_| true),
        curve(&|day| day < days / 2),
        curve(&|day| (day / flicker).is_multiple_of(2)),
    ];
    let choices = vec![Choice::list(
        "Stake",
        [
            "starts and stays",
            "starts, and stops half way",
            "flickers, half-life on, half-life off",
        ],
    )];
    let caption = "Conviction under a stake, as a share of what it would come to for ever.";
    Figure::chosen(caption, "day", "share", choices, frames)
        .with(json!({ "yaxis": { "range": [0, 1] } }))
}
