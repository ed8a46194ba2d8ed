// Price against safety: each setting that was tried, with intervals; a link each, so that keys reach them too.

import { drawing, element, interval, number, percent } from "./format.js";

const HEIGHT = 300;
const LEFT = 52;
const BOTTOM = 44;
const TOP = 10;
const RIGHT = 14;

/** The outcomes that safety may be weighed against. */
export const PRICES = {
  proposals_granted: { label: "grants of others", better: "more", text: (mean, half) => interval(mean, half) },
  mean_days_to_pass: { label: "days that a grant takes", better: "fewer", text: (mean, half) => interval(mean, half, " days") },
};

/** About five round numbers in a range. */
function ticks(low, high, most = 6) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 4 || 1));
  const factor = [1, 2, 5, 10, 20].find((times) => (high - low) / (step * times) <= most);
  const width = step * factor;
  const first = Math.ceil(low / width);
  return Array.from({ length: Math.floor(high / width) - first + 1 }, (_, place) => (first + place) * width);
}

/** The range of some means with their intervals, with some room. */
function range(points, name) {
  const ends = points.flatMap(({ answers }) => [answers[name].mean - (answers[name].half_width ?? 0), answers[name].mean + (answers[name].half_width ?? 0)]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.08 * (high - low) || 0.1 * Math.abs(high) || 0.01;
  return [Math.max(0, low - room), high + room];
}

/** Draws the settings into an SVG, and lists them in a table. */
export function scatter(place, table, points, price, safety, choose) {
  const shown = points.filter(({ answers }) => answers[safety]?.mean != null && answers[price]?.mean != null);
  const WIDTH = Math.max(place.clientWidth, 260);
  place.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  place.replaceChildren();
  table.replaceChildren();
  if (shown.length === 0) return;
  const [x, y] = [range(shown, safety), range(shown, price)];
  const across = (value) => LEFT + ((value - x[0]) / (x[1] - x[0])) * (WIDTH - LEFT - RIGHT);
  const up = (value) => HEIGHT - BOTTOM - ((value - y[0]) / (y[1] - y[0])) * (HEIGHT - BOTTOM - TOP);
  const axes = drawing("g", { class: "axes", "aria-hidden": "true" });
  for (const tick of ticks(...x, WIDTH < 450 ? 4 : 6)) {
    axes.append(drawing("line", { x1: across(tick), x2: across(tick), y1: TOP, y2: HEIGHT - BOTTOM }),
      drawing("text", { x: across(tick), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, percent(tick, 2)));
  }
  for (const tick of ticks(...y)) {
    axes.append(drawing("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up(tick), y2: up(tick) }),
      drawing("text", { x: LEFT - 6, y: up(tick) + 4, "text-anchor": "end" }, number(tick)));
  }
  axes.append(
    drawing("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, WIDTH < 450 ? "the attacker takes, % of the pool" : "share of the pool that the attacker takes (less is safer)"),
    drawing("text", { x: 12, y: (TOP + HEIGHT - BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})` }, PRICES[price].label));
  place.append(axes);
  const rows = [];
  for (const point of shown) {
    const [take, paid] = [point.answers[safety], point.answers[price]];
    const [cx, cy] = [across(take.mean), up(paid.mean)];
    const texts = [percent(take.mean), PRICES[price].text(paid.mean, paid.half_width)];
    const mark = drawing("a", {
      href: `#${point.fragment}`, class: `tried ${point.current ?? "old"}`,
      "aria-label": `Setting ${point.label}: the attacker takes ${texts[0]}; ${PRICES[price].label} ${texts[1]}`,
    });
    const [w, h] = [take.half_width ?? 0, paid.half_width ?? 0];
    mark.append(
      drawing("line", { x1: across(take.mean - w), x2: across(take.mean + w), y1: cy, y2: cy }),
      drawing("line", { x1: cx, x2: cx, y1: up(paid.mean - h), y2: up(paid.mean + h) }),
      drawing("circle", { cx, cy, r: point.current ? 6 : 4 }), drawing("circle", { cx, cy, r: 14, class: "target" }));
    if (point.current) mark.append(drawing("text", { x: cx + 9, y: cy - 8, "aria-hidden": "true" }, point.current.toUpperCase()));
    const pick = (event) => {
      event.preventDefault();
      choose(point);
    };
    mark.addEventListener("click", pick);
    place.append(mark);
    rows.push(element("tr", {},
      element("th", { scope: "row" }, element("a", { href: `#${point.fragment}`, onclick: pick }, point.label)),
      element("td", {}, interval(100 * take.mean, take.half_width === null ? null : 100 * take.half_width, " %")), element("td", {}, texts[1])));
  }
  const head = ["setting", "the attacker takes", PRICES[price].label].map((text) => element("th", { scope: "col" }, text));
  table.append(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}
