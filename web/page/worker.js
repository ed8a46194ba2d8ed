// The worker: one study at a time, in chunks, so that a newer study interrupts it soon.

import { Module } from "./module.js";
import { aimed, toml } from "./state.js";

/** Columns whose fans are drawn. */
const FANS = ["funds", "candidate_count", "candidate_conviction"];
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95];
const MEANS = ["proposals_granted", "mean_days_to_pass", "funds_granted", "funds"];
const OF_ATTACKER = ["attacker_0_take_share", "attacker_0_take", "attacker_0_days_to_half"];

/** Milliseconds of work between looks for a newer study. */
const PATIENCE = 40;

let module;
let next = null;
let running = false;

/** Lets messages in that have come meanwhile. */
const turn = new MessageChannel();
let resume = null;
turn.port1.onmessage = () => resume();
const breathe = () => new Promise((done) => {
  resume = done;
  turn.port2.postMessage(null);
});

self.onmessage = ({ data }) => {
  if (data.compiled) {
    module = new Module(data.compiled);
    self.postMessage({ kind: "ready", about: module.ask("about") });
    return;
  }
  if (data.settings) {
    self.postMessage({ kind: "settings", settings: module.ask("settings") });
    return;
  }
  next = data;
  if (!running) work();
};

async function work() {
  running = true;
  while (next) {
    const study = next;
    next = null;
    try {
      await simulate(study);
    } catch (error) {
      // A trapped module is unusable: the page starts another worker.
      const words = error instanceof WebAssembly.RuntimeError ? module.lastWords() : "";
      self.postMessage({ kind: "trap", id: study.id, message: words || error.message });
    }
  }
  running = false;
}

async function simulate({ id, spec, asked, steps }) {
  let plan = module.ask("plan", { spec: toml(spec) });
  const meaning = plan.faults ? null : module.ask("meaning", asked);
  // An attacker who knows the setting asks for what drains the pool fastest.
  const target = meaning && aimed(spec, meaning.map((of) => of.drains[0]?.ask));
  if (target) plan = module.ask("plan", { spec: toml(target) });
  if (plan.faults) {
    self.postMessage({ kind: "faults", id, ...plan });
    return;
  }
  self.postMessage({ kind: "plan", id, plan, meaning, spec: target ?? spec });
  if (steps.length === 0) return;
  const attacked = plan.tables.some((table) => table.columns.some((column) => column.name === OF_ATTACKER[0]));
  // As expected of a core; measured from the first chunk on.
  let each = Math.max((1e3 * plan.seconds) / plan.replicates, 1e-3);
  let done = 0;
  for (const step of steps) {
    while (done < step) {
      const end = Math.min(step, done + Math.max(1, Math.round(PATIENCE / each)));
      const begun = performance.now();
      module.ask("run", { first: done, end });
      each = Math.max((performance.now() - begun) / (end - done), 1e-3);
      done = end;
      await breathe();
      if (next) return;
      if (each * step > 500) self.postMessage({ kind: "progress", id, done, step, each });
    }
    const { picture, transfer } = drawn(plan.points, attacked);
    const last = step === steps[steps.length - 1];
    self.postMessage({ kind: "picture", id, runs: done, last, bytes: module.bytes, ...picture }, transfer);
    await breathe();
    if (next) return;
  }
}

/** All that a picture shows. */
function drawn(points, attacked) {
  const means = attacked ? [...MEANS, ...OF_ATTACKER] : MEANS;
  const answers = module.ask("answers", { means, zero: ["proposals_granted"] }).points;
  const transfer = [];
  const fans = FANS.map((column) => Array.from({ length: points }, (_, point) => {
    const { numbers, days } = module.ask("fan", { column, point, shares: SHARES });
    transfer.push(numbers.buffer);
    return { numbers, days };
  }));
  const waits = module.ask("histogram", { table: "proposals", column: "days_to_pass", bars: 40 });
  return { picture: { answers, fans, waits }, transfer };
}
