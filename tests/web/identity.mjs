// The SHA-256 of every column that the page's module computes for a spec: node identity.mjs PAGE SPEC…
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Module } from "../../web/page/module.js";

const [page, ...specs] = process.argv.slice(2);
const packed = readFileSync(page, "utf8").match(/<script type="application\/gzip" id="module">([^<]*)<\/script>/)[1];
const compiled = new WebAssembly.Module(gunzipSync(Buffer.from(packed, "base64")));
const imports = WebAssembly.Module.imports(compiled);
if (imports.length > 0) throw new Error(`the module imports ${JSON.stringify(imports)}`);

const sums = {};
for (const path of specs) {
  const module = new Module(compiled);
  const plan = module.ask("plan", { spec: readFileSync(path, "utf8") });
  if (plan.faults) throw new Error(`${path}: ${JSON.stringify(plan.faults)}`);
  module.ask("run", { first: 0, end: plan.replicates });
  sums[path] = Object.fromEntries(plan.tables.map(({ name, columns }) => [name, Object.fromEntries(columns.map((column) => {
    const found = module.ask("column", { table: name, column: column.name });
    // Texts a line each, with a zero where one is missing; numbers as they lie in memory.
    const bytes = found.texts ? Buffer.from(found.texts.map((text) => text ?? "\0").join("\n")) : new Uint8Array(found.numbers.buffer);
    return [column.name, createHash("sha256").update(bytes).digest("hex")];
  }))]));
}
console.log(JSON.stringify(sums));
