//! Reports how a setting fares under attack: in words, tables and charts, from closed forms. Nothing is
//! simulated.

use super::figure::{Choice, Figure, Frame, all, frame, line};
use crate::digits::{percent, rounded};
use crate::engine::{Field, Setting, Value as Cell};
use crate::voting::attackers::closed_form::{
    Drain, Pace, best_ask, best_at_once, continuous_days, cycle_days, days_of_stake, days_to_half,
    one_day_stake, pool_half_life, price_of_conviction, resistance,
};
use crate::voting::attackers::{Attack, Strategy};
use crate::voting::conviction::{
    Conviction, alpha_from_half_life, half_life_from_alpha, minimum_conviction_share,
    rho_from_minimum_conviction,
};
use crate::voting::supply::InitialSupply;
use serde_json::{Value, json};

/// Default shares of the effective supply that attackers hold.
pub const SHARES: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

/// Returns what to call each attacker of a setting: by strategy and share, with a number if there are several.
pub fn names(setting: &Setting) -> Vec<String> {
    let attackers: Vec<Attack> = setting.each().collect();
    let name = |(number, attack): (usize, &Attack)| {
        let strategy = match attack.strategy.value() {
            Cell::Name(name) => name,
            _ => "attacker",
        };
        let number = match attackers.len() {
            1 => String::new(),
            _ => format!(" (attacker {number})"),
        };
        match attack.strategy {
            Strategy::Renter => format!("{strategy}{number}"),
            _ => format!("{strategy} with {}{number}", percent(attack.share)),
        }
    };
    attackers.iter().enumerate().map(name).collect()
}

