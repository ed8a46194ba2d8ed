// Charts over the days and of waits, by uPlot.

import uPlot from "uplot";
import { days, element, number } from "./format.js";

/** A colour of the style sheet. */
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const faded = (color, share) => `color-mix(in srgb, ${color} ${share}%, transparent)`;

/** The axes of every chart. */
function axes(x, y) {
  const common = { stroke: ink("faint"), grid: { stroke: ink("rule"), width: 1 }, ticks: { stroke: ink("rule"), width: 1 }, font: "12px system-ui, sans-serif" };
  return [
    { ...common, label: x, labelFont: common.font, labelSize: 18, size: 32 },
    {
      ...common, label: y, labelFont: common.font, labelSize: 18, size: 52,
      values: (_, ticks) => ticks.map((tick) => new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 }).format(tick)),
    },
  ];
}

/** A chart that is redrawn when its data, its width or the colours change. */
export class Chart {
  constructor(figure, height) {
    this.figure = figure;
    this.place = figure.querySelector(".plot");
    this.readout = figure.querySelector(".readout");
    this.height = height;
    new ResizeObserver(() => this.resize()).observe(this.place);
  }

  resize() {
    const width = this.place.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: this.height });
  }

  /** Draws; `shape` tells whether only the data differ from the last time. */
  show(shape, options, data) {
    this.last = [shape, options, data];
    if (this.plot && this.shape === shape) {
      this.plot.setData(data);
      return;
    }
    this.shape = shape;
    this.plot?.destroy();
    this.plot = new uPlot({
      width: Math.max(this.place.clientWidth, 200), height: this.height, legend: { show: false },
      cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false } }, ...options(),
    }, data, this.place);
  }

  /** Draws with the colours of now. */
  repaint() {
    if (!this.last) return;
    this.shape = undefined;
    this.show(...this.last);
  }
}

const TEN = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Fans of a state by day: for each setting the median, the middle half and the middle nine tenths of the runs. */
export class Fan extends Chart {
  constructor(figure, unit) {
    super(figure, 240);
    this.unit = unit;
  }

  update(fans, names) {
    this.fans = fans;
    this.names = names;
    const count = fans[0].days;
    const data = [fans[0].numbers.subarray(0, count)];
    for (const { numbers } of fans) {
      for (let share = 1; share <= 5; share += 1) data.push(numbers.subarray(share * count, (share + 1) * count));
    }
    this.show(`${fans.length}`, () => this.options(fans.length), data);
    this.describe();
  }

  options(count) {
    const series = [{}];
    const bands = [];
    for (let place = 0; place < count; place += 1) {
      const color = ink(place === 0 ? "a" : "b");
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      series.push(edge, edge, { stroke: color, width: 2, dash: place === 0 ? [] : [6, 4], points: { show: false } }, edge, edge);
      const first = 5 * place;
      bands.push({ series: [first + 5, first + 1], fill: faded(color, 16) }, { series: [first + 4, first + 2], fill: faded(color, 24) });
    }
    return {
      series, bands, axes: axes("day", this.unit),
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? 1.05 * high : 1] } },
      hooks: { setCursor: [(plot) => this.read(plot.cursor.idx)] },
    };
  }

  /** The values of a day in words. */
  at(place) {
    return this.fans.map(({ numbers, days: count }, which) => {
      const [low, , middle, , high] = [1, 2, 3, 4, 5].map((share) => numbers[share * count + place]);
      return `${this.names[which]}${number(middle)} (${number(low)} to ${number(high)})`;
    });
  }

  read(place) {
    if (!this.fans) return;
    const { numbers, days: count } = this.fans[0];
    const shown = place ?? count - 1;
    this.readout.textContent = `Day ${numbers[shown]}: ${this.at(shown).join(" · ")}`;
  }

  /** For those who do not see the chart: a sentence, and a table of eleven days. */
  describe() {
    this.read(null);
    const { numbers, days: count } = this.fans[0];
    this.place.setAttribute("aria-label", `${this.figure.querySelector("figcaption strong").textContent} by day. ${this.readout.textContent}.`);
    const body = [...new Set(TEN.map((share) => Math.round(share * (count - 1))))].map((place) => element("tr", {},
      element("th", { scope: "row" }, number(numbers[place])), ...this.at(place).map((text) => element("td", {}, text.replace(/^[AB]: /, "")))));
    const head = element("tr", {}, element("th", { scope: "col" }, "day"), ...this.names.map((name) => element("th", { scope: "col" }, `${name || "median (90 % of runs) "}`.replace(/: $/, ": median (90 % of runs)"))));
    this.figure.querySelector("details table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
  }
}

/** How long proposals waited: the share of grants by wait. */
export class Waits extends Chart {
  constructor(figure) {
    super(figure, 240);
  }

  update({ middles, points }, names) {
    const shares = points.map(({ counts, all }) => counts.map((count) => (all ? (100 * count) / all : 0)));
    if (middles.length === 0) {
      this.empty();
      return;
    }
    const width = middles.length > 1 ? middles[1] - middles[0] : 1;
    this.show(`${points.length} ${width}`, () => this.options(points.length, width), [middles, ...shares]);
    const texts = points.map(({ all, median }, which) => `${names[which]}${number(all)} grants, half of them within ${days(median)}`);
    this.readout.textContent = texts.join(" · ");
    this.place.setAttribute("aria-label", `Waits of granted proposals. ${this.readout.textContent}.`);
    const rows = middles.map((middle, bar) => element("tr", {}, element("th", { scope: "row" }, number(middle)),
      ...shares.map((of) => element("td", {}, `${number(of[bar])} %`))));
    const head = element("tr", {}, element("th", { scope: "col" }, "days"), ...names.map((name) => element("th", { scope: "col" }, `${name}share of grants`)));
    this.figure.querySelector("details table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }

  /** Says that there is nothing to draw. */
  empty() {
    this.readout.textContent = "Nothing passed in any run.";
    this.place.setAttribute("aria-label", this.readout.textContent);
    this.figure.querySelector("details table").replaceChildren();
    this.plot?.destroy();
    [this.plot, this.shape, this.last] = [undefined, undefined, undefined];
  }

  options(count, width) {
    const bars = Array.from({ length: count }, (_, place) => {
      const color = ink(place === 0 ? "a" : "b");
      // Two settings have bars side by side.
      const align = count === 1 ? 0 : place === 0 ? -1 : 1;
      return { stroke: color, fill: faded(color, 45), width: 1, points: { show: false }, paths: uPlot.paths.bars({ size: [count === 1 ? 0.9 : 0.45, Infinity], align }) };
    });
    return {
      series: [{}, ...bars], axes: axes("days from proposal to grant", "% of grants"),
      scales: { x: { time: false, range: (_, low, high) => [Math.max(0, low - width), high + width] }, y: { range: (_, low, high) => [0, high > 0 ? 1.05 * high : 1] } },
    };
  }
}
