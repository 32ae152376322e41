import { findReceipt } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { readHead } from "../store/loadState.ts";
import type { Watch } from "../watch/Watch.ts";
import type { DefendedRun } from "./DefendedRun.ts";
import { blockNumber, blockSeconds, openDrillClock } from "./DrillClock.ts";
import type { Logbook } from "./Logbook.ts";
import { measureRemediation } from "./measureRemediation.ts";
import type { SentTransaction } from "./Scenario.ts";
import type { DefendedOptions, Scene } from "./Scene.ts";
import { tellStopped } from "./tellStopped.ts";
import { type Tried, tryWhilePaused } from "./tryWhilePaused.ts";
import { until } from "./until.ts";

/** What the run itself shows, without the places where it can be looked at. */
export type Played = Omit<DefendedRun, "defence" | "url" | "rpcUrl" | "keepMining" | "close">;

/** Plays the scene's slots one by one, each when the watch has read the block before; an error when it falls silent. */
export async function playSlots(scene: Scene, watch: Watch, seen: Logbook): Promise<Played> {
  const { options, stage, endpoint } = scene;
  options.onStage("the watch reads the chain so far");
  const start = await blockNumber(endpoint);
  await until(() => seen.head.number >= start, scene, watch);
  // Where the modules bound the attack by themselves nobody has to be in time, and nobody looks at the clock.
  const paceMs = stage.boundUsd === undefined ? blockSeconds * 1_000 : 0;
  const clock = openDrillClock(endpoint, seen, options.signal, paceMs);
  let firstBadBlock = start + BigInt(stage.firstBadSlot) + 1n;
  const [benign, attack] = [new Set<Hex>(), new Set<Hex>()];
  options.onStage("blocks begin");
  let tried: Tried | undefined;
  for (let slot = 0; slot < stage.slots && !options.signal.aborted; slot += 1) {
    const sent = await stage.act(slot);
    for (const { role, hash } of sent) (role === "benign" ? benign : attack).add(hash);
    options.onSlot(slot + 1, stage.slots, sent);
    const isAwaited = () => isLookingAhead(options.foresight, watch, seen, sent);
    const block = await clock.nextBlock(isAwaited, options.foresight !== undefined);
    await until(() => seen.head.number >= block, scene, watch);
    if (slot === stage.firstBadSlot) firstBadBlock = (await blockOfAttack(endpoint, sent)) ?? firstBadBlock;
    if (seen.pausedBlock !== null) await tellStopped(scene, sent);
    // Before the attack it would change what the attack meets: prices move in it.
    const isAttacked = slot >= stage.firstBadSlot;
    if (isAttacked && seen.pausedBlock !== null && stage.boundUsd === undefined)
      tried ??= await tryWhilePaused(scene, clock);
  }
  // What is left of an attack is settled at the price after it; ways out that are tried later may move the price again.
  if (stage.boundUsd === undefined) tried ??= await tryWhilePaused(scene, clock);
  options.onStage("the price comes back");
  await stage.settle();
  const lossUsd = await stage.lossUsd();
  tried ??= await tryWhilePaused(scene, clock);
  const alert = seen.alerts.find(({ block }) => block >= firstBadBlock);
  return {
    lossUsd,
    ...(stage.boundUsd === undefined ? {} : { boundUsd: stage.boundUsd }),
    firstBadBlock,
    alertMs: alert?.ms ?? null,
    predictedMs: predictedMs(seen),
    pausedBlock: seen.pausedBlock,
    remediation: await measureRemediation(scene, seen, { firstBadBlock, benign, attack }),
    ...tried,
    waitedMs: clock.waitedMs,
    findings: seen.findings,
    benign,
    attack,
    evidenceHead: (await readHead(watch.store)).id,
  };
}

async function blockOfAttack(endpoint: Endpoint, sent: readonly SentTransaction[]): Promise<bigint | undefined> {
  const attack = sent.filter((tx) => tx.role === "attack");
  const receipts = await Promise.all(attack.map((tx) => findReceipt(endpoint, [tx.hash])));
  const blocksOf = (succeeded: boolean) =>
    receipts.flatMap((receipt) => (receipt?.succeeded === succeeded ? [receipt.blockNumber] : []));
  // One that a pause refused stands in a block as well.
  return [...(blocksOf(true).length > 0 ? blocksOf(true) : blocksOf(false))].sort((a, b) => (a < b ? -1 : 1))[0];
}

function isLookingAhead(
  foresight: DefendedOptions["foresight"],
  watch: Watch,
  { verdicts }: Logbook,
  sent: readonly SentTransaction[],
): boolean {
  if (foresight === undefined) return false;
  return foresight === "pool" ? sent.some(({ hash }) => !verdicts.has(hash)) : watch.pendingWaiting() > 0;
}

/** How soon the first finding about what had not happened yet was there. */
function predictedMs({ findings, verdicts, probes }: Logbook): number | null {
  const first = findings.find(({ prediction }) => prediction !== undefined)?.prediction;
  return first === undefined ? null : ((verdicts.get(first.tx) ?? probes.get(first.tx))?.ms ?? null);
}
