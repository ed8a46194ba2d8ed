// The page: what is set, what is simulated, and what is shown of it.

import { ATTACKERS, REQUESTS, STAKES, WITHIN, answers, closedForms, glance, tables } from "./answers.js";
import { Fan, Waits } from "./charts.js";
import { choice, copier, field, slider } from "./controls.js";
import { Engine, missing } from "./engine.js";
import { element, explained, number, percent } from "./format.js";
import { PRICES, scatter } from "./scatter.js";
import { ENTERED, LEVERS, OTHERS, STRATEGIES } from "./settings.js";
import { command, document as specOf, fragment, holders, initial, lever, parsed, python, toml } from "./state.js";

/** Runs of a setting after which it is shown, again and again until the last. */
const RUNS = 1000;
const STEPS = [100, 400, RUNS];
const FEW = [10, 30, 100, 300, RUNS];

/** Seconds beyond which runs are shown a few at a time, and beyond which the page says what they take. */
const SLOW = 3;

/** Bytes beyond which a study is not begun: what a browser gives a page at most. */
const MOST_BYTES = 3.5e9;

const $ = (id) => document.getElementById(id);

let engine;
let about;
let presets = new Map();
let state = initial();
let meanings = null;
let planned = null;
let runs = 0;
/** How many times longer runs take here than expected of a core. */
let pace = 1.5;
/** Settings that were tried, the last ones last. */
const tried = [];
const controls = {};
const charts = {};

function said(text) {
  if ($("status").textContent !== text) $("status").textContent = text;
}

function showTrouble(...parts) {
  $("trouble").replaceChildren(...parts);
  $("trouble").hidden = parts.length === 0;
}

/** What the closed forms are asked for: what the reader typed, then the tables. */
function asked() {
  const typed = (id) => Math.min(Math.max(Number($(id).value) / 100, 0), 1);
  return {
    requests: [typed("request"), ...REQUESTS],
    stakes: [typed("stake"), ...STAKES],
    days: WITHIN.map(([time]) => time),
    attackers: [state.strategy === "none" ? 0.1 : state.share, ...ATTACKERS],
  };
}

/** Simulates the state, and writes it into the URL. */
function study() {
  const said = fragment(state);
  if (location.hash.slice(1) !== said) {
    try {
      history.replaceState(null, "", `#${said}`);
    } catch {
      location.replace(`#${said}`);
    }
  }
  document.body.dataset.runs = "0";
  runs = 0;
  performance.mark("asked");
  engine.study({ spec: specOf(state, RUNS, presets), asked: asked(), steps: steps() });
}

let expected = 0;
const steps = () => (expected * (100 / RUNS) > SLOW ? FEW : STEPS);

/** Changes the state; sliders follow, and a study begins. */
function change(put) {
  put(state);
  follow();
  study();
}

/** Puts the state into the controls. */
function follow() {
  for (const of of LEVERS) {
    for (const which of ["a", "b"]) {
      controls[`${of.name}.${which}`].row.hidden = !state[which];
      if (state[which]) controls[`${of.name}.${which}`].set(lever(state[which], of.name, presets));
    }
  }
  for (const name of [...ENTERED, "days", "seed", "block", "share", "engagement", "voting_share"]) controls[name].set(state[name]);
  for (const name of ["strategy", "source", "contract", "law"]) controls[name].set(state[name]);
  if (document.activeElement !== controls.more) controls.more.value = state.more;
  controls["preset.a"].set(state.a.preset);
  controls["preset.b"].row.hidden = !state.b;
  if (state.b) controls["preset.b"].set(state.b.preset);
  $("compare").checked = state.b !== null;
  $("swap").hidden = !state.b;
  const preset = (which) => {
    const of = presets.get(state[which].preset);
    return `${of.meaning[0].toUpperCase()}${of.meaning.slice(1)}. Source: ${of.source}`;
  };
  $("preset-note").textContent = preset("a");
  $("strategy-note").textContent = STRATEGIES.find(([name]) => name === state.strategy)[2];
  const attacked = state.strategy !== "none";
  controls.share.row.hidden = !attacked || state.strategy === "renter";
  controls.source.row.hidden = controls.share.row.hidden;
  controls.block.row.hidden = state.contract === "real";
  controls.participants.row.hidden = state.law === "file";
  $("listed-place").hidden = state.law !== "file";
  $("listed-note").textContent = state.listed.length ? `${number(state.listed.length)} holders; the greatest has ${percent(Math.max(...state.listed) / state.listed.reduce((a, b) => a + b, 0))} of what they hold.` : "The list is empty: until it has holders, voters are drawn.";
  $("voters-note").textContent = `About ${number(state.voting_share * (state.supply - state.funds))} tokens vote.`;
}

