// Puts the page together, in one file: node web/build.mjs MODULE FOLDER
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const [module, folder] = process.argv.slice(2);
const place = (name) => new URL(name, import.meta.url).pathname;

/** A script with all that it imports, licences kept. */
async function bundled(name) {
  const { outputFiles } = await build({
    entryPoints: [place(`page/${name}`)], bundle: true, minify: true, format: "iife", target: "es2022", write: false, legalComments: "inline",
  });
  // Nothing in it may end the element that holds it.
  return outputFiles[0].text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

const styles = await Promise.all([place("node_modules/uplot/dist/uPlot.min.css"), place("page/style.css")].map((name) => readFile(name, "utf8")));
const style = styles.join("\n");
const licence = await readFile(place("node_modules/uplot/LICENSE"), "utf8");
const script = `/*! uPlot\n${licence.trim()}\n*/\n${await bundled("main.js")}`;
const packed = gzipSync(await readFile(module), { level: 9 });
// Readers download it.
const MOST = 1_000_000;
if (packed.length > MOST) {
  console.error(`${module}: ${packed.length} bytes gzipped, and at most ${MOST} fit the page; leave out what it never calls`);
  process.exit(1);
}
const sum = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
// The worker is a script of the page's own making; neither asks anybody for anything.
const policy = [
  "default-src 'none'", `script-src ${sum(script)} blob: 'wasm-unsafe-eval'`, "worker-src blob:", `style-src ${sum(style)}`, "img-src data:",
  "base-uri 'none'", "form-action 'none'",
].join("; ");
const parts = { policy, style, module: packed.toString("base64"), worker: await bundled("worker.js"), script };
const template = await readFile(place("page/index.html"), "utf8");
const page = template.replace(/@(\w+)@/g, (found, name) => parts[name] ?? found);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "conviction.html"), page);
console.log(`${join(folder, "conviction.html")}: ${page.length} bytes; the module ${packed.length} gzipped`);
