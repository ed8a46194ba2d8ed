// The state of the page: from and to the URL, and as a spec, a command and Python.

import { LEVERS } from "./settings.js";

/** A setting of Conviction Voting: a preset, and the words that override it. */
const setting = (preset) => ({ preset, h: null, m: null, l: null });

/** The state without a URL: the published model of 1Hive, and an attacker with a tenth of the votes. */
export const initial = () => ({
  a: setting("v3"),
  b: null,
  funds: 4867.21,
  supply: 22392.22,
  voting_share: 0.8,
  participants: 30,
  proposals: 7,
  law: "exponential",
  listed: [],
  contract: "real",
  block: 0,
  strategy: "leech",
  share: 0.1,
  source: "insiders",
  engagement: 0.3,
  days: 100,
  seed: 7,
  more: "",
});

const NUMBERS = ["funds", "supply", "voting_share", "participants", "proposals", "block", "share", "engagement", "days", "seed"];
const WORDS = {
  law: ["exponential", "lognormal", "file"],
  contract: ["real", "contract"],
  strategy: ["none", "leech", "splitter", "spammer", "flash", "sybil", "renter"],
  source: ["insiders", "other"],
};

/** The fragment of a URL that says what differs from the initial state. */
export function fragment(state) {
  const from = initial();
  const said = new URLSearchParams();
  for (const which of ["a", "b"]) {
    const of = state[which];
    if (!of) continue;
    if (which === "b" || of.preset !== from.a.preset) said.set(which, of.preset);
    for (const lever of ["h", "m", "l"]) if (of[lever] !== null) said.set(`${which}.${lever}`, of[lever]);
  }
  for (const name of [...NUMBERS, ...Object.keys(WORDS)]) {
    if (state[name] !== from[name]) said.set(name, state[name]);
  }
  if (state.law === "file") said.set("listed", state.listed.join(" "));
  if (state.more) said.set("more", state.more);
  return said.toString();
}

