//! Runs in the arithmetic of Gardens v2: events that a run comes to, applied to a pool of the contract, give the same
//! conviction, thresholds, points and grants, to the last digit.

use crate::runs::simulate;
use conviction::contract::gardens2::{
    self, Decimals, Event, PointSystem, PoolTotals, Revert, Settings, Version, points_on_activation,
};
use conviction::contract::{Account, Contract, Signed, U256, integer, real, units};
use conviction::engine::{Batch, Extensions, Given, Model, RunOf, Seeds, Setting, TableRows};
use conviction::model;
use conviction::voting::conviction::{Conviction, ProposalRows, RunProposalRows};
use conviction::voting::mechanism::{Chain, Community, Gardens2, PointsOf, scaled};
use conviction::voting::participants::ParticipantRows;
use conviction::voting::supply::{Expansion, SupplyRows};
use conviction::voting::support::SupportEdgeRows;
use fearless_simd::Level;
use std::collections::{BTreeMap, BTreeSet};

const TABLES: [&str; 5] = [
    "days",
    "proposals",
    "run_proposals",
    "participants",
    "support_edges",
];
/// Who submits proposals: a member who never becomes active.
const SUBMITTER: Account = Account(100_000);

/// A run, and what its pool was at the end of each day.
struct Run {
    setting: Setting,
    pools: Vec<Gardens2>,
    supply: SupplyRows,
    proposals: ProposalRows,
    ends: RunProposalRows,
    people: ParticipantRows,
    edges: SupportEdgeRows,
}

impl Run {
    fn of(model: &Model, setting: &Setting, world: u64) -> Self {
        let mut batch = Batch::new(model, setting, &TABLES, Level::new());
        let seeds = Seeds { root: 5, world };
        batch.begin([RunOf { setting, seeds }].into_iter());
        let mut pools = Vec::new();
        loop {
            batch.look(|_| true);
            pools.push(batch.get::<Gardens2>(0).clone());
            if batch.going_on() == 0 {
                break;
            }
            batch.advance();
        }
        assert!(batch.failure(0).is_none());
        let take = |batch: &mut Batch, table: &'static str| {
            let mut rows = TableRows::new(model, table);
            batch.take(0, &mut rows);
            rows
        };
        let supply = std::mem::take(take(&mut batch, "days").group().unwrap());
        let proposals = std::mem::take(take(&mut batch, "proposals").group().unwrap());
        let people = std::mem::take(take(&mut batch, "participants").group().unwrap());
        let edges = std::mem::take(take(&mut batch, "support_edges").group().unwrap());
        batch.look_at_ends();
        let ends = std::mem::take(take(&mut batch, "run_proposals").group().unwrap());
        Self {
            setting: setting.clone(),
            pools,
            supply,
            proposals,
            ends,
            people,
            edges,
        }
    }

    fn settings_on(&self, day: u32) -> Settings {
        let setting = self.setting.on(day);
        let (chain, p): (Chain, Conviction) = (setting.group(), setting.group());
        let least = setting.group::<Community>().min_threshold_points;
        Settings {
            decay: U256::from(chain.decay(p.alpha)),
            max_ratio: U256::from(scaled(p.beta)),
            weight: U256::from(scaled(p.rho)),
            min_threshold_points: integer(units(least)),
        }
    }
}

fn community(setting: &Setting) -> gardens2::Community {
    let community: Community = setting.group();
    gardens2::Community {
        point_system: match community.points {
            PointsOf::Capped => PointSystem::Capped,
            PointsOf::Quadratic => PointSystem::Quadratic,
            PointsOf::Fixed => PointSystem::Fixed,
            PointsOf::Unlimited => PointSystem::Unlimited,
        },
        max_amount: integer(units(community.cap)),
        token_decimals: Decimals::default(),
        registration_stake: integer(units(community.registration_stake)),
    }
}

/// What the pool of the contract has come to.
struct Replay {
    pool: gardens2::Gardens2,
    block: u64,
    per_day: f64,
    numbers: BTreeMap<u32, U256>,
    /// Stakes by participant and proposal.
    stakes: BTreeMap<u32, BTreeMap<u32, f64>>,
}

impl Replay {
    fn apply(&mut self, event: Event) {
        let done = self.pool.apply(self.block, &event);
        assert_eq!(done, Ok(()), "block {}: {event:?}", self.block);
    }

    fn token_days(&self, token_blocks: U256) -> f64 {
        real(token_blocks) / self.per_day
    }

