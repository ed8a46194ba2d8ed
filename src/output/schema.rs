//! Every table and column that the program writes, with type, unit and meaning. `conviction
//! schema` prints this; the files carry it.

use crate::rows;

rows! {
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

rows! {
    /// Each proposal at the end of each day.
    ProposalRow, ProposalRows {
        day: u32, "days", "the day; 0 is the start";
        proposal: u32, "", "id of the proposal, in the sequence that participants share";
        status: &'static str, "", "candidate, active, completed, failed or killed";
        age: u32, "days", "days since creation; 1 at the end of the day of arrival";
        funds_requested: f64, "Honey", "r, what the proposal asks for";
        conviction: f64, "Honey days", "y, the candidate's conviction, or the last of a killed one; NaN once accepted";
        trigger: f64, "Honey days", "y*, with F and E as the day began; infinite when the request can not pass, NaN for those that were no candidates that day";
    }
}

rows! {
    /// Each participant at the end of each day.
    ParticipantRow, ParticipantRows {
        day: u32, "days", "the day; 0 is the start";
        participant: u32, "", "id of the participant, in the sequence that proposals share";
        holdings: f64, "Honey", "h, tokens that the participant can stake";
        sentiment: f64, "", "the participant's own sentiment, 0 to 1";
    }
}

rows! {
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

rows! {
    /// Each influence edge among participants at the end of a run.
    InfluenceRow, InfluenceRows {
        influenced: u32, "", "id of the participant who is swayed";
        influencer: u32, "", "id of the participant who sways";
        influence: f64, "", "w, how strongly";
    }
}

rows! {
    /// Each conflict edge among proposals at the end of a run.
    ConflictRow, ConflictRows {
        proposal: u32, "", "id of a proposal";
        other: u32, "", "id of a proposal that it conflicts with";
        conflict: f64, "", "c, how much they exclude each other";
    }
}