/** Says what a plan takes, before it is too late to change it. */
function limits(plan) {
  const points = state.b ? 2 : 1;
  const seconds = pace * plan.seconds * (100 / RUNS);
  const bytes = 1.3 * plan.bytes_at_once + 2 * plan.bytes_of_rows;
  expected = plan.seconds * pace;
  const heavy = [];
  if (seconds > SLOW) heavy.push(`100 runs of ${points === 2 ? "each setting" : "this"} take about ${number(seconds, 2)} seconds here`);
  if (bytes > 4e8) heavy.push(`they need about ${number(bytes / 1e9, 2)} GB of memory, which a page only gives back when it is closed`);
  $("limits").hidden = heavy.length === 0;
  $("limits").textContent = heavy.length ? `${heavy.join(", and ")}. Fewer voters or fewer days are faster; the program has no such limits.` : "";
  return bytes <= MOST_BYTES;
}

/** Names of the settings where there are two, as texts begin. */
const names = () => (state.b ? ["A: ", "B: "] : [""]);

function showMeaning() {
  closedForms($("closed-title"), $("closed-request"), $("closed-attack"), meanings, asked());
  tables({ wait: $("table-wait"), stake: $("table-stake"), drain: $("table-drain"), words: $("table-words") }, meanings);
}

/** The words of a setting for a list. */
function labelled(which) {
  const of = state[which];
  const touched = of.h !== null || of.m !== null || of.l !== null;
  const { half_life_days: h, minimum_conviction: m, largest_request: l } = meanings[which === "a" ? 0 : 1];
  return `${touched ? "" : `${of.preset}: `}m ${percent(m, 2)}, l ${percent(l, 2)}, h ${number(h, 2)} days`;
}

/** Notes the settings of a picture among those that were tried. */
function note(points) {
  tried.forEach((point) => delete point.current);
  // Only settings that met the same worlds, people and attackers are compared.
  const world = fragment({ ...state, a: initial().a, b: null });
  for (const [place, answers] of points.entries()) {
    const which = "ab"[place];
    const own = fragment({ ...state, a: state[which], b: null });
    const old = tried.findIndex((point) => point.fragment === own);
    if (old >= 0) tried.splice(old, 1);
    tried.push({ fragment: own, world, current: which, label: labelled(which), answers: answers.means });
  }
  if (tried.length > 60) tried.splice(0, tried.length - 60);
  showTried();
}

function showTried() {
  const world = fragment({ ...state, a: initial().a, b: null });
  const price = $("price").value;
  scatter($("scatter"), $("table-tried"), tried.filter((point) => point.world === world), price, "attacker_0_take_share", (point) => {
    change((state) => Object.assign(state, parsed(point.fragment, presets)));
  });
  $("scatter-note").textContent = state.strategy === "none" ? "Choose an attacker: safety is weighed against one." : "Every setting tried in this world leaves a point. Choose one to return to it.";
}

function show(picture) {
  runs = picture.runs;
  answers($("answers"), state, picture.answers);
  for (const [place, name] of ["funds", "candidates", "conviction"].entries()) charts[name].update(picture.fans[place], names());
  charts.waits.update(picture.waits, names());
  if (runs >= 100 || picture.last) note(picture.answers);
  const each = state.b ? `${number(runs, 4)} runs of each, in the same worlds` : `${number(runs, 4)} runs`;
  said(picture.last ? `${each}.` : `${each}; more are coming.`);
  $("glance").replaceChildren(...glance(picture.answers));
  $("stop").hidden = true;
  document.body.dataset.runs = String(runs);
  performance.measure(`picture-${runs}`, "asked");
  for (const of of ["spec", "command", "python"]) $(`text-${of}`).textContent = texts[of]();
}

/** The spec of the last plan, with the runs that are shown, for others. */
const shownSpec = () => ({ ...planned, replicates: runs || RUNS });
const texts = {
  command: () => command(shownSpec()),
  spec: () => toml(shownSpec()),
  python: () => python(shownSpec()),
};

function showFaults({ faults, more }) {
  const items = faults.map(({ line, key, message, excerpt }) => element("li", {},
    key ? element("strong", {}, `${key}: `) : null, message, line ? ` (line ${line} of the spec${excerpt ? `: ${excerpt.trim()}` : ""})` : ""));
  showTrouble(element("h2", {}, "This setting cannot be simulated"), element("ul", {}, ...items), more ? element("p", {}, `And ${more} more.`) : "");
  said("This setting cannot be simulated; what is shown is of the last one.");
  document.body.dataset.runs = "none";
}

