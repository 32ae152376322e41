import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { dataFolder } from "./dataFolder.mjs";
import { keepPart, keptPart } from "./results.mjs";
import { runChild, testudo } from "./runChild.mjs";
import { aimOf } from "./summarize.mjs";

const mostFalse = 2;

/**
 * The recorded mainnet blocks through `testudo backtest --blocks`, with logs and state, and again with the call trees alone.
 * Every address outside the actor's cluster is taken as protected. One file after the other, each kept when it is done.
 */
export async function measureBlocks({ flags, tell }) {
  const { folder, skipped } = dataFolder("blocks");
  if (skipped !== undefined) return { skipped };
  const files = readdirSync(folder).filter((name) => name.endsWith(".json.gz"));
  const full = await judgeAll(folder, files, { flags, tell, mode: "full" });
  const bare = await judgeAll(folder, files, { flags, tell, mode: "bare" });
  const { rateNotExcluded } = await import("../../examples/dist/judged/judgedCounts.js");
  const figures = { full: withBound(full, rateNotExcluded), bare: withBound(bare, rateNotExcluded) };
  return {
    files: files.length,
    ...figures,
    aims: [
      aimOf("false criticals over real transactions", "<=", mostFalse, full.criticalTransactions),
      aimOf("the same, with logs and state removed", "<=", mostFalse, bare.criticalTransactions),
    ],
    notes: Object.entries(figures).flatMap(([mode, figure]) => notesOf(mode, figure)),
  };
}

async function judgeAll(folder, files, { flags, tell, mode }) {
  const counts = [];
  for (const [i, file] of files.entries()) {
    const key = `blocks-${mode}-${basename(file, ".json.gz")}`;
    const kept = flags.resume ? keptPart(key) : undefined;
    const count = kept ?? (await judgeFile(join(folder, file), mode));
    if (kept === undefined) keepPart(key, count);
    tell(`${mode} ${i + 1}/${files.length} ${file}: ${count.judged} of ${count.transactions} judged`);
    counts.push(count);
  }
  return sumCounts(counts);
}

async function judgeFile(file, mode) {
  const args = [testudo, "backtest", "--json", "--blocks", file, ...(mode === "bare" ? ["--bare"] : [])];
  const { transactions, judged, skipped, alerts, alertedTransactions, criticalTransactions } = JSON.parse(
    await runChild(args, { quiet: true }),
  );
  return { transactions, judged, skipped, alerts, alertedTransactions, told: criticalTransactions };
}

/** Counts of several files as one. */
export function sumCounts(counts) {
  const add = (field) =>
    counts.reduce((sum, count) => {
      for (const [key, value] of Object.entries(count[field])) sum[key] = (sum[key] ?? 0) + value;
      return sum;
    }, {});
  const total = (field) => counts.reduce((sum, count) => sum + count[field], 0);
  const alertedTransactions = add("alertedTransactions");
  return {
    transactions: total("transactions"),
    judged: total("judged"),
    skipped: add("skipped"),
    alerts: add("alerts"),
    alertedTransactions,
    criticalTransactions: alertedTransactions.critical ?? 0,
    told: counts.flatMap(({ told }) => told),
  };
}

function withBound(count, rateNotExcluded) {
  const percent = rateNotExcluded(count.criticalTransactions, count.judged) * 100;
  return { ...count, falseRatePercentNotExcluded: Number(percent.toFixed(3)) };
}

function notesOf(mode, { transactions, judged, skipped, alertedTransactions, falseRatePercentNotExcluded, told }) {
  const listOf = (counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  return [
    `${mode}: ${judged} of ${transactions} judged; skipped: ${listOf(skipped)}`,
    `${mode}: transactions by worst alert: ${listOf(alertedTransactions)}; a rate above ${falseRatePercentNotExcluded} % is excluded (95 %, Clopper-Pearson, one-sided)`,
    ...told.map(({ tx, findings }) => `${mode}: critical ${tx}: ${findings[0].detector}, ${findings[0].reason}`),
  ];
}
