// Answers: what the runs came to, with intervals, and what follows without them.

import { days, element, interval, number, percent } from "./format.js";

/** For which requests, stakes and times the closed forms are asked. */
export const REQUESTS = [0.01, 0.02, 0.05, 0.1, 0.2];
export const STAKES = [0.05, 0.1, 0.2, 0.3, 0.5, 1];
export const WITHIN = [[1 / 3, "8 hours"], [7, "7 days"], [30, "30 days"]];
export const ATTACKERS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

const whole = (value) => value.toLocaleString("en");

/** The answers that runs give: title, the value of a setting in words, what it means, and how two compare. */
const CARDS = [
  {
    id: "grants",
    title: (state) => `Grants in ${whole(state.days)} days`,
    of: (answers) => answers.means.proposals_granted,
    value: ({ mean, half_width }) => interval(mean, half_width),
    note: ({ quantiles }, answers) => `${number(quantiles[0])} to ${number(quantiles[4])} in nine runs of ten; ${number(answers.means.funds_granted.mean)} tokens in the mean`,
    difference: (answers) => answers.differences.proposals_granted,
    words: ["more", "fewer"],
    unit: "",
  },
  {
    id: "wait",
    title: () => "Wait of a grant",
    of: (answers) => answers.means.mean_days_to_pass,
    value: ({ mean, half_width }) => interval(mean, half_width, " days"),
    note: ({ quantiles, empty }) => (quantiles[0] === null ? "nothing passed in any run" :
      `run means of ${number(quantiles[0])} to ${number(quantiles[4])} days in nine of ten${empty ? `; ${whole(empty)} runs without a grant are left out` : ""}`),
    difference: (answers) => answers.differences.mean_days_to_pass,
    words: ["longer", "shorter"],
    unit: " days",
  },
  {
    id: "take",
    title: (state) => `${state.strategy === "renter" ? "The renter" : `An attacker with ${percent(state.share)} of the votes`} takes in ${whole(state.days)} days`,
    of: (answers) => answers.means.attacker_0_take_share,
    value: ({ mean, half_width }) => interval(100 * mean, half_width === null ? null : 100 * half_width, " %"),
    note: ({ quantiles }, answers) => `of the first pool and the tokens minted since, together; ${percent(quantiles[0])} to ${percent(quantiles[4])} in nine runs of ten; ${number(answers.means.attacker_0_take.mean)} tokens in the mean`,
    difference: (answers) => answers.differences.attacker_0_take_share,
    words: ["more", "less"],
    unit: " points",
    times: 100,
    absent: "No attacker. Choose an attacker to see what they would take.",
  },
  {
    id: "nothing",
    title: () => "Chance that nothing passes",
    of: (answers) => answers.zero.proposals_granted,
    value: ({ share, low, high }) => `${percent(share)} (${percent(low)} to ${percent(high)})`,
    note: ({ runs }) => `in brackets the 95 % interval; ${whole(runs)} runs`,
  },
];

/** How B differs from A in the same worlds, in words. */
function compared(card, answers) {
  const difference = card.difference?.(answers);
  if (!difference || difference.mean === null) return null;
  const times = card.times ?? 1;
  const [mean, half] = [times * difference.mean, difference.half_width === null ? null : times * difference.half_width];
  const sure = half !== null && Math.abs(mean) > half;
  const text = `${interval(Math.abs(mean), half, card.unit)} ${mean >= 0 ? card.words[0] : card.words[1]} than A`;
  return element("p", { class: "difference" }, sure ? text : `${text}: too close to tell`);
}

/** Shows the answers of the runs: of A, and of B beside it. */
export function answers(place, state, points) {
  const cards = CARDS.map((card) => {
    const body = [];
    for (const [which, answers] of points.entries()) {
      const of = card.of(answers);
      if (!of) {
        body.push(element("p", { class: "note" }, card.absent));
        break;
      }
      const name = points.length > 1 ? element("span", { class: `name ${"ab"[which]}` }, "AB"[which]) : null;
      body.push(element("p", { class: "value", "data-answer": `${card.id}.${"ab"[which]}`, "data-mean": of.mean ?? of.share ?? "" }, name, card.value(of)));
      if (points.length === 1) body.push(element("p", { class: "note" }, card.note(of, answers)));
      else if (which === 1) body.push(compared(card, answers));
    }
    return element("section", { class: "card" }, element("h3", {}, card.title(state)), ...body);
  });
  place.replaceChildren(...cards);
}

/** The answers in a line for each setting. */
export function glance(points) {
  return points.map(({ means }, which) => element("span", {}, points.length > 1 ? element("span", { class: `name ${"ab"[which]}` }, "AB"[which]) : null,
    [`${number(means.proposals_granted.mean)} grants`, means.mean_days_to_pass.mean === null ? null : `${number(means.mean_days_to_pass.mean)} days’ wait`,
      means.attacker_0_take_share ? `${percent(means.attacker_0_take_share.mean)} taken` : null].filter(Boolean).join(" · "), element("br")));
}

