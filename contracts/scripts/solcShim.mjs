#!/usr/bin/env node
import { readFileSync } from "node:fs";
// Lets forge use npm's solc: answers `--version` and `--standard-json` as the native compiler does.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(import.meta.url);
const args = process.argv.slice(2);

if (args.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${require("solc").version()}\n`);
} else if (args.includes("--standard-json")) {
  const solc = require("solc");
  const file = args.find((arg) => arg.endsWith(".json"));
  process.stdout.write(solc.compile(file ? readFileSync(file, "utf8") : await text(process.stdin)));
} else {
  process.stderr.write(
    `The shim for npm's solc got "${args.join(" ")}".\n- It answers --version and --standard-json.\n`,
  );
  process.exitCode = 2;
}
