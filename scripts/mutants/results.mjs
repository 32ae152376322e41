// What became of each mutant: one JSON line each, written at once, so that a run can end at any moment.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../install.mjs";

const file = join(root, ".cache", "mutants.jsonl");
const judgements = join(root, "contracts", "test", "mutants.json");

/** Outcomes by mutant id: "killed", "survived" or "uncompiled". The last one counts. */
export function readResults() {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line)).map(({ id, outcome }) => [id, outcome]));
}

/** Adds one outcome. */
export function appendResult(id, outcome) {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify({ id, outcome })}\n`);
}

/** Judgements by mutant id: `{ verdict: "equivalent" | "accepted" | "todo", why }`. */
export function readJudgements() {
  return new Map(Object.entries(JSON.parse(readFileSync(judgements, "utf8"))));
}