    fn join(&mut self, voter: Account, held: f64) {
        let least = self.pool.totals().community.registration_stake;
        let stake = integer(units(held));
        if stake >= least {
            self.apply(Event::Join { voter });
            self.apply(Event::Increase {
                voter,
                amount: stake - least,
            });
        }
    }

    fn propose(&mut self, id: u32, requested: f64) {
        self.apply(Event::Propose {
            voter: SUBMITTER,
            requested: integer(units(requested)),
        });
        self.numbers.insert(id, U256::from(self.pool.created()));
    }

    /// Moves a participant's stakes from what they were.
    fn move_to(&mut self, participant: u32, stakes: BTreeMap<u32, f64>) {
        let before = self.stakes.insert(participant, stakes).unwrap_or_default();
        let after = &self.stakes[&participant];
        let ids: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        let on = |stakes: &BTreeMap<u32, f64>, id| units(stakes.get(&id).copied().unwrap_or(0.0));
        let deltas = ids.into_iter().filter_map(|id| {
            let by = on(after, id) - on(&before, id);
            let delta = Signed::parse(&by.to_string()).unwrap();
            (by != 0).then_some((self.numbers[&id], delta))
        });
        let deltas: Vec<_> = deltas.collect();
        if !deltas.is_empty() {
            let voter = Account(participant);
            self.apply(Event::Support { voter, deltas });
        }
    }
}

/// How many days of candidates were compared, grants, and executions that the contract refused as the run did.
#[derive(Debug, Default)]
struct Compared {
    days: usize,
    grants: usize,
    refused: usize,
}

