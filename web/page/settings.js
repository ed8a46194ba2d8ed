// What a designer may set, in a designer's words: labels, ranges of sliders, and what each means.

/** A slider over a range, by equal steps or equal ratios. */
const linear = (min, max, step) => ({ min, max, step, scale: "linear" });
const ratio = (min, max) => ({ min, max, scale: "log" });

/** The three levers of a setting of Conviction Voting. */
export const LEVERS = [
  {
    name: "minimum_conviction",
    short: "m",
    label: "Minimum conviction",
    symbol: "m = ρ/β²",
    unit: "%",
    range: ratio(0.002, 0.6),
    help: "The least conviction that passes any request, as a share of the most that all voting tokens can build up. " +
      "Below it nothing passes, however long the stake stays. A higher bar stops small attackers, and proposals with few supporters too.",
  },
  {
    name: "largest_request",
    short: "l",
    label: "Largest request",
    symbol: "l = β − √ρ",
    unit: "%",
    range: ratio(0.01, 0.6),
    help: "The largest share of the pool that one proposal can ever be paid. Requests near it need almost all votes for a long time. " +
      "The contract stores β, its maxRatio or “spending limit”, which is a little more.",
  },
  {
    name: "half_life_days",
    short: "h",
    label: "Half-life of conviction",
    symbol: "α = 2^(−1/h)",
    unit: "days",
    range: ratio(0.25, 60),
    help: "After so many days a stake has built up half of the conviction that it can ever reach; half is left as long after it is gone. " +
      "A long half-life makes everybody wait, and makes a raid by borrowed tokens useless.",
  },
];

/** What an attacker may do. */
export const STRATEGIES = [
  ["none", "no attacker", "Everybody asks for what they would ask for anyway."],
  ["leech", "leech: one request after another",
    "Asks for the share of the pool that drains it fastest, stakes everything on it, and asks again once it is paid."],
  ["splitter", "splitter: one goal in five parts", "Asks for a third of β in five requests at the same time, so that each has a lower bar."],
  ["spammer", "spammer: many small requests", "Puts up five requests a day, each with the least stake that keeps it alive."],
  ["flash", "flash: tokens for a day", "Brings tokens for one day only, as a loan would, and leaves."],
  ["sybil", "sybil: a leech with ten accounts", "A leech whose tokens are spread over ten accounts."],
  ["renter", "renter: borrowed votes", "Holds no tokens: rents those of the voters for each request, as long as that pays."],
];

/** All else that may be set. `key` is the key of a spec. */
export const OTHERS = {
  share: {
    label: "The attacker holds", unit: "%", range: linear(0, 0.5, 0.005),
    help: "Share of all voting tokens that the attacker controls.",
  },
  engagement: {
    label: "Engagement", unit: "%", range: linear(0.02, 1, 0.02),
    help: "Chance that a voter in the best of moods acts on a day: looks at the proposals, and moves tokens.",
  },
  voting_share: {
    label: "Turnout", unit: "%", range: linear(0.02, 1, 0.01),
    help: "Share of the tokens outside of the pool that votes. Conviction is measured against these tokens, the effective supply E.",
  },
  funds: { label: "Tokens in the pool", unit: "tokens", help: "F, what proposals are paid from." },
  supply: { label: "Tokens in all", unit: "tokens", help: "S, those in the pool included." },
  participants: { label: "Voters", unit: "people", help: "People who vote at the start. Up to 2,000 run fast; 20,000 take gigabytes." },
  proposals: { label: "Open proposals", unit: "proposals", help: "Proposals that wait for votes at the start. More arrive every week." },
  days: { label: "Days", unit: "days", help: "How long each run is. Ten years take seconds a run." },
  seed: { label: "Seed", unit: "", help: "Another seed gives other random worlds; the same seed the same numbers, here and in the program." },
};

export const ENTERED = ["funds", "supply", "participants", "proposals"];
