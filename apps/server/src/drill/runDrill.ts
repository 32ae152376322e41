import type { DefendedRun } from "./DefendedRun.ts";
import type { DrillView } from "./DrillView.ts";
import { playDefended } from "./playDefended.ts";
import { playNaive } from "./playNaive.ts";
import type { Foresight, Scenario, Shown } from "./Scenario.ts";
import type { DefendedOptions } from "./Scene.ts";
import { type BeforeBlock, falseAlertsAmong, type ScenarioScore, savedShareOf } from "./scorecard.ts";
import { shutWays } from "./waysOut.ts";

/** How a drill is run. */
export interface DrillOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly dataDir: string;
  readonly anvilPort?: number;
  readonly apiPort: number;
  readonly view: DrillView;
  readonly signal: AbortSignal;
}

/** A drill that came to its end; the defended chain and its watch still run until `run.close()`. */
export interface Drilled {
  readonly score: ScenarioScore;
  readonly run: DefendedRun;
  readonly contrast: readonly Shown[];
}

/** Plays the attack twice on the same seed, without us and with us, and scores it. Throws DrillStopped when the signal fires. */
export async function runDrill(options: DrillOptions): Promise<Drilled> {
  const { scenario, seed, view, signal } = options;
  view.chapter(`Without defence: ${scenario.kind} on ${scenario.protocol}, seed ${seed}`);
  const naive = await playNaive({ scenario, seed, onSlot: view.progress, signal });
  view.loss("lost without defence", naive.lossUsd);
  const { beforeBlock: foresight } = scenario;
  const late = foresight === undefined ? undefined : await playLate(options);
  view.chapter(`With Testudo${foresight === undefined ? "" : inWords[foresight]}, on the same seed`);
  const run = await playDefended({ ...defendedOptions(options), ...(foresight ? { foresight } : {}) });
  view.loss("lost with Testudo", run.lossUsd);
  const score: ScenarioScore = {
    name: scenario.name,
    kind: scenario.kind,
    protocol: scenario.protocol,
    naive: { lossUsd: naive.lossUsd },
    defended: { lossUsd: run.lossUsd, ...(run.boundUsd === undefined ? {} : { boundUsd: run.boundUsd }) },
    savedShare: savedShareOf(naive.lossUsd, run.lossUsd),
    firstBadBlock: Number(run.firstBadBlock),
    alertMs: run.alertMs,
    pausedBlock: run.pausedBlock === null ? null : Number(run.pausedBlock),
    pausedSelectors: run.pausedSelectors,
    riskReducingStillOpen: isTold(run) && shutWays(run.riskReducing).length === 0,
    falseAlerts: falseAlertsAmong(run.findings, run, run.firstBadBlock),
    benignTx: run.benign.size,
    remediation: run.remediation,
    ...(late === undefined ? {} : { beforeBlock: beforeBlockOf(late.lossUsd, run) }),
  };
  return { score, run, contrast: naive.contrast };
}

const inWords: { readonly [how in Foresight]: string } = {
  pool: " judging the pool",
  probe: " probing new contracts",
};

// Where nothing was paused, ways out of risk that work show nothing of a pause; a bounded attack needs none.
function isTold({ pausedSelectors, boundUsd }: DefendedRun): boolean {
  return pausedSelectors.length > 0 || boundUsd !== undefined;
}

function defendedOptions({ scenario, seed, dataDir, apiPort, anvilPort, view, signal }: DrillOptions): DefendedOptions {
  return {
    scenario,
    seed,
    dataDir,
    apiPort,
    ...(anvilPort === undefined ? {} : { anvilPort }),
    onCommit: view.commit,
    onSlot: view.slot,
    onStopped: view.stopped,
    onStage: view.stage,
    signal,
  };
}

/** The same defence, blind to the pool. */
async function playLate(options: DrillOptions): Promise<{ readonly lossUsd: number }> {
  const { view } = options;
  view.chapter("With Testudo judging blocks only, on the same seed");
  const { lossUsd, close } = await playDefended(defendedOptions(options));
  await close();
  view.loss("lost with Testudo judging blocks only", lossUsd);
  return { lossUsd };
}

function beforeBlockOf(afterBlockLossUsd: number, run: DefendedRun): BeforeBlock {
  const { lossUsd, predictedMs, pausedBlock, firstBadBlock } = run;
  return {
    afterBlockLossUsd,
    savedUsd: Math.max(0, afterBlockLossUsd - lossUsd),
    predictedMs,
    blocksToPause: pausedBlock === null ? null : Number(pausedBlock - firstBadBlock),
  };
}