fn compare(run: &Run, version: Version) -> Compared {
    let (setting, mut compared) = (&run.setting, Compared::default());
    let chain: Chain = setting.group();
    let block = |day: u32| 1 + chain.blocks(day);
    let gamma = setting.group::<Expansion>().gamma;
    let mut replay = Replay {
        // The founders were active before the upgrade.
        pool: gardens2::Gardens2::new(Version::V15ad374, version),
        block: 1,
        per_day: chain.blocks_per_day(),
        numbers: BTreeMap::new(),
        stakes: BTreeMap::new(),
    };
    let mut settings = run.settings_on(0);
    replay.apply(Event::Settings(settings, Some(community(setting))));
    replay.apply(Event::Funds {
        amount: integer(units(run.supply.funds[0])),
    });
    replay.apply(Event::Join { voter: SUBMITTER });
    let last = run.pools.len() as u32 - 1;
    let mut active = BTreeSet::new();
    for day in 0..=last {
        replay.block = block(day);
        if run.settings_on(day) != settings {
            settings = run.settings_on(day);
            replay.apply(Event::Settings(settings, None));
        }
        // Arrivals.
        let people: Vec<_> = (0..run.people.day.len())
            .filter(|&row| run.people.day[row] == day)
            .map(|row| (run.people.participant[row], run.people.holdings[row]))
            .collect();
        let becomes_active = |row: usize| run.pools[day as usize].members()[row].is_active;
        for &(id, held) in &people {
            if replay
                .stakes
                .insert(id, replay.stakes.get(&id).cloned().unwrap_or_default())
                .is_none()
            {
                replay.join(Account(id), held);
            }
        }
        let activate = |replay: &mut Replay, active: &mut BTreeSet<u32>| {
            for (row, &(id, _)) in people.iter().enumerate() {
                if becomes_active(row) && active.insert(id) {
                    replay.apply(Event::Activate { voter: Account(id) });
                }
            }
        };
        if day == 0 {
            activate(&mut replay, &mut active);
            if version == Version::Va75a6efe2 {
                replay.apply(Event::Upgrade);
            }
        }
        let of_day: Vec<_> = (0..run.proposals.day.len())
            .filter(|&row| run.proposals.day[row] == day)
            .collect();
        for &row in &of_day {
            let id = run.proposals.proposal[row];
            if !replay.numbers.contains_key(&id) {
                replay.propose(id, run.proposals.funds_requested[row]);
            }
        }
        if day == 0 {
            continue;
        }
        // The supply expands into the pool.
        let yesterday = day as usize - 1;
        replay.apply(Event::Funds {
            amount: integer(units(gamma * run.supply.total_supply[yesterday])),
        });
        // Executions, the strongest first.
        let mut granted: Vec<_> = (0..run.ends.proposal.len())
            .filter(|&row| run.ends.day_passed[row] == Some(day))
            .collect();
        let passed_with = |row: usize| run.ends.conviction_passed[row].unwrap();
        granted.sort_by(|&a, &b| passed_with(b).total_cmp(&passed_with(a)));
        for row in granted {
            let id = run.ends.proposal[row];
            let proposal = replay.numbers[&id];
            let of = replay.pool.proposal(proposal);
            let threshold = replay.pool.threshold(&of, replay.block).unwrap();
            replay.apply(Event::Execute { proposal });
            let conviction = replay.pool.proposal(proposal).stored.conviction_last;
            assert_eq!(
                Some(replay.token_days(conviction)),
                run.ends.conviction_passed[row]
            );
            assert_eq!(
                Some(replay.token_days(threshold)),
                run.ends.trigger_passed[row]
            );
            compared.grants += 1;
        }
        // Nobody is executed whom the run did not grant; those too young are not asked for.
        let candidates: Vec<_> = of_day
            .iter()
            .copied()
            .filter(|&row| run.proposals.status[row] == "candidate")
            .collect();
        for &row in candidates.iter().filter(|&&row| run.proposals.age[row] > 4) {
            let proposal = replay.numbers[&run.proposals.proposal[row]];
            let refused = replay
                .pool
                .apply(replay.block, &Event::Execute { proposal });
            assert!(
                refused.is_err(),
                "day {day}: proposal {proposal} is executed"
            );
            compared.refused += 1;
        }
        // Newcomers who act become active, then all who act support; nothing stays on what has left.
        activate(&mut replay, &mut active);
        let is_candidate: BTreeSet<_> = candidates
            .iter()
            .map(|&row| run.proposals.proposal[row])
            .collect();
        let mut after: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
        for row in (0..run.edges.day.len()).filter(|&row| run.edges.day[row] == day) {
            if is_candidate.contains(&run.edges.proposal[row]) && run.edges.tokens[row] > 0.0 {
                let of = after.entry(run.edges.participant[row]).or_default();
                of.insert(run.edges.proposal[row], run.edges.tokens[row]);
            }
        }
        for &(id, _) in &people {
            replay.move_to(id, after.remove(&id).unwrap_or_default());
        }
        // What the day leaves.
        let (ours, theirs) = (replay.pool.totals(), run.pools[day as usize].totals());
        assert_eq!(ours.activated, theirs.activated, "day {day}");
        assert_eq!(ours.snapshot, theirs.snapshot, "day {day}");
        let at_day_start = PoolTotals {
            funds: integer(units(run.supply.funds[yesterday])),
            ..*ours
        };
        for &row in &candidates {
            let proposal = replay.numbers[&run.proposals.proposal[row]];
            let of = replay.pool.proposal(proposal);
            let conviction = replay.pool.conviction_now(&of, block(day + 1)).unwrap();
            assert_eq!(
                Some(replay.token_days(conviction)),
                run.proposals.conviction[row],
                "day {day}: conviction of {proposal}"
            );
            let points = at_day_start
                .points_of_proposal(of.snapshot, block(day))
                .unwrap();
            let threshold = at_day_start.threshold(of.requested, points).unwrap();
            let threshold = (threshold != U256::MAX).then(|| replay.token_days(threshold));
            assert_eq!(
                threshold, run.proposals.trigger[row],
                "day {day}: trigger of {proposal}"
            );
            compared.days += 1;
        }
    }
    compared
}

fn setting(model: &Model, arithmetic: &str, points: &str) -> Setting {
    let setting = model.setting().with("arithmetic", arithmetic);
    let setting = setting.and_then(|setting| setting.with("gardens2.points", points));
    let setting = setting.unwrap();
    match points {
        // Points are fewer than tokens.
        "quadratic" | "fixed" => setting.with("min_supp", 0.1).unwrap(),
        _ => setting,
    }
}

const VERSIONS: [(&str, Version); 2] = [
    ("gardens2", Version::Va75a6efe2),
    ("gardens2-15ad374", Version::V15ad374),
];

#[test]
fn events_of_a_run_give_the_contract_the_same_state() {
    let model = model();
    for (arithmetic, version) in VERSIONS {
        for (world, points, seconds) in [
            (0, "unlimited", 5.0),
            (1, "capped", 15.0),
            (2, "quadratic", 13.7),
            (3, "fixed", 50_000.0),
        ] {
            let setting = setting(&model, arithmetic, points);
            let setting = setting.with("chain.block_time_seconds", seconds).unwrap();
            let compared = compare(&Run::of(&model, &setting, world), version);
            assert!(
                compared.days > 500 && compared.grants > 2 && compared.refused > 300,
                "{arithmetic}, {points}: {compared:?}"
            );
        }
    }
}

