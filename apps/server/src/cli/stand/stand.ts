import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { fetchHeadNumber } from "@testudo/chain/block/fetchHeadNumber";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { countOf } from "@testudo/core/model/countOf";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import pc from "picocolors";
import { UsageError } from "../../config/UsageError.ts";
import { printable, printableLines } from "../../deliver/printable.ts";
import { assertProgram } from "../../jobs/send/assertProgram.ts";
import { loadProgram } from "../../jobs/step/programSource.ts";
import { openNode } from "../../watch/openNode.ts";
import type { Reloaded } from "../../watch/reloadRules.ts";
import { surveyAddress, surveyLines } from "../../watch/survey.ts";
import { planWatch, type WatchFlags, type WatchPlan } from "../flags/planWatch.ts";
import { announceArmed } from "../terminal/announceArmed.ts";
import { printNote } from "../terminal/printLine.ts";
import { stopSignal } from "../terminal/stopSignal.ts";
import { assertStartable } from "./assertStartable.ts";
import { failClosed } from "./failClosed.ts";
import { assertRemotes, meetRemotes } from "./meetRemotes.ts";

const endedFromInside =
  "The watch was ended by code that it runs: something that the configuration left running called process.exit.\n- Nothing is watched any more.\n- Take that call out and start it again.";

/** Watches until it is stopped. Throws UsageError, a ConfigError, NoContract or what does not open. */
export async function standWatch(flags: WatchFlags): Promise<void> {
  const plan = await planWatch(flags);
  const signal = stopSignal();
  await assertStartable(plan);
  const { chainId, head, fromBlock } = await orLeave(lookAround(plan), signal);
  await orLeave(lookAbroad(plan.remotes ?? []), signal);
  const source = plan.source(chainId);
  const program = await loadProgram(source);
  printNote(`Detectors: ${program.detectors.map((use) => use.meta.id).join(", ")}`);
  if (plan.preblock?.probes && plan.preblock.recipients?.length === 0)
    printNote(
      pc.yellow(
        "Probes: of a call that does harm its hash alone is kept. Name the guardians' age keys in `preblock.recipients` to keep it encrypted.",
      ),
    );
  const sender = plan.sender && (await openSender(plan.sender));
  const { rules } = program.policy ?? {};
  if (sender !== undefined && rules !== undefined) assertProgram(sender.address, rules.program);
  const deployment = plan.deployment && (await openPlanned(plan.deployment, plan.rpc));
  const armed = announceArmed({ head, print: printNote, terminal: process.stderr });
  // Loaded only now: whoever gave a wrong option, or a node that is not there, is not kept waiting for it.
  const { openWatch } = await import("../../watch/openWatch.ts");
  const watch = await openWatch({
    source,
    program,
    rpc: plan.rpc,
    heads: plan.heads,
    quorum: plan.quorum,
    dataDir: plan.dataDir,
    api: plan.api,
    channels: plan.channels,
    escalations: plan.escalations.map(({ afterMinutes, ...rule }) => ({ ...rule, afterMs: afterMinutes * 60_000 })),
    slackSecrets: plan.slackSecrets,
    fromBlock,
    detectorLimitMs: plan.detectorLimitMs,
    ...(plan.pollMs === undefined ? {} : { pollMs: plan.pollMs }),
    ...(plan.deliverHistory ? { deliverHistory: true } : {}),
    ...(sender ? { sender } : {}),
    ...(deployment ? { deployment } : {}),
    ...(plan.relay ? { relay: plan.relay } : {}),
    ...(plan.remotes === undefined ? {} : { remotes: plan.remotes }),
    ...(plan.settings ? { settings: plan.settings } : {}),
    ...(plan.observe ? { observe: plan.observe } : {}),
    ...(plan.fingerprints ? { fingerprints: plan.fingerprints } : {}),
    ...(plan.preblock ? { preblock: plan.preblock } : {}),
    ...(plan.reexecute ? { reexecute: plan.reexecute } : {}),
    ...(plan.people ? { people: plan.people } : {}),
    onStored: armed.onStored,
    onReloaded: tellReloaded,
    signal,
  });
  if (watch.reload !== undefined) process.on("SIGHUP", () => void watch.reload?.("SIGHUP").then(tellOrdered));
  printNote(`Health ${watch.url}/healthz, events ${watch.url}/events. Ctrl-C ends it; nothing is lost.`);
  if (watch.resumedFrom === undefined)
    printNote(
      `Begins with a history of ${countOf(fromBlock > head ? 0n : head - fromBlock + 1n, "block")} from block ${fromBlock}.`,
    );
  else
    printNote(
      `Goes on after block ${watch.resumedFrom.number}, where an earlier run ended.${plan.deliverHistory ? " What that run read is not told again." : ""}`,
    );
  armed.begin(watch.resumedFrom === undefined ? fromBlock : watch.resumedFrom.number + 1n);
  await failClosed(endedFromInside, () => watch.done.finally(armed.end));
}

