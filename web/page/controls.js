// Controls: sliders with a number beside them, numbers, choices and a pasted list; each tells what changed.

import { element } from "./format.js";

const STEPS = 1000;

/** Positions of a slider to values, and back. */
function mapping({ min, max, scale }) {
  if (scale === "log") {
    return {
      value: (place) => min * (max / min) ** (place / STEPS),
      place: (value) => STEPS * (Math.log(Math.max(value, min) / min) / Math.log(max / min)),
    };
  }
  return { value: (place) => min + ((max - min) * place) / STEPS, place: (value) => (STEPS * (value - min)) / (max - min) };
}

/** A value as a slider leaves it: three digits, or a multiple of its step. */
function rounded(value, step) {
  if (step) return Number((Math.round(value / step) * step).toPrecision(12));
  return Number(value.toPrecision(3));
}

/** A slider with a number field. In per cent where the unit is; `onchange` is given the value itself. */
export function slider({ id, name, label, unit, range, describedby, onchange }) {
  const times = unit === "%" ? 100 : 1;
  const { value: valueAt, place: placeOf } = mapping(range);
  const shown = (value) => String(Number((times * value).toPrecision(4)));
  const bar = element("input", {
    type: "range", id: `${id}-bar`, min: "0", max: String(STEPS), step: "1", "aria-label": label, "aria-describedby": describedby,
    oninput: () => {
      const value = rounded(valueAt(Number(bar.value)), range.step);
      field.value = shown(value);
      bar.setAttribute("aria-valuetext", `${field.value} ${unit}`);
      onchange(value);
    },
  });
  const field = element("input", {
    type: "number", id, min: "0", step: "any", inputmode: "decimal", "aria-label": `${label}, ${unit}`,
    onchange: () => {
      if (field.value === "") return;
      bar.value = String(placeOf(Number(field.value) / times));
      onchange(Number((Number(field.value) / times).toPrecision(12)));
    },
  });
  const row = element("div", { class: "slider" }, name ? element("span", { class: `name ${id.at(-1)}` }, name) : null, bar, field, element("span", { class: "unit" }, unit));
  return {
    row,
    set(value) {
      bar.value = String(placeOf(value));
      bar.setAttribute("aria-valuetext", `${shown(value)} ${unit}`);
      if (document.activeElement !== field) field.value = shown(value);
    },
  };
}

/** A field for a number. */
export function field({ id, label, unit, help, onchange }) {
  const input = element("input", {
    type: "number", id, min: "0", step: "any", inputmode: "decimal", "aria-describedby": `${id}-help`,
    onchange: () => input.value !== "" && onchange(Number(input.value)),
  });
  const row = element("div", { class: "field" }, element("label", { for: id }, label), input, element("span", { class: "unit" }, unit),
    element("p", { class: "help", id: `${id}-help` }, help));
  return {
    row,
    input,
    set(value) {
      if (document.activeElement !== input) input.value = String(value);
    },
  };
}

/** A choice of words: pairs of a word and its label. */
export function choice({ id, label, options, onchange }) {
  const select = element("select", { id, onchange: () => onchange(select.value) }, ...options.map(([value, text]) => element("option", { value }, text)));
  return {
    row: element("div", { class: "field" }, element("label", { for: id }, label), select),
    select,
    set(value) {
      select.value = value;
    },
  };
}

/** A button that copies a text, and confirms it. */
export function copier(label, text) {
  const button = element("button", {
    type: "button",
    onclick: async () => {
      const said = text();
      try {
        await navigator.clipboard.writeText(said);
      } catch {
        // Pages of file:// may not always write the clipboard: the old way.
        const area = element("textarea", { class: "hidden", "aria-hidden": "true" });
        area.value = said;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = label;
      }, 1500);
    },
  }, label);
  return button;
}