/// Changed settings apply backwards, to weighted points as well.
#[test]
fn events_of_a_run_with_changes_give_the_contract_the_same_state() {
    let on = Extensions::default().with("change", 2);
    let on = ["alpha", "beta"]
        .into_iter()
        .fold(on, |on, key| on.overriding("change", 0, key));
    let on = on.overriding("change", 1, "gardens2.min_threshold_points");
    let model = model().with_extensions(&on).unwrap();
    for (arithmetic, version) in VERSIONS {
        let mut setting = setting(&model, arithmetic, "unlimited");
        for (key, value) in [
            ("change.0.day", 30.0),
            ("change.0.alpha", 0.9),
            ("change.0.beta", 0.3),
            ("change.1.day", 60.0),
            ("change.1.gardens2.min_threshold_points", 8000.0),
        ] {
            setting.set(key, value).unwrap();
        }
        let compared = compare(&Run::of(&model, &setting, 4), version);
        assert!(compared.days > 300 && compared.grants > 3, "{compared:?}");
    }
}

/// Members whose stake falls keep the points that they would have if they had never staked more; in every point system,
/// as the contract takes them off.
#[test]
fn who_lends_stakes_loses_their_points() {
    let model = model()
        .with_extensions(&Extensions::default().with("attacker", 1))
        .unwrap();
    for (arithmetic, _) in VERSIONS {
        for points in ["unlimited", "capped", "quadratic", "fixed"] {
            let mut setting = setting(&model, arithmetic, points);
            for (key, value) in [
                ("days", Given::from(25)),
                ("attacker.0.source", "insiders".into()),
                ("attacker.0.share", 0.3.into()),
                ("attacker.0.from", 20.into()),
            ] {
                setting.set(key, value).unwrap();
            }
            let run = Run::of(&model, &setting, 6);
            let [before, after] = [19, 20].map(|day: usize| &run.pools[day]);
            let (mut lenders, mut active) = (0, U256::ZERO);
            let community = &after.totals().community;
            for (member, earlier) in after.members().iter().zip(before.members()) {
                let still = points_on_activation(community, member.stake).unwrap();
                let expected = if member.is_active { still } else { U256::ZERO };
                assert_eq!(member.points, expected, "{arithmetic}, {points}");
                lenders += usize::from(member.is_active && member.stake < earlier.stake);
                active += member.points;
            }
            assert!(lenders > 10, "{arithmetic}, {points}: {lenders} lenders");
            assert!(after.totals().activated >= active, "{arithmetic}, {points}");
        }
    }
}