async function openSender({ keystore, passwordFile }: NonNullable<WatchPlan["sender"]>) {
  const { openKeystore } = await import("../../keystore/openKeystore.ts");
  const { readPassword } = await import("../../keystore/readPassword.ts");
  return openKeystore(keystore, await readPassword({ passwordFile, question: "Password of the sender" }));
}

async function openPlanned(deployment: NonNullable<WatchPlan["deployment"]>, rpc: readonly string[]) {
  const { openDeployment } = await import("../../deploy/openDeployment.ts");
  return openDeployment(deployment, rpc);
}

/** What became of an order to read the files again; whoever gave it wants an answer even where nothing is new. */
function tellOrdered(reloaded: Reloaded): void {
  if (reloaded.state === "unchanged") printNote("Nothing changed: the detectors are those that run.");
  else tellReloaded(reloaded);
}

/** What became of an edit, for the person at the terminal. */
function tellReloaded(reloaded: Reloaded): void {
  if (reloaded.state === "applied") printNote(`Rules taken over: ${reloaded.changes}.`);
  else if (reloaded.state === "refused")
    for (const line of reloaded.reason.split("\n")) printNote(pc.yellow(printable(line)));
}

// A node that takes a question and never answers holds the process for its whole time limit. Nothing is open yet that
// would have to be closed.
function orLeave<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.addEventListener("abort", leave, { once: true });
  return work.finally(() => signal.removeEventListener("abort", leave));
}

function leave(): never {
  process.exit(0);
}

/** Asks the nodes where the chain is and what there is to protect, and tells it (ASSET-06). */
async function lookAround(plan: WatchPlan): Promise<{ chainId: number; head: bigint; fromBlock: bigint }> {
  const nodes = await Promise.all(plan.rpc.map((url) => openNode(url)));
  try {
    const { chainId, head, node } = await meet(nodes);
    const fromBlock = plan.fromBlock ?? (head > plan.history ? head - plan.history + 1n : 1n);
    // Nodes refuse a range that begins above their head.
    const since = fromBlock > head ? head : fromBlock;
    for (const address of plan.protect)
      for (const line of surveyLines(await surveyAddress(node, address, since))) printNote(line);
    printNote(`Chain ${chainId}, head ${head}`);
    if (plan.isZeroConfig)
      printNote(
        "Budget levels: none yet. Fixed thresholds, uncalibrated: they alert, and pause nothing by themselves.",
      );
    if (plan.quorum < 2)
      printNote(pc.yellow("Quorum 1: this one node is believed. Add a second --rpc of another operator."));
    return { chainId, head, fromBlock };
  } finally {
    for (const node of nodes) node.close();
  }
}

/** Whoever cannot be reached now is asked for his chain with each answer. */
async function lookAbroad(remotes: NonNullable<WatchPlan["remotes"]>): Promise<void> {
  const met = await meetRemotes(remotes);
  assertRemotes(met);
  for (const { named, met: said } of met)
    if ("error" in said) printNote(pc.yellow(`Of chain ${named} (\`remotes\`): ${printable(firstLineOf(said.error))}`));
}

interface Met {
  readonly chainId: number;
  readonly head: bigint;
  /** The first that answered. */
  readonly node: Endpoint;
}

async function meet(nodes: readonly Endpoint[]): Promise<Met> {
  const met: Met[] = [];
  const failures: string[] = [];
  for (const node of nodes)
    try {
      met.push({ chainId: await fetchChainId(node), head: await fetchHeadNumber(node), node });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  const [first] = met;
  if (first === undefined) throw new NobodyThere(failures);
  for (const failure of failures) printNote(pc.yellow(printableLines(failure)));
  const other = met.find(({ chainId }) => chainId !== first.chainId);
  if (other !== undefined)
    throw new UsageError(
      `The nodes are on different chains: ${first.node.label} on ${first.chainId}, ${other.node.label} on ${other.chainId}.`,
      "All have to be on one.",
      "Correct --rpc.",
    );
  return first;
}

/** No node answers. Retryable. */
export class NobodyThere extends Error {
  override readonly name = "NobodyThere";
  constructor(failures: readonly string[]) {
    super(failures.join("\n"));
  }
}
