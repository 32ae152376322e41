import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quantile } from "../statistics.mjs";
import { dataFolder } from "./dataFolder.mjs";
import { runChild, testudo } from "./runChild.mjs";
import { aimOf } from "./summarize.mjs";

const judging = fileURLToPath(new URL("../judgeTrees.mjs", import.meta.url));
// Weights were chosen on what happened before this day (EVAL-04).
const heldOutFrom = "2024-01-01";

/** The recorded call trees through `testudo detect`, one call for all files: recall at critical, and how long a tree takes. */
export async function measureTraces({ tell }) {
  const { folder, skipped } = dataFolder("traces");
  if (skipped !== undefined) return { skipped };
  const recorded = readIndex(folder);
  tell(`${recorded.length} trees`);
  const printed = await runChild([testudo, "detect", "--json", "--trace", ...recorded.map(({ file }) => file)]);
  const verdicts = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  if (verdicts.length !== recorded.length)
    throw new Error(`${verdicts.length} verdicts came for ${recorded.length} trees.`);
  const trees = recorded.map((one, i) => ({ ...one, ...verdicts[i] }));
  const warm = JSON.parse(await runChild([judging, "--json"]));
  return withWarm(figuresOf(trees), warm);
}

/** Beside the times of one cold call, those of judging alone in a process that has judged before. */
function withWarm(figures, warm) {
  const { p50, p95, p100 } = warm.wallMs;
  return {
    ...figures,
    warm,
    aims: [...figures.aims, aimOf("judging one call tree alone, warm, p95", "<", 20, p95, " ms")],
    notes: [...figures.notes, `ms a tree, judging alone and warm: p50 ${p50}, p95 ${p95}, most ${p100}`],
  };
}

/** What `index.tsv` lists and lies beside it. A date that is none counts as later: nothing was tuned on it. */
export function readIndex(folder) {
  const [head, ...rows] = readFileSync(join(folder, "index.tsv"), "utf8").trim().split("\n");
  const at = Object.fromEntries(head.split("\t").map((name, i) => [name, i]));
  return rows
    .map((row) => row.split("\t"))
    .map((cells) => ({
      name: cells[at.name],
      isEarly: /^\d{4}-\d\d-\d\d/.test(cells[at.date]) && cells[at.date] < heldOutFrom,
      file: join(folder, `${cells[at.tx]}.json.gz`),
    }))
    .filter(({ file }) => existsSync(file));
}

/** Recall and times of judged trees. */
export function figuresOf(trees) {
  const isCritical = ({ severity }) => severity === "critical";
  const recallOf = (list) => ({ trees: list.length, critical: list.filter(isCritical).length });
  const early = recallOf(trees.filter(({ isEarly }) => isEarly));
  const later = recallOf(trees.filter(({ isEarly }) => !isEarly));
  const all = recallOf(trees);
  const missed = trees
    .filter((tree) => !isCritical(tree))
    .map(({ name, severity, error, isEarly }) => ({ name, isEarly, said: error ?? severity ?? "nothing" }));
  const times = trees.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  const msPerTree = { p50: quantile(times, 0.5), p95: quantile(times, 0.95), max: quantile(times, 1) };
  const recall = Number(((all.critical / all.trees) * 100).toFixed(1));
  return {
    all,
    early,
    later,
    missed,
    msPerTree,
    aims: [
      aimOf("call trees critical, without logs, state or configuration", ">=", 90, recall, " %"),
      aimOf("`testudo detect`, reading and judging one tree, p95", "<", 20, msPerTree.p95, " ms"),
    ],
    notes: [
      `critical: ${all.critical} of ${all.trees}; before ${heldOutFrom} ${early.critical} of ${early.trees}, later or undated ${later.critical} of ${later.trees}`,
      `ms a tree: p50 ${msPerTree.p50}, p95 ${msPerTree.p95}, most ${msPerTree.max}`,
      ...missed.map(({ name, isEarly, said }) => `missed (${isEarly ? "before" : "later"}): ${name}, ${said}`),
    ],
  };
}