/// Real numbers and integers agree within roundings where points are tokens, nobody arrives with any, and blocks are
/// days: until the first grant, after which newcomers hold some.
#[test]
fn real_numbers_and_gardens2_agree_while_thresholds_stand_still() {
    let model = model();
    let mut compared = 0;
    for world in 0..8 {
        let [reals, wholes] = ["real", "gardens2"].map(|arithmetic| {
            let mut setting = model.setting().with("arithmetic", arithmetic).unwrap();
            for (key, value) in [
                ("initial.voting_share", 1.0),
                ("gardens2.registration_stake", 0.0),
                ("chain.block_time_seconds", 86_400.0),
            ] {
                setting.set(key, value).unwrap();
            }
            let mut left = simulate(&model, &["proposals", "run_proposals"], &setting, 5, world);
            let days: ProposalRows = left.rows("proposals");
            let ends: RunProposalRows = left.rows("run_proposals");
            (days, ends)
        });
        let first = |ends: &RunProposalRows| {
            let passed = (0..ends.proposal.len())
                .filter_map(|row| Some((ends.day_passed[row]?, ends.proposal[row])));
            passed.min()
        };
        assert_eq!(first(&reals.1), first(&wholes.1), "world {world}");
        let until = first(&reals.1).map_or(100, |(day, _)| day);
        for row in (0..reals.0.day.len()).filter(|&row| (1..until).contains(&reals.0.day[row])) {
            assert_eq!(reals.0.status[row], wholes.0.status[row]);
            // α is stored in seven digits.
            let close = |one: Option<f64>, other: Option<f64>| match (one, other) {
                (Some(one), Some(other)) => (one / other - 1.0).abs() < 2e-6 || one == other,
                (one, other) => one == other,
            };
            let [real, whole] =
                [&reals.0, &wholes.0].map(|of| (of.conviction[row], of.trigger[row]));
            assert!(
                close(real.0, whole.0) && close(real.1, whole.1),
                "world {world}, day {}: {real:?} {whole:?}",
                reals.0.day[row]
            );
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Who holds less than the registration stake supports nothing, and is not counted.
#[test]
fn who_cannot_join_supports_nothing() {
    let model = model();
    let setting = setting(&model, "gardens2", "unlimited");
    let setting = setting.with("gardens2.registration_stake", 300.0).unwrap();
    let run = Run::of(&model, &setting, 1);
    let held: BTreeMap<_, _> = (0..run.people.day.len())
        .map(|row| (run.people.participant[row], run.people.holdings[row]))
        .collect();
    let supports: BTreeSet<_> = (0..run.edges.day.len())
        .filter(|&row| run.edges.tokens[row] > 0.0)
        .map(|row| run.edges.participant[row])
        .collect();
    assert!(supports.len() > 5);
    assert!(supports.iter().all(|id| held[id] >= 300.0));
    assert!(held.values().any(|&held| held < 300.0));
    let last = run.pools.last().unwrap();
    assert!(
        last.members()
            .iter()
            .all(|member| !member.is_active || member.held >= 300.0)
    );
    assert!(compare(&run, Version::Va75a6efe2).days > 500);
}

/// Newcomers wait until they first act, and the pool's points then rise by and by.
#[test]
fn newcomers_become_active_when_they_first_act() {
    let model = model();
    let run = Run::of(&model, &setting(&model, "gardens2", "unlimited"), 2);
    let (mut waited, mut rises) = (0, 0);
    for (day, pair) in run.pools.windows(2).enumerate() {
        let [before, after] = [&pair[0], &pair[1]];
        let waiting = after.members().iter().filter(|member| !member.is_active);
        waited += waiting.count();
        let totals = after.totals();
        if totals.activated > before.totals().activated {
            let block = 1 + run.setting.group::<Chain>().blocks(day as u32 + 1);
            let points = totals.points(block).unwrap();
            // Changes in one block do not move the points of the pool.
            assert!(points < totals.activated);
            assert_eq!(points, before.totals().points(block).unwrap());
            let soon = totals.points(block + 1000).unwrap();
            assert!(points < soon && soon < totals.activated);
            rises += 1;
        }
    }
    assert!(waited > 10 && rises > 3, "{waited} waited, {rises} rises");
}

/// Extensions without rules in whole numbers are refused by name.
#[test]
fn what_has_no_rules_is_refused_by_name() {
    for (arithmetic, _) in VERSIONS {
        for extension in ["flows", "donations", "market", "streaming", "voting"] {
            let model = model()
                .with_extensions(&Extensions::default().with(extension, 1))
                .unwrap();
            let setting = model.setting().with("arithmetic", arithmetic).unwrap();
            let fault = setting.fault().unwrap().to_string();
            let said = [arithmetic, &format!("[{extension}]"), "\"real\""];
            assert!(said.iter().all(|word| fault.contains(word)), "{fault}");
        }
        for extension in [
            "issuance", "attacker", "change", "conflict", "outcomes", "holdings",
        ] {
            let model = model()
                .with_extensions(&Extensions::default().with(extension, 1))
                .unwrap();
            let setting = model.setting().with("arithmetic", arithmetic).unwrap();
            assert_eq!(setting.fault(), None, "{extension}");
        }
    }
    let fixed = setting(&model(), "gardens2", "fixed");
    let fixed = fixed.with("gardens2.registration_stake", 0.0).unwrap();
    let fault = fixed.fault().unwrap();
    assert_eq!(fault.key, "gardens2.registration_stake");
    assert_eq!(fixed.with("arithmetic", "real").unwrap().fault(), None);
}

#[test]
fn no_active_points_pay_nothing() {
    let mut totals = PoolTotals::new(Version::Va75a6efe2);
    totals.funds = U256::from(1000);
    totals.settings.max_ratio = U256::from(2_000_000);
    let refused = totals.check_request(U256::from(1), U256::from(5));
    assert_eq!(
        refused,
        Err(Revert::NoActiveGovernancePoints(U256::from(1)))
    );
}