const hearers = {
  ready({ about: told }) {
    if (about) return;
    about = told;
    presets = new Map(told.presets.map((preset) => [preset.name, preset]));
    $("version").textContent = `conviction ${told.version}, results version ${told.results_version}`;
    state = parsed(location.hash, presets);
    build();
    follow();
    study();
  },
  plan({ plan, meaning, spec }) {
    meanings = meaning;
    planned = spec;
    showTrouble();
    $("warnings").replaceChildren(...plan.warnings.map((text) => element("li", {}, text)));
    showMeaning();
    LEVERS.forEach((of) => ["a", "b"].forEach((which, place) => meaning[place] && state[which]?.[of.short] === null && controls[`${of.name}.${which}`].set(meaning[place][of.name])));
    if (!limits(plan)) {
      engine.stop();
      showTrouble(element("h2", {}, "Too large for a page"), element("p", {}, "Take fewer voters or fewer days here, or copy the command below: the program has no such limit."));
      said("This study is too large for a page.");
    }
  },
  settings({ settings }) {
    const cells = (name, texts) => element("tr", {}, ...texts.map((text, place) => element(place === 0 ? "th" : name, place === 0 ? { scope: name === "th" ? "col" : "row" } : name === "th" ? { scope: "col" } : {}, text)));
    const rows = settings.map(({ key, default: value, unit, domain, meaning, extension }) => cells("td", [key, `${Array.isArray(value) ? "[]" : value} ${unit}`, domain, `${extension ? `${extension} ` : ""}${meaning}`]));
    $("table-settings").replaceChildren(element("thead", {}, cells("th", ["key", "default", "values", "meaning"])), element("tbody", {}, ...rows));
  },
  progress({ done, step, each }) {
    said(`${number(done, 4)} of ${number(step, 4)} runs; about ${number((each * (step - done)) / 1000, 2)} seconds to the next picture.`);
    $("stop").hidden = false;
  },
  picture: show,
  faults: showFaults,
  trap({ message }) {
    showTrouble(element("h2", {}, "The simulator stopped"), element("p", {}, `${message || "It gave no reason; most likely its memory ran out."} It was started again: change a setting, or return to the beginning.`));
    said("The simulator stopped and was started again.");
  },
};