/// Table of texts.
#[derive(Debug)]
pub struct Rows {
    /// Title.
    pub title: String,
    /// Column headings.
    pub heads: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// Describes, one sentence each, the numbers that rank settings.
pub fn sentences(setting: &Setting, shares: &[f64]) -> Vec<String> {
    let p = &setting.group::<Conviction>();
    let initial: InitialSupply = setting.group();
    let minimum = minimum_conviction_share(p);
    if minimum >= 1.0 {
        return vec!["Nothing can ever pass, so nothing can be taken.".to_owned()];
    }
    let halved = shares.iter().map(|&share| {
        let days = best_at_once(p, share, Pace::Plain).map(|drain| brief(drain.half_life_days));
        let days = days.map_or("never".to_owned(), |days| format!("in {days} days"));
        format!("{} of the supply {days}", percent(share))
    });
    let halved: Vec<_> = halved.collect();
    let third = in_percent(p.beta / 3.0);
    let price = price_of_conviction(p, initial.effective_supply(), initial.funds);
    let stake = one_day_stake(p);
    let in_a_day = if stake < 1.0 {
        format!("{} of", in_percent(stake))
    } else {
        "not even all of".to_owned()
    };
    vec![
        format!(
            "By repeated requests, one or several at once, those that drain the pool fastest on cycles of whole days, attackers \
             take it at a rate that halves it: {}.",
            halved.join(", ")
        ),
        format!(
            "Shares near the minimum conviction take longer; shares up to it, {}, take nothing.",
            in_percent(minimum)
        ),
        format!(
            "Resistance, kappa: {} days. In the limit of continuous time, far above the minimum conviction, a share s \
             of the supply halves the pool in kappa/s days; in whole days it takes longer.",
            brief(resistance(p))
        ),
        format!(
            "Price of conviction: at least {} token-days of stake per token taken, while the pool holds {} and {} tokens \
             vote, as at the start.",
            brief(price),
            brief(initial.funds),
            brief(initial.effective_supply())
        ),
        format!(
            "Renting tokens to attack pays only if one costs less than {} tokens a day.",
            brief(1.0 / price)
        ),
        format!(
            "In a single day, {in_a_day} the supply passes a request of a third of beta, {third} of the pool."
        ),
    ]
}

/// Tabulates, for each share of the supply, the request that drains the pool fastest.
pub fn best_asks(p: &Conviction, shares: &[f64]) -> Rows {
    let cells = |drain: Option<Drain>| match drain {
        Some(drain) => [
            in_percent(drain.ask),
            drain.cycle_days.to_string(),
            brief(drain.half_life_days),
        ],
        None => ["–", "–", "never"].map(str::to_owned),
    };
    let rows = shares.iter().map(|&share| {
        let about = pool_half_life(p, share).map_or("never".to_owned(), brief);
        let mut row = vec![percent(share)];
        for pace in [Pace::Plain, Pace::Eager] {
            row.extend(cells(best_ask(p, share, pace)));
        }
        row.extend(match best_at_once(p, share, Pace::Plain) {
            Some(drain) => [
                format!("{} × {}", drain.requests, in_percent(drain.ask)),
                drain.cycle_days.to_string(),
                brief(drain.half_life_days),
            ],
            None => ["–", "–", "never"].map(str::to_owned),
        });
        row.push(about);
        row
    });
    Rows {
        title: "requests that drain the pool fastest, on cycles of whole days: one after another, or several at once, each for a share of \
                what the earlier ones leave, as contracts pay them; eager attackers ask \
                again on the day of payment; kappa/s is the limit of continuous time"
            .to_owned(),
        heads: heads([
            "staked",
            "best ask",
            "cycle",
            "pool halves in",
            "eager: best ask",
            "cycle",
            "pool halves in",
            "at once",
            "cycle",
            "pool halves in",
            "kappa/s",
        ]),
        rows: rows.collect(),
    }
}

/// Tabulates what each share of the supply achieves by repeatedly requesting a third of β.
pub fn asks_of_a_third(p: &Conviction, shares: &[f64]) -> Rows {
    let ask = p.beta / 3.0;
    let whole = |days: Option<u64>| days.map_or("never".to_owned(), |days| days.to_string());
    let rows = shares.iter().map(|&share| {
        let mut row = vec![
            percent(share),
            whole(days_of_stake(p, ask, share)),
            continuous_days(p, ask, share).map_or("never".to_owned(), |days| format!("{days:.2}")),
        ];
        for pace in [Pace::Plain, Pace::Eager] {
            row.push(whole(cycle_days(p, ask, share, pace)));
            row.push(whole(days_to_half(p, ask, share, pace)));
        }
        row
    });
    Rows {
        title: format!(
            "repeated requests of a third of beta, {} of the pool, from day 1, in days",
            in_percent(ask)
        ),
        heads: heads([
            "staked",
            "days of stake",
            "in continuous time",
            "cycle",
            "half is gone by day",
            "eager: cycle",
            "half is gone by day",
        ]),
        rows: rows.collect(),
    }
}

fn heads<const N: usize>(heads: [&str; N]) -> Vec<String> {
    heads.map(str::to_owned).to_vec()
}

/// Formats three significant digits. Rounds to eleven first, so that rounding noise just below a half does not
/// matter.
pub(super) fn brief(value: f64) -> String {
    rounded(rounded(value, 11), 3).to_string()
}

/// Formats a share in per cent, with three significant digits.
pub(super) fn in_percent(share: f64) -> String {
    format!("{} %", brief(100.0 * share))
}

/// Colours of a family of lines, in order, visible on light and dark backgrounds.
const COLORS: [&str; 6] = [
    "#3b76af", "#2a9d8f", "#7fa650", "#d4a017", "#f08a4b", "#b5527f",
];

/// Colour of the setting itself.
const OWN: &str = "#e02f2f";

fn colored(mut line: Value, color: &str, width: f64) -> Value {
    line["line"] = json!({ "color": color, "width": width });
    line
}

/// Builds a logarithmic axis of shares, from `low` to 100 %.
fn shares_axis(title: &str, low: f64) -> Value {
    let ticks = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
    json!({
        "title": { "text": title }, "type": "log", "range": [libm::log10(low), 0.0],
        "tickvals": ticks, "ticktext": ticks.map(percent),
    })
}

/// Builds a logarithmic axis with a tick for each power of ten, and a legend beside the chart.
fn by_tens(title: &str, lines: &str) -> Value {
    json!({
        "yaxis": { "title": { "text": title }, "type": "log", "dtick": 1 },
        "legend": { "orientation": "v", "x": 1.02, "yref": "paper", "y": 1.0, "yanchor": "top", "title": { "text": lines } },
    })
}

/// Returns `count` numbers in geometric progression from `low` to `high`.
fn spread(low: f64, high: f64, count: u32) -> Vec<f64> {
    let step = libm::log(high / low) / f64::from(count - 1);
    (0..count)
        .map(|i| low * libm::exp(step * f64::from(i)))
        .collect()
}

/// Builds the choice between both paces, with a frame for each.
fn paces(frames: impl Fn(Pace) -> Frame) -> (Vec<Choice>, Vec<Frame>) {
    let names = ["the morning after payment", "on the day of payment"];
    let frames = [Pace::Plain, Pace::Eager].map(frames);
    (vec![Choice::list("Asks again", names)], frames.into())
}

/// Draws the remaining pool over a year.
pub fn left(p: &Conviction, shares: &[f64]) -> Figure {
    const DAYS: u64 = 365;
    let (choices, frames) = paces(|pace| {
        let lines = shares.iter().enumerate().map(|(place, &share)| {
            let (mut days, mut left) = (vec![0], vec![1.0]);
            if let Some(Drain {
                requests,
                ask,
                cycle_days,
                ..
            }) = best_at_once(p, share, pace)
            {
                let first = match pace {
                    Pace::Plain => cycle_days,
                    Pace::Eager => cycle_days.saturating_add(1),
                };
                let mut day = first;
                // Shares below a thousandth are drawn on the axis.
                while day <= DAYS && left[left.len() - 1] > 0.001 {
                    days.push(day);
                    let kept = libm::pow(1.0 - ask, f64::from(requests));
                    left.push(left[left.len() - 1] * kept);
                    day = day.saturating_add(cycle_days.max(1));
                }
            }
            days.push(DAYS);
            left.push(left[left.len() - 1]);
            let mut drawn = line(&percent(share), json!(days), all(left));
            drawn["line"] =
                json!({ "shape": "hv", "width": 2, "color": COLORS[place % COLORS.len()] });
            drawn
        });
        frame(lines.collect())
    });
    let caption = "Remaining pool, if each share of the supply repeats the requests, one or several at once, that drain it \
                   fastest; no other requests and no inflows.";
    Figure::chosen(caption, "day", "share of the pool", choices, frames)
        .with(json!({ "yaxis": { "range": [0, 1.02] }, "xaxis": { "range": [0, DAYS] } }))
}

/// Draws the days until the pool is halved, by share and half-life.
pub fn drained(p: &Conviction) -> Figure {
    const HALF_LIVES: [f64; 6] = [1.0, 2.0, 3.0, 7.0, 14.0, 30.0];
    // A line begins just above the minimum conviction; shares below a thousandth are left out.
    let least = minimum_conviction_share(p).clamp(0.001, 0.9);
    let shares = spread(1.03 * least, 1.0, 45);
    let own = half_life_from_alpha(p.alpha);
    let (choices, frames) = paces(|pace| {
        let days = |p: &Conviction| {
            let days = shares.iter().map(|&share| best_at_once(p, share, pace));
            all(days.map(|drain| drain.map_or(f64::NAN, |drain| drain.half_life_days)))
        };
        let mut lines: Vec<_> = HALF_LIVES
            .iter()
            .zip(COLORS)
            .filter(|(half_life, _)| (*half_life / own - 1.0).abs() > 1e-6)
            .map(|(&half_life, color)| {
                let alpha = alpha_from_half_life(half_life);
                let days = days(&Conviction { alpha, ..*p });
                let name = format!("{half_life} d");
                colored(line(&name, all(shares.clone()), days), color, 1.5)
            })
            .collect();
        let name = format!("{} d, this setting", brief(own));
        lines.push(colored(line(&name, all(shares.clone()), days(p)), OWN, 3.0));
        let about = shares
            .iter()
            .map(|&share| pool_half_life(p, share).unwrap_or(f64::NAN));
        let mut about = line("kappa/s, this setting", all(shares.clone()), all(about));
        about["line"] = json!({ "color": OWN, "width": 1.5, "dash": "dot" });
        lines.push(about);
        frame(lines)
    });
    let caption = "Days until the pool is halved, by share of the supply that attacks and by half-life, with this beta \
                   and rho, by one or several requests at once, on cycles of whole days. Dotted: kappa/s, the limit of continuous time.";
    Figure::chosen(caption, "", "", choices, frames)
        .with(by_tens("days", "half-life"))
        .with(json!({ "xaxis": shares_axis("share of the supply that attacks", least) }))
        .tall(460)
}

/// Draws the price of conviction, by β and minimum conviction.
pub fn priced(setting: &Setting) -> Figure {
    const MINIMA: [f64; 6] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2];
    let p = &setting.group::<Conviction>();
    let initial: InitialSupply = setting.group();
    let minimum = minimum_conviction_share(p);
    let betas = spread(0.02, 1.0, 40);
    let price = |beta: f64, minimum: f64| {
        let rho = rho_from_minimum_conviction(minimum, beta);
        let p = Conviction { beta, rho, ..*p };
        price_of_conviction(&p, initial.effective_supply(), initial.funds)
    };
    let prices = |minimum: f64| all(betas.iter().map(|&beta| price(beta, minimum)));
    let of = |minimum: f64, name: &str| line(name, all(betas.clone()), prices(minimum));
    let mut lines: Vec<_> = MINIMA
        .iter()
        .zip(COLORS)
        .filter(|(other, _)| (*other / minimum - 1.0).abs() > 1e-6)
        .map(|(&minimum, color)| colored(of(minimum, &percent(minimum)), color, 1.5))
        .collect();
    let name = format!("{}, this setting", in_percent(minimum));
    lines.push(colored(of(minimum, &name), OWN, 3.0));
    lines.push(json!({
        "type": "scatter", "mode": "markers", "name": "this setting", "showlegend": false,
        "x": [p.beta], "y": all([price(p.beta, minimum)]), "marker": { "size": 12, "color": OWN },
    }));
    let caption = "Price of conviction, in token-days per token taken, by beta and minimum conviction, with this \
                   half-life and the initial pool and supply.";
    Figure::fixed(caption, "", "", lines)
        .with(by_tens("token-days per token", "minimum conviction"))
        .with(json!({ "xaxis": shares_axis("beta", 0.02) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tec() -> Setting {
        let setting = crate::model().setting();
        let setting = setting.with("half_life_days", 7.0).unwrap();
        let setting = setting.with("beta", 0.11).unwrap();
        setting.with("rho", 0.000484).unwrap()
    }

    #[test]
    fn sentences_and_tables_say_the_closed_forms() {
        let text = sentences(&tec(), &[0.04, 0.2]).join("\n");
        for said in [
            "one or several at once, those that drain the pool fastest on cycles of whole days, attackers take it at a rate that halves it: \
             4 % of the supply never, 20 % of the supply in 130 days",
            "kappa: 17.2 days. In the limit of continuous time",
            "up to it, 4 %",
            ": at least 75 token-days",
            "day, 95.5 % of",
            "3.67 % of",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let hopeless = tec().with("rho", 0.5).unwrap();
        assert_eq!(sentences(&hopeless, &[0.2]).len(), 1);
        let p = tec().group();
        let best = best_asks(&p, &[0.04, 0.1, 0.2]).rows;
        assert_eq!(
            best[0][1..],
            [
                "–", "–", "never", "–", "–", "never", "–", "–", "never", "never"
            ]
        );
        assert_eq!(best[1][..4], ["10 %", "2.46 %", "12", "334"]);
        assert_eq!(best[2][..4], ["20 %", "3.65 %", "7", "130"]);
        assert_eq!(best[2][7..], ["1 × 3.65 %", "7", "130", "85.9"]);
        assert_eq!(best[1][10], "172");
        let third = asks_of_a_third(&p, &[0.2]).rows;
        assert_eq!(third[0], ["20 %", "7", "6.04", "8", "152", "7", "134"]);
    }

    #[test]
    fn the_pool_that_is_drawn_halves_on_the_days_of_the_closed_form() {
        let p: Conviction = tec().group();
        let figure = left(&p, &[0.02, 0.2]);
        for (frame, pace) in figure.frames.iter().zip([Pace::Plain, Pace::Eager]) {
            let Drain {
                requests: 1, ask, ..
            } = best_at_once(&p, 0.2, pace).unwrap()
            else {
                panic!("one request is best");
            };
            let [idle, drained] = &frame.data[..] else {
                panic!("a line per share");
            };
            assert_eq!(idle["y"], json!([1.0, 1.0]));
            let half = drained["y"].as_array().unwrap().iter();
            let half = half.take_while(|left| left.as_f64().unwrap() > 0.5).count();
            let day = drained["x"][half].as_u64();
            assert_eq!(day, days_to_half(&p, ask, 0.2, pace));
        }
    }

    #[test]
    fn a_minimum_at_which_nothing_passes_draws_no_drain() {
        let p = Conviction {
            rho: 1.0,
            ..tec().group()
        };
        let figure = drained(&p);
        let of = |line: &Value| line["y"].as_array().unwrap().iter().all(Value::is_null);
        assert!(figure.frames[0].data.iter().all(of));
    }
}
