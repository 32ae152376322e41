// What became of each mutant: one JSON line each, written at once, so that a run can end at any moment. The lines are kept
// in git, since all of them take hours: who changes a line of the contracts has only its mutants to run.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";

const folder = join(root, "contracts", "test", "mutants");
const file = join(folder, "outcomes.jsonl");
const judgements = join(folder, "judgements.json");

/** Outcomes by mutant id: "killed", "survived" or "uncompiled". The last one counts. */
export function readResults() {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line)).map(({ id, outcome }) => [id, outcome]));
}

/** Adds one outcome. */
export function appendResult(id, outcome) {
  appendFileSync(file, `${JSON.stringify({ id, outcome })}\n`);
}

/** Judgements by mutant id: `{ verdict: "equivalent" | "accepted" | "todo", why }`. */
export function readJudgements() {
  return new Map(Object.entries(JSON.parse(readFileSync(judgements, "utf8"))));
}
