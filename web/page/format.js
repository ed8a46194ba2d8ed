// Numbers and elements.

/** An element with attributes, listeners (`on…`) and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The same in the namespace of drawings. */
export function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A text that explains: open where there is room. */
export const explained = (id, text) => element("details", { class: "why", open: matchMedia("(min-width: 60rem)").matches },
  element("summary", {}, "What is this?"), element("p", { class: "help", id }, text));

const styles = new Map();
const style = (digits) => {
  if (!styles.has(digits)) styles.set(digits, new Intl.NumberFormat("en", { maximumSignificantDigits: digits }));
  return styles.get(digits);
};

/** A number with some significant digits; – for a missing one. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) >= 10 ** digits) return Math.round(value).toLocaleString("en");
  return style(digits).format(value);
}

/** A share in per cent. */
export const percent = (value, digits = 3) => (value === null || value === undefined || Number.isNaN(value)
  ? "–" : `${number(100 * value, digits)} %`);

/** A number of days in words. */
export function days(value) {
  if (value === null || value === undefined) return "never";
  const shown = number(value);
  return `${shown} ${shown === "1" ? "day" : "days"}`;
}

/** A value and half the width of its interval, to the same decimal place. */
export function interval(value, half, unit = "") {
  if (value === null) return "–";
  if (half === null || half === undefined || half === 0) return `${number(value)}${unit}`;
  // Two digits of a half width that begins with 1 or 2, one of others.
  const power = Math.floor(Math.log10(half));
  const places = Math.max(0, Math.min(6, half / 10 ** power < 3 ? 1 - power : -power));
  const shown = (x) => x.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return `${shown(value)} ± ${shown(half)}${unit}`;
}
