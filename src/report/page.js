"use strict";
// Unpacks the charting library, then draws each figure, and again when a choice changes: the choices say
// which frame is shown.
const common = {
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
  font: { family: "system-ui, sans-serif", size: 12 }, margin: { l: 60, r: 15, t: 34, b: 45 },
  legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom" }, hovermode: "closest",
  xaxis: { automargin: true }, yaxis: { automargin: true, title: { standoff: 8 } },
  modebar: { bgcolor: "rgba(0,0,0,0)", color: "#888", activecolor: "#1f77b4" },
};
const isPlain = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
const merged = (a, b) => {
  const out = { ...a };
  for (const [key, value] of Object.entries(b)) {
    out[key] = isPlain(value) && isPlain(out[key]) ? merged(out[key], value) : value;
  }
  return out;
};
// Width in pixels below which maps turn and colour bars lie below.
const NARROW = 560;
const isMap = (trace) => trace.type === "heatmap" || trace.type === "contour";
/** A map with rows and columns exchanged. */
const turned = (trace) => {
  const { x, y, z } = trace;
  return isMap(trace) ? { ...trace, x: y, y: x, z: x.map((_, column) => z.map((row) => row[column])) } : trace;
};
const fitted = (figure, frame, width) => {
  let data = structuredClone(frame.data);
  let layout = merged(figure.layout, frame.layout);
  let height = figure.height;
  if (width < NARROW) {
    if (figure.turns) {
      data = data.map(turned);
      layout = { ...layout, xaxis: { ...layout.yaxis, tickangle: -40 }, yaxis: { ...layout.xaxis, tickangle: 0, autorange: "reversed" }, margin: {} };
      height = 200 + 22 * Math.max(...data.map((trace) => trace.y.length));
    }
    for (const trace of data.filter(isMap)) {
      const bar = { orientation: "h", yref: "container", y: 0, yanchor: "bottom", thickness: 12, title: { side: "bottom" } };
      trace.colorbar = merged(trace.colorbar ?? {}, bar);
      layout = merged(layout, { margin: { b: 110 } });
    }
  }
  return { data, layout: merged(common, layout), height };
};
const drawAll = () => {
  for (const source of document.querySelectorAll("script.figure")) {
    const figure = JSON.parse(source.textContent);
    const plot = document.getElementById(source.dataset.plot);
    const controls = figure.choices.map((choice) => {
      const label = document.createElement("label");
      const shown = document.createElement("output");
      const control = document.createElement(choice.slider ? "input" : "select");
      label.append(choice.name, control);
      if (choice.slider) {
        Object.assign(control, { type: "range", min: 0, max: choice.options.length - 1, value: choice.options.length - 1 });
        label.className = "slider";
        label.append(shown);
      } else {
        choice.options.forEach((option, place) => control.add(new Option(option, place)));
      }
      control.addEventListener("input", () => draw());
      // A single option leaves nothing to choose.
      if (choice.options.length > 1) plot.previousElementSibling.append(label);
      return { value: () => Number(control.value), say: () => { shown.value = choice.options[control.value]; } };
    });
    const draw = () => {
      let place = 0;
      figure.choices.forEach((choice, i) => {
        place = place * choice.options.length + controls[i].value();
        controls[i].say();
      });
      const { data, layout, height } = fitted(figure, figure.frames[place], plot.clientWidth);
      plot.style.height = `${height}px`;
      Plotly.react(plot, data, layout, { responsive: true, displaylogo: false });
      plot.dataset.frame = place;
    };
    draw();
    // Turned to or from a phone's width.
    let isNarrow = plot.clientWidth < NARROW;
    new ResizeObserver(() => {
      if (plot.clientWidth < NARROW !== isNarrow) {
        isNarrow = !isNarrow;
        draw();
      }
    }).observe(plot);
  }
  document.body.dataset.drawn = "yes";
};
const unpack = async (packed) => {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).text();
};
const trouble = (message) => {
  const place = document.getElementById("trouble");
  place.textContent = message;
  place.hidden = false;
};
if (typeof DecompressionStream === "undefined") {
  trouble("The charts need a browser of 2023 or later; text and tables do not.");
} else {
  unpack(document.getElementById("library").textContent).then((text) => {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
    drawAll();
  }).catch((error) => {
    trouble(`The charts cannot be drawn: ${error.message}`);
    throw error;
  });
}