/** Builds the controls. */
function build() {
  const options = about.presets.map(({ name }) => [name, name === "v3" ? "v3: the published model" : name]);
  for (const which of ["a", "b"]) {
    controls[`preset.${which}`] = choice({
      id: `preset-${which}`, label: which === "a" ? "Start from the setting of" : "B starts from", options,
      onchange: (value) => change((state) => {
        state[which] = { preset: value, h: null, m: null, l: null };
      }),
    });
  }
  $("preset-place").prepend(controls["preset.a"].row);
  $("preset-b-place").append(controls["preset.b"].row);
  for (const of of LEVERS) {
    const group = element("fieldset", { class: "lever" }, element("legend", {}, of.label, " ", element("span", { class: "symbol" }, of.symbol)));
    const help = `${of.name}-help`;
    for (const which of ["a", "b"]) {
      const made = slider({
        id: `${of.name}-${which}`, name: which.toUpperCase(), label: `${of.label} of ${which.toUpperCase()}`, unit: of.unit, range: of.range, describedby: help,
        onchange: (value) => change((state) => {
          const own = state[which];
          // m and l set β and ρ together.
          if (of.short !== "h") {
            for (const other of ["m", "l"]) own[other] ??= Number(lever(own, LEVERS.find(({ short }) => short === other).name, presets).toPrecision(12));
          }
          own[of.short] = value;
        }),
      });
      controls[`${of.name}.${which}`] = made;
      group.append(made.row);
    }
    group.append(explained(help, of.help));
    $("levers").append(group);
  }
  const put = (name) => (value) => change((state) => {
    state[name] = value;
  });
  for (const name of ["share", "engagement", "voting_share"]) {
    const of = OTHERS[name];
    const made = slider({ id: name, label: of.label, unit: of.unit, range: of.range, describedby: `${name}-help`, onchange: put(name) });
    const group = element("fieldset", { class: "lever" }, element("legend", {}, of.label), made.row, explained(`${name}-help`, of.help));
    controls[name] = { row: group, set: made.set };
  }
  controls.strategy = choice({ id: "strategy", label: "Who attacks", options: STRATEGIES.map(([name, label]) => [name, label]), onchange: put("strategy") });
  controls.source = choice({ id: "source", label: "Their tokens are", options: [["insiders", "some of the voters’"], ["other", "new: they come on top"]], onchange: put("source") });
  $("attack").append(controls.strategy.row, element("p", { class: "help", id: "strategy-note" }), controls.share.row, controls.source.row, controls.engagement.row);
  for (const name of [...ENTERED, "days", "seed"]) controls[name] = field({ id: name, ...OTHERS[name], onchange: put(name) });
  controls.law = choice({
    id: "law", label: "What voters hold", options: [["exponential", "drawn, as published (Gini 0.5)"], ["lognormal", "drawn, as unequal as in DAOs (Gini 0.84)"], ["file", "a list that I paste"]], onchange: put("law"),
  });
  const area = element("textarea", {
    id: "listed", rows: "5", spellcheck: false, placeholder: "0x12ab… 1520.5\n0x34cd… 88", "aria-describedby": "listed-note",
    onchange: () => change((state) => {
      state.listed = holders(area.value);
    }),
  });
  area.value = state.listed.join("\n");
  const pasted = element("div", { id: "listed-place", class: "field" }, element("label", { for: "listed" }, "Holders, one a line; the last number of a line counts"), area, element("p", { class: "help", id: "listed-note" }));
  controls.contract = choice({ id: "contract", label: "Numbers", options: [["real", "real numbers, as in the model"], ["contract", "integers and blocks, as in 1Hive’s contract"]], onchange: put("contract") });
  controls.block = field({ id: "block", label: "Block time", unit: "s", help: "Seconds from block to block; 0 for that of the preset.", onchange: put("block") });
  $("dao").append(controls.funds.row, controls.supply.row, controls.voting_share.row, element("p", { class: "help", id: "voters-note" }), controls.participants.row,
    controls.law.row, pasted, controls.proposals.row, controls.contract.row, controls.block.row, controls.days.row, controls.seed.row);
  controls.more = element("textarea", {
    id: "more", rows: "3", spellcheck: false, placeholder: "base_completion_rate = 30\ndonations.law = constant", "aria-describedby": "more-note",
    onchange: () => put("more")(controls.more.value),
  });
  $("more-place").append(element("label", { for: "more" }, "KEY = VALUE, a line each"), controls.more,
    element("p", { class: "help", id: "more-note" }, "Any setting of the model and of its extensions; the table below has them all."));
  $("every").addEventListener("toggle", () => $("every").open && $("table-settings").rows.length === 0 && engine.settings());
  charts.funds = new Fan($("fan-funds"), "tokens");
  charts.candidates = new Fan($("fan-candidates"), "proposals");
  charts.conviction = new Fan($("fan-conviction"), "token-days");
  charts.waits = new Waits($("waits"));
  $("compare").addEventListener("change", () => change((state) => {
    state.b = $("compare").checked ? { ...state.a } : null;
  }));
  $("swap").addEventListener("click", () => change((state) => {
    [state.a, state.b] = [state.b, state.a];
  }));
  $("again").addEventListener("click", () => change((state) => Object.assign(state, initial())));
  $("jump").addEventListener("click", () => $("answers-head").scrollIntoView());
  $("stop").addEventListener("click", () => {
    engine.stop();
    $("stop").hidden = true;
    said(`${number(runs, 4)} runs; stopped.`);
  });
  for (const id of ["request", "stake"]) $(id).addEventListener("input", () => study());
  for (const [name, { label }] of Object.entries(PRICES)) $("price").append(element("option", { value: name }, label));
  $("price").addEventListener("change", showTried);
  $("copies").append(copier("Copy the link", () => location.href), ...Object.entries(texts).map(([of, text]) => copier({ command: "Copy as command", spec: "Copy as spec", python: "Copy as Python" }[of], text)));
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) === fragment(state)) return;
    state = parsed(location.hash, presets);
    area.value = state.listed.join("\n");
    follow();
    study();
  });
  new ResizeObserver(showTried).observe($("scatter").parentElement);
  const repaint = () => Object.values(charts).forEach((chart) => chart.repaint());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  matchMedia("print").addEventListener("change", repaint);
  $("page").hidden = false;
}

const lacking = missing();
if (lacking) {
  $("status").hidden = true;
  showTrouble(element("h2", {}, "This browser is too old"), element("p", {}, `The simulator needs ${lacking}, which browsers have since 2023. The program and the Python package need no browser.`));
} else {
  Engine.start((message) => hearers[message.kind]?.(message)).then((made) => {
    engine = made;
  }).catch((error) => showTrouble(element("h2", {}, "The simulator could not start"), element("p", {}, error.message)));
}
