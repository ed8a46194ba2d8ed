//! Every table and column that the program writes, with type, unit and meaning. `conviction
//! schema` prints this; the files carry it.

use super::rows::{Column, Columns};


crate::columns! {
    /// Which day of a run a row is about.
    DayRow, DayRows {
        day: u32, "days", "the day, at whose end the state is given; 0 is the start";
    }
}

crate::columns! {
    /// The state at the end of a day.
    StateRow, StateRows {
        funds: f64, "Honey", "F, the funding pool";
        sentiment: f64, "", "s, the system's mood, 0 to 1";
        effective_supply: f64, "Honey", "E, tokens committed to voting";
        other_supply: f64, "Honey", "L, tokens neither voting nor in the pool";
        total_supply: f64, "Honey", "S = F + E + L";
        participant_count: u32, "", "participants";
        candidate_count: u32, "", "proposals gathering conviction";
        active_count: u32, "", "proposals funded and under way";
        completed_count: u32, "", "proposals funded and done";
        failed_count: u32, "", "proposals funded and given up";
        killed_count: u32, "", "proposals that died for want of support";
        candidate_funds: f64, "Honey", "requests of the candidates";
        active_funds: f64, "Honey", "requests of the active proposals";
        completed_funds: f64, "Honey", "requests of the completed proposals";
        failed_funds: f64, "Honey", "requests of the failed proposals";
        killed_funds: f64, "Honey", "requests of the killed proposals";
        fraction_of_supply_for_voting: f64, "", "E/S";
        fraction_of_supply_in_pool: f64, "", "F/S; S/F under rule pool_metric v3";
        candidate_share: Option<f64>, "", "of all proposals, the share that are candidates";
        active_share: Option<f64>, "", "of all proposals, the share that are active";
        completed_share: Option<f64>, "", "of all proposals, the share that completed";
        failed_share: Option<f64>, "", "of all proposals, the share that failed";
        killed_share: Option<f64>, "", "of all proposals, the share that were killed";
        candidate_funds_share: Option<f64>, "", "of all funds requested, the share of candidates";
        active_funds_share: Option<f64>, "", "of all funds requested, the share of active proposals";
        completed_funds_share: Option<f64>, "", "of all funds requested, the share of completed proposals";
        failed_funds_share: Option<f64>, "", "of all funds requested, the share of failed proposals";
        killed_funds_share: Option<f64>, "", "of all funds requested, the share of killed proposals";
        candidate_conviction: f64, "Honey days", "sum of the candidates' conviction; in contract arithmetic token-blocks over blocks a day";
        mean_share_of_trigger: Option<f64>, "", "mean over the candidates of conviction / trigger; empty without candidates";
        proposals_granted: u32, "", "proposals that passed so far";
        funds_granted: f64, "Honey", "funds released so far";
    }
}

crate::columns! {
    /// What a decision-maker asks of a whole run.
    OutcomeRow, OutcomeRows {
        mean_days_to_pass: Option<f64>, "days", "mean over the proposals granted of days from creation to passing; empty when none passed";
        median_days_to_pass: Option<f64>, "days", "median of the same";
        share_of_requests_granted: Option<f64>, "", "of all proposals, the share that passed";
        share_of_funds_granted: Option<f64>, "", "of all funds requested, the share that was granted";
        least_pool: f64, "Honey", "the least F at the end of any day, the start included";
        mean_sentiment: f64, "", "mean over the days of s at the day's end";
        days_nothing_could_pass: u32, "days", "days on which no candidate requested less than (beta - sqrt(rho)) F, so that none could pass however much was staked on it";
    }
}

crate::columns! {
    /// How a run ended.
    EndRow, EndRows {
        status: &'static str, "", "completed: reached its horizon; failed: could not go on, and its other outcomes are empty";
        reason: Option<&'static str>, "", "why a failed run could not go on";
        last_day: u32, "days", "the last day simulated; of a failed run, the day on which it failed";
    }
}