/** The state that the fragment of a URL says; what it says wrongly stays as it is. */
export function parsed(text, presets) {
  const state = initial();
  const said = new URLSearchParams(text.replace(/^#/, ""));
  const real = (name) => {
    const value = said.get(name);
    return value !== null && value !== "" && Number.isFinite(Number(value)) ? Number(value) : null;
  };
  for (const which of ["a", "b"]) {
    const preset = said.get(which);
    if (preset !== null && presets.has(preset)) state[which] = setting(preset);
    if (!state[which]) continue;
    for (const lever of ["h", "m", "l"]) state[which][lever] = real(`${which}.${lever}`);
  }
  for (const name of NUMBERS) state[name] = real(name) ?? state[name];
  for (const [name, words] of Object.entries(WORDS)) {
    if (words.includes(said.get(name))) state[name] = said.get(name);
  }
  if (state.law === "file") {
    state.listed = holders(said.get("listed") ?? "");
    if (state.listed.length === 0) state.law = initial().law;
  }
  state.more = said.get("more") ?? "";
  return state;
}

/** Numbers in a pasted text: the last of each line, so that a line may begin with a name or an address. */
export function holders(text) {
  const lines = text.split(/[\n;]+/).flatMap((line) => (/[a-z]/i.test(line) ? [line] : line.trim().split(/\s+/)));
  const numbers = lines.map((line) => {
    const found = line.replace(/(\d)[,' ](?=\d{3}(\D|$))/g, "$1").match(/(?<![\w.])\d+(\.\d+)?(e[+-]?\d+)?(?![\w.])/gi);
    return found ? Number(found[found.length - 1]) : 0;
  });
  return numbers.filter((value) => value > 0 && Number.isFinite(value));
}

/** What a setting says of its levers. The words m and l say β and ρ together, so that one comes with the other. */
function words(of, presets) {
  const preset = presets.get(of.preset);
  const rounded = (value) => Number(value.toPrecision(12));
  const said = {};
  if (of.h !== null) said.half_life_days = of.h;
  if (of.m !== null || of.l !== null) {
    said.largest_request = of.l ?? rounded(preset.largest_request);
    said.minimum_conviction = of.m ?? rounded(preset.minimum_conviction);
  }
  return said;
}

/** The value of a lever, before the library has computed it. */
export function lever(of, name, presets) {
  const { short } = LEVERS.find((lever) => lever.name === name);
  return of[short] ?? presets.get(of.preset)[name];
}

/** Puts typed settings, `KEY = VALUE` a line, into their tables: a key without a table belongs to [model]. */
function putMore(spec, text) {
  for (const line of text.split("\n")) {
    const [, key, said] = line.match(/^\s*([\w.]+)\s*=\s*(.*?)\s*$/) ?? [];
    if (key === undefined) continue;
    let value = said;
    try {
      value = JSON.parse(said);
    } catch {
      // A word without quotes.
    }
    const path = key.includes(".") ? key.split(".") : ["model", key];
    let place = spec;
    for (const name of path.slice(0, -1)) {
      place[name] ??= {};
      place = place[name];
      if (typeof place !== "object") break;
    }
    if (typeof place === "object") place[path.at(-1)] = value;
  }
}

/** The spec of a study, as nested objects. */
export function document(state, replicates, presets) {
  const spec = { seed: state.seed, replicates, days: state.days };
  const model = {};
  if (!state.b) {
    spec.preset = state.a.preset;
    Object.assign(model, words(state.a, presets));
  }
  if (state.engagement !== initial().engagement) model.base_engagement_rate = state.engagement;
  if (state.contract === "contract") model.arithmetic = "contract";
  if (Object.keys(model).length) spec.model = model;
  if (state.contract === "contract" && state.block > 0) spec.chain = { block_time_seconds: state.block };
  const listed = state.law === "file" && state.listed.length > 0;
  spec.initial = {
    funds: state.funds,
    supply: state.supply,
    voting_share: state.voting_share,
    ...(listed ? {} : { participants: state.participants }),
    proposals: state.proposals,
  };
  if (listed) spec.holdings = { law: "file", listed: state.listed };
  if (state.law === "lognormal") spec.holdings = { law: "lognormal", sigma: 2 };
  if (state.strategy !== "none") {
    const attacker = { strategy: state.strategy };
    if (state.strategy !== "renter") Object.assign(attacker, { share: state.share, source: state.source });
    if (state.strategy === "sybil") attacker.accounts = 10;
    spec.attacker = [attacker];
  }
  putMore(spec, state.more);
  if (state.b) {
    spec.variant = ["a", "b"].map((which) => ({
      name: which.toUpperCase(), preset: state[which].preset, ...words(state[which], presets),
    }));
  }
  // Only what the page draws: writing all columns would take as long as simulating.
  spec.output = {
    days: ["day", "funds", "candidate_count", "candidate_conviction"], proposals: ["days_to_pass"],
    every: Math.max(1, Math.ceil(state.days / 50)),
  };
  return spec;
}

/** A spec whose attacker asks, against each setting, for this share of the pool; `null` where the strategy has its own. */
export function aimed(spec, asks) {
  const [attacker] = spec.attacker ?? [];
  if (!attacker || !["leech", "sybil"].includes(attacker.strategy) || asks.every((ask) => ask === undefined)) return null;
  const rounded = asks.map((ask) => ask && Number(ask.toPrecision(6)));
  if (!spec.variant) return { ...spec, attacker: [{ ...attacker, ask: rounded[0] }] };
  const variant = spec.variant.map((of, place) => (rounded[place] === undefined ? of : { ...of, "attacker.0.ask": rounded[place] }));
  return { ...spec, variant };
}

const isTable = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** A spec as TOML. */
export function toml(spec) {
  const lines = (table) => Object.entries(table).filter(([, value]) => !isTable(value))
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const tables = Object.entries(spec).flatMap(([key, value]) => {
    if (isTable(value)) return ["", `[${key}]`, ...lines(value)];
    if (Array.isArray(value) && value.some(isTable)) return value.flatMap((table) => ["", `[[${key}]]`, ...lines(table)]);
    return [];
  });
  const top = Object.fromEntries(Object.entries(spec)
    .filter(([, value]) => !isTable(value) && !(Array.isArray(value) && value.some(isTable))));
  return `${[...lines(top), ...tables].join("\n")}\n`;
}

/** A spec as a command: the same numbers from the program, as Parquet. */
export const command = (spec) => `conviction sweep - --out results <<'SPEC'\n${toml(spec)}SPEC\n`;

/** A spec as Python: the same numbers from the package. */
export function python(spec) {
  const literal = (value, indent) => {
    const inner = `${indent}    `;
    if (Array.isArray(value) && value.some(isTable)) return `[${value.map((item) => literal(item, indent)).join(", ")}]`;
    if (isTable(value)) {
      const items = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${literal(item, inner)},\n`);
      return `{\n${items.join("")}${indent}}`;
    }
    if (typeof value === "boolean") return value ? "True" : "False";
    return JSON.stringify(value);
  };
  const by = spec.variant ? '.groupby("variant")' : "";
  return `import conviction, pandas as pd\n\nspec = ${literal(spec, "")}\n` +
    `runs = pd.DataFrame.from_arrow(conviction.sweep(spec)["runs"])\n` +
    `print(runs${by}[["proposals_granted", "mean_days_to_pass"]].mean())\n`;
}