/** Days in words; of a day or less in hours, since contracts pass at a block. */
function time(whole, hours) {
  if (whole === null || whole === undefined) return "never";
  if (whole > 1 || hours === null) return days(whole);
  return hours >= 1 ? `${number(hours, 2)} hours` : "an hour or less";
}

const setting = (which, count) => (count > 1 ? element("span", { class: `name ${"ab"[which]}` }, "AB"[which]) : null);

/** Shows what follows without runs: how long a request takes, and what an attacker could do. */
export function closedForms(title, request, attack, meanings, asked) {
  const [share, held] = [asked.requests[0], asked.attackers[0]];
  title.textContent = `Someone with ${percent(held)} of the votes, asking again and again, takes`;
  request.replaceChildren(...meanings.map((of, which) => {
    const needed = of.stake_to_pass[0][1];
    const text = time(of.days_to_pass[0][0], of.hours_to_pass[0][0]);
    const least = of.stake_to_pass[0][2];
    const rest = share >= of.largest_request ? `No request above ${percent(of.largest_request)} can ever pass.` :
      needed !== null ? `To pass within 7 days it needs ${percent(needed)} of the votes.` :
        least !== null ? `Within 7 days not even all votes pass it; within 30 days ${percent(least)} do.` : "Not even all votes pass it within 30 days.";
    return element("p", { class: "value", "data-closed": `request.${"ab"[which]}` }, setting(which, meanings.length), text, element("span", { class: "note" }, rest));
  }));
  attack.replaceChildren(...meanings.map((of, which) => {
    const drain = of.drains[0];
    const text = drain ? `half the pool in ${days(drain.pool_half_life_days)}` : "nothing";
    const rest = drain ? `by asking for ${percent(drain.ask)} of it every ${days(drain.cycle_days)}, if no one else asks` :
      `${percent(held)} is not above the minimum conviction, ${percent(of.minimum_conviction)}`;
    return element("p", { class: "value", "data-closed": `attack.${"ab"[which]}` }, setting(which, meanings.length), text, element("span", { class: "note" }, rest));
  }));
}

function table(place, caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map(([first, ...cells]) => element("tr", {}, element("th", { scope: "row" }, first), ...cells.map((text) => element("td", {}, text))));
  place.replaceChildren(element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
}

/** The tables of the closed forms: the first of each list that was asked is what the reader typed. */
export function tables(places, meanings) {
  const names = meanings.map((_, which) => (meanings.length > 1 ? `${"AB"[which]}: ` : ""));
  const both = (cell) => meanings.map((of, which) => names[which] + cell(of)).join(" · ");
  table(places.wait, "Days to pass, by request (share of the pool) and votes staked on it (share of all votes)",
    ["request", ...STAKES.map((share) => percent(share))],
    REQUESTS.map((share, row) => [percent(share), ...STAKES.map((_, column) => both((of) => time(of.days_to_pass[row + 1][column + 1], of.hours_to_pass[row + 1][column + 1])))]));
  table(places.stake, "Share of all votes that a request needs to pass in time; – where not even all do",
    ["request", ...WITHIN.map(([, name]) => `within ${name}`)],
    REQUESTS.map((share, row) => [percent(share), ...WITHIN.map((_, column) => both((of) => percent(of.stake_to_pass[row + 1][column])))]));
  table(places.drain, "What an attacker does who asks again and again, while no one else asks",
    ["votes held", "asks for", "every", "pool halves in"],
    ATTACKERS.map((share, row) => {
      const cell = (say) => both((of) => (of.drains[row + 1] ? say(of.drains[row + 1]) : "–"));
      return [percent(share), cell(({ ask }) => percent(ask)), cell(({ cycle_days: cycle }) => days(cycle)), both((of) => days(of.drains[row + 1]?.pool_half_life_days))];
    }));
  const row = (name, cell) => [name, both(cell)];
  table(places.words, "The setting in the model's letters, and as a contract stores it",
    ["letter", meanings.length > 1 ? "A · B" : "value"], [
      row("α, kept each day", (of) => number(of.alpha, 6)),
      row("β, maxRatio", (of) => number(of.beta, 6)),
      row("ρ, weight", (of) => number(of.rho, 6)),
      row("κ, resistance", (of) => days(of.resistance_days)),
      row("least token-days of stake per token taken", (of) => number(of.price_of_conviction)),
      row("contract: decay", (of) => String(of.contract.decay)),
      row("contract: maxRatio", (of) => String(of.contract.max_ratio)),
      row("contract: weight", (of) => String(of.contract.weight)),
      row("contract: seconds a block", (of) => number(of.contract.block_time_seconds)),
    ]);
}