crate::columns! {
    /// The system after each phase of each day of a replay; row 0 is the recorded start.
    SystemRow, SystemRows {
        day: u32, "days", "the day; 0 is the start";
        substep: u32, "", "the phase of the day, 1 to 6; 0 on day 0";
        funds: f64, "Honey", "F, the funding pool";
        sentiment: f64, "", "s, the system's mood, 0 to 1";
        effective_supply: f64, "Honey", "E, tokens committed to voting";
        total_supply: f64, "Honey", "S = F + E + L";
    }
}

crate::columns! {
    /// Each proposal at the end of each day.
    ProposalRow, ProposalRows {
        day: u32, "days", "the day; 0 is the start";
        proposal: u32, "", "id of the proposal, in the sequence that participants share";
        status: &'static str, "", "candidate, active, completed, failed or killed";
        age: u32, "days", "days since creation; 1 at the end of the day of arrival";
        funds_requested: f64, "Honey", "r, what the proposal asks for";
        conviction: f64, "Honey days", "y, the candidate's conviction, or the last of a killed one; NaN once accepted; in contract arithmetic token-blocks over blocks a day";
        trigger: f64, "Honey days", "y*, with F and E as the day began; infinite when the request can not pass, NaN for those that were no candidates that day";
    }
}

crate::columns! {
    /// Each participant at the end of each day.
    ParticipantRow, ParticipantRows {
        day: u32, "days", "the day; 0 is the start";
        participant: u32, "", "id of the participant, in the sequence that proposals share";
        holdings: f64, "Honey", "h, tokens that the participant can stake";
        sentiment: f64, "", "the participant's own sentiment, 0 to 1";
    }
}

crate::columns! {
    /// Each edge between a participant and a candidate at the end of each day.
    SupportEdgeRow, SupportEdgeRows {
        day: u32, "days", "the day; 0 is the start";
        participant: u32, "", "id of the participant";
        proposal: u32, "", "id of the candidate";
        affinity: f64, "", "a, how much the participant likes the proposal, -1 to 1";
        tokens: f64, "Honey", "x, tokens staked";
        conviction: f64, "Honey days", "y, conviction built up";
    }
}

crate::columns! {
    /// Each influence edge among participants at the end of a run.
    InfluenceRow, InfluenceRows {
        influenced: u32, "", "id of the participant who is swayed";
        influencer: u32, "", "id of the participant who sways";
        influence: f64, "", "w, how strongly";
    }
}

crate::columns! {
    /// Each conflict edge among proposals at the end of a run.
    ConflictRow, ConflictRows {
        proposal: u32, "", "id of a proposal";
        other: u32, "", "id of a proposal that it conflicts with";
        conflict: f64, "", "c, how much they exclude each other";
    }
}

/// A table that the program writes of a run or of a replay.
pub struct TableSchema {
    /// The name.
    pub name: &'static str,
    /// Which rows it holds.
    pub meaning: &'static str,
    /// The columns.
    pub columns: Vec<Column>,
}

/// Every table that the program writes of a run or of a replay. Those of a sweep are in
/// [`TABLES`](crate::study::tables::TABLES).
pub fn tables() -> Vec<TableSchema> {
    let table = |name, meaning, columns| TableSchema {
        name,
        meaning,
        columns,
    };
    let mut days = DayRows::columns();
    days.extend(StateRows::columns());
    vec![
        table("days", "of a run: a row per day", days),
        table(
            "proposals",
            "of a run or a replay: a row per proposal and day",
            ProposalRows::columns(),
        ),
        table(
            "participants",
            "of a run or a replay: a row per participant and day",
            ParticipantRows::columns(),
        ),
        table(
            "support_edges",
            "of a run or a replay: a row per participant, candidate and day",
            SupportEdgeRows::columns(),
        ),
        table(
            "influence",
            "of a run: a row per influence edge, at its end",
            InfluenceRows::columns(),
        ),
        table(
            "conflict",
            "of a run: a row per conflict edge, at its end",
            ConflictRows::columns(),
        ),
        table(
            "system",
            "of a replay: a row per phase of each day",
            SystemRows::columns(),
        ),
    ]
}
