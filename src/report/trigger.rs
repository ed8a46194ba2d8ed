//! Reports what a setting means, from closed forms, before any simulation.

use super::attack::{self, Rows};
use super::figure::{Choice, Figure, Frame, all, frame, line, shown};
use super::means::{self, Named};
use super::page::Page;
use crate::digits::percent;
use crate::engine::Setting;
use crate::voting::attackers::closed_form::{Pace, best_at_once};
use crate::voting::conviction::{
    Conviction, charged, days_to_pass, half_life_from_alpha, largest_passable_share,
    max_conviction, maximum_share_of_conviction, minimum_conviction_share, trigger_of_share,
};
use crate::voting::supply::InitialSupply;
use serde_json::{Value, json};

/// Draws settings; `shares` of the effective supply attack each. A single setting is drawn in full, several are
/// compared.
pub fn page(settings: &[Named], shares: &[f64]) -> Page {
    match settings {
        [one] => page_of_one(one, shares),
        all => page_of_several(all, shares),
    }
}

fn page_of_one(named: &Named, shares: &[f64]) -> Page {
    let setting = &named.setting;
    let p = &setting.group::<Conviction>();
    let title = match &named.preset {
        Some(preset) => format!("The trigger: {preset}"),
        None => "The trigger".to_owned(),
    };
    let mut page = Page::new(
        &title,
        &format!(
            "Half-life {:.2} days (alpha {:.6}), largest request {}, minimum conviction {} (beta {:.6}, rho {:.6}).",
            half_life_from_alpha(p.alpha),
            p.alpha,
            percent(largest_passable_share(p).max(0.0)),
            percent(minimum_conviction_share(p)),
            p.beta,
            p.rho
        ),
    );
    page.section("The setting");
    tabled(&mut page, means::vocabularies(setting));
    tabled(&mut page, means::contracts(setting));
    for sentence in means::conventions(setting) {
        page.text(&sentence);
    }
    page.section("What passes").text(&format!(
        "The least conviction that passes anything is {:.2} % of the largest possible, E / (1 - alpha); the largest \
         request that can ever pass is {:.2} % of the pool.",
        minimum_conviction_share(p) * 100.0,
        largest_passable_share(p).max(0.0) * 100.0
    ));
    tabled(&mut page, means::time_to_pass(setting));
    tabled(&mut page, means::time_as_points_move(setting));
    tabled(&mut page, means::stakes_to_pass(p));
    tabled(&mut page, means::largest_requests(p));
    page.text(&means::overnight(p).join(" "));
    page.section("The trigger's shape")
        .figure(shape(setting))
        .figure(by_alpha_and_request(setting));
    page.section("Time")
        .figure(by_supply_and_request(p))
        .figure(charge_and_discharge(p));
    page.section("Under attack");
    for sentences in attack::sentences(setting, shares).chunks(2) {
        page.text(&sentences.join(" "));
    }
    if minimum_conviction_share(p) < 1.0 {
        for mut table in [
            attack::best_asks(p, shares),
            attack::asks_of_a_third(p, shares),
        ] {
            table.title = format!("by share of the supply: {}", table.title);
            tabled(&mut page, table);
        }
        page.wide(attack::drained(p))
            .figure(attack::left(p, shares))
            .figure(attack::priced(setting));
    }
    page
}

/// Adds a table with its title above.
fn tabled(page: &mut Page, table: Rows) {
    let mut title = table.title.chars();
    let first = title.next().map(|first| first.to_uppercase().to_string());
    page.text(&format!("{}{}.", first.unwrap_or_default(), title.as_str()));
    page.table(&table.heads, table.rows);
}

/// Compares several settings.
fn page_of_several(settings: &[Named], shares: &[f64]) -> Page {
    let names: Vec<_> = settings.iter().map(Named::name).collect();
    let mut page = Page::new("Triggers side by side", &format!("{}.", names.join(", ")));
    page.section("The settings");
    tabled(&mut page, means::side_by_side(settings, shares));
    page.section("What passes").figure(stakes(settings));
    page.section("Under attack").figure(halved(settings));
    page
}

/// Draws the share of the supply that eventually passes a request, by setting.
fn stakes(settings: &[Named]) -> Figure {
    let lines = settings.iter().map(|named| {
        let p = &named.setting.group::<Conviction>();
        let requests = requests(p);
        let least = requests
            .iter()
            .map(|&request| maximum_share_of_conviction(request, p));
        line(named.name(), all(requests.clone()), all(least))
    });
    let caption = "Share of the supply that votes above which a request eventually passes, by its share of the pool.";
    Figure::fixed(
        caption,
        "request, share of the pool",
        "share of the supply",
        lines.collect(),
    )
    .with(json!({ "yaxis": { "range": [0, 1] } }))
}

/// Draws how fast a share of the supply halves the pool, by setting.
fn halved(settings: &[Named]) -> Figure {
    let shares: Vec<f64> = (1..=50).map(|i| f64::from(i) / 100.0).collect();
    let lines = settings.iter().map(|named| {
        let p = &named.setting.group::<Conviction>();
        let days = shares.iter().map(|&share| {
            best_at_once(p, share, Pace::Plain).map_or(f64::NAN, |drain| drain.half_life_days)
        });
        line(named.name(), all(shares.clone()), all(days))
    });
    let caption = "Days until the pool is halved, by the share of the supply that repeats the requests, one or several at once, \
                   that drain it fastest.";
    Figure::fixed(
        caption,
        "share of the supply that attacks",
        "days",
        lines.collect(),
    )
    .with(json!({ "yaxis": { "type": "log", "dtick": 1 } }))
}

/// Returns requests as shares of the pool, from 0 towards β.
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

/// Draws a contour map.
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
    let days = |request| staked.iter().map(move |&of| days_to_pass(p, request, of));
    let z = requests.iter().map(|&request| {
        let days = days(request);
        days.map(|days| days.map_or(Value::Null, |days| json!(days)))
            .collect()
    });
    let mut data = contours(
        all(staked.clone()),
        all(requests.clone()),
        z.collect(),
        "days",
    );
    // At the edge of what passes, days have no bound; they would leave one colour for all others.
    let mut known: Vec<u64> = requests.iter().flat_map(|&of| days(of).flatten()).collect();
    known.sort_unstable();
    let most = known
        .get(known.len() * 9 / 10)
        .map_or(1, |days| *days.max(&1));
    (data["zmin"], data["zmax"]) = (json!(0), json!(most));
    data["contours"] =
        json!({ "showlabels": true, "start": 0, "end": most, "size": most.div_ceil(10) });
    let caption = format!(
        "Days to pass by share of the supply staked and request; blank, never; above {most} days, one colour."
    );
    Figure::fixed(
        &caption,
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
            "starts, then stops halfway",
            "alternates, one half-life on, one off",
        ],
    )];
    let caption = "Conviction under a stake, as a share of its limit under a permanent stake.";
    Figure::chosen(caption, "day", "share", choices, frames)
        .with(json!({ "yaxis": { "range": [0, 1] } }))
}
