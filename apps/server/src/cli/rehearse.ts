import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import pc from "picocolors";
import { PortTakenError } from "../api/serveApi.ts";
import { type DrillView, quietView, terminalView } from "../drill/DrillView.ts";
import { loadScenarios } from "../drill/loadScenarios.ts";
import { type Drilled, runDrill } from "../drill/runDrill.ts";
import type { Scenario } from "../drill/Scenario.ts";
import { isContained, toScorecard } from "../drill/scorecard.ts";
import { writeDrillReceipt } from "../operator/drillReceipt.ts";
import { AnsweredNo, UsageError } from "./UsageError.ts";
import { wholeNumber } from "./wholeNumber.ts";

export interface DrillFlags {
  readonly data: string;
  readonly seed: string;
  readonly scenario?: string;
  readonly json?: boolean;
  readonly serve?: boolean;
  readonly port: string;
}

export const anvilPort = 8545;
const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Runs the drill that `flags` ask for. Throws AnsweredNo when an attack was not contained. */
export async function rehearse(flags: DrillFlags): Promise<void> {
  const seed = wholeNumber("--seed", flags.seed, 0, 2 ** 32 - 1);
  const port = wholeNumber("--port", flags.port, 1, 65_535);
  const scenarios = pick(await loadScenarios(), flags.scenario);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  if (flags.serve) for (const taken of [anvilPort, port]) await assertFree(taken);
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
      drilled.push(await playOne(flags, scenario, { seed, port, view, signal: stop.signal }));
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
    if (contained) leaveReceipt(flags.data, seed, last);
    if (flags.serve && !stop.signal.aborted) await serve(last, view, stop.signal);
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
    dataDir: resolve(join(flags.data, "drill", scenario.name)),
    ...ports,
  });
}

// What may be armed later is this installation: the receipt says that its drill passed (RESP-14).
function leaveReceipt(data: string, seed: number, { run }: Drilled): void {
  const { evidenceHead } = run;
  writeDrillReceipt(resolve(data), { passedAt: new Date().toISOString(), seed, evidenceHead, version });
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

// Before anything is deployed: a port that is taken shows in a second, not after a minute.
function assertFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      fail(port === anvilPort ? new ChainPortTaken(port) : new PortTakenError("127.0.0.1", port, error)),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => done()));
  });
}

/** The port of the drill's chain is in use; it is fixed, so that wallets and scripts find it. */
export class ChainPortTaken extends Error {
  override readonly name = "ChainPortTaken";
  constructor(port: number) {
    super(
      `Port ${port} on 127.0.0.1 is in use by another program.\n` +
        "- With --serve the drill's chain listens there.\n" +
        "- Stop the other program (perhaps another anvil), or drill without --serve.",
    );
  }
}
