import { join, resolve } from "node:path";
import pc from "picocolors";
import { programVersion } from "../../config/programVersion.ts";
import { UsageError } from "../../config/UsageError.ts";
import { type DrillView, quietView, terminalView } from "../../drill/DrillView.ts";
import { loadScenarios } from "../../drill/loadScenarios.ts";
import { type Drilled, runDrill } from "../../drill/runDrill.ts";
import type { Scenario } from "../../drill/Scenario.ts";
import { isContained, shortfallsOf, toScorecard } from "../../drill/scorecard.ts";
import { shutWays } from "../../drill/waysOut.ts";
import { writeDrillReceipt } from "../../operator/drillReceipt.ts";
import { wholeNumber } from "../flags/wholeNumber.ts";
import { AnsweredNo } from "../terminal/AnsweredNo.ts";
import { printNote } from "../terminal/printLine.ts";
import { stopSignal } from "../terminal/stopSignal.ts";
import { assertPortsFree } from "./assertPortsFree.ts";

export interface DrillFlags {
  readonly data: string;
  readonly seed: string;
  readonly scenario?: string;
  readonly json?: boolean;
  readonly serve?: boolean;
  readonly port: string;
}

export const anvilPort = 8545;

/** Runs the drill that `flags` ask for. Throws AnsweredNo when an attack was not contained. */
export async function rehearse(flags: DrillFlags): Promise<void> {
  const seed = wholeNumber("--seed", flags.seed, 0, 2 ** 32 - 1);
  const port = wholeNumber("--port", flags.port, 1, 65_535);
  const scenarios = pick(await loadScenarios(), flags.scenario);
  const signal = stopSignal();
  if (flags.serve) await assertPortsFree({ api: port, chain: anvilPort });
  const view = flags.json
    ? quietView((text) => void process.stderr.write(text))
    : terminalView((text) => void process.stdout.write(text), {
        isTty: process.stdout.isTTY === true,
        color: pc.isColorSupported,
        columns: () => process.stdout.columns ?? 120,
      });
  const drilled: Drilled[] = [];
  try {
    for (const scenario of scenarios) {
      // With --serve the last one stays up.
      await drilled.at(-1)?.run.close();
      drilled.push(await playOne(flags, scenario, { seed, port, view, signal }));
    }
    const card = toScorecard(
      seed,
      drilled.map(({ score }) => score),
    );
    const contained = isContained(card);
    const last = drilled.at(-1)!;
    const { riskReducing, waitedMs } = last.run;
    view.card(card, { riskReducing, contrast: last.contrast, waitedMs });
    if (flags.json) process.stdout.write(`${JSON.stringify(card)}\n`);
    for (const each of drilled) tellOutcome(flags, each, view);
    if (contained) leaveReceipt(flags.data, seed, last);
    if (flags.serve && !signal.aborted) await serve(last, view, signal);
    if (!contained) throw new AnsweredNo();
  } finally {
    await drilled.at(-1)?.run.close();
  }
}

function playOne(
  flags: DrillFlags,
  scenario: Scenario,
  { seed, port, view, signal }: { seed: number; port: number; view: DrillView; signal: AbortSignal },
): Promise<Drilled> {
  const ports = flags.serve ? { anvilPort, apiPort: port } : { apiPort: 0 };
  return runDrill({
    scenario,
    seed,
    view,
    signal,
    dataDir: resolve(folderOf(flags, scenario.name)),
    ...ports,
  });
}

function folderOf({ data }: DrillFlags, scenario: string): string {
  return join(data, "drill", scenario);
}

// Why the exit code will be 1 is told where `--json` leaves room for it.
function tellOutcome(flags: DrillFlags, { score, run }: Drilled, view: DrillView): void {
  const shortfalls = shortfallsOf(score, shutWays(run.riskReducing));
  if (shortfalls.length > 0) printNote(`Not contained: ${score.name}: ${shortfalls.join("; ")}.`);
  const folder = folderOf(flags, score.name);
  view.line(`\nAll that was seen and done stands in "${folder}". Look at it:`);
  view.line(`  testudo status --data "${folder}"`);
}

// What may be armed later is this installation: the receipt says that its drill passed (RESP-14).
function leaveReceipt(data: string, seed: number, { run }: Drilled): void {
  const { evidenceHead } = run;
  writeDrillReceipt(resolve(data), { passedAt: new Date().toISOString(), seed, evidenceHead, version: programVersion });
}

async function serve({ run }: Drilled, view: DrillView, signal: AbortSignal): Promise<void> {
  await run.keepMining();
  view.line(
    `\nThe chain goes on at ${run.rpcUrl}, health at ${run.url}/healthz, events at ${run.url}/events. Ctrl-C ends it.`,
  );
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}

function pick(all: readonly Scenario[], name: string | undefined): readonly Scenario[] {
  if (name === undefined) return all;
  const found = all.filter((scenario) => scenario.name === name);
  if (found.length > 0) return found;
  throw new UsageError(
    `--scenario "${name}" is not known.`,
    `Known: ${all.map((scenario) => scenario.name).join(", ")}.`,
    "Choose one of these, or leave it out.",
  );
}
