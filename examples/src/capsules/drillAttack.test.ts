// An attack of the drill as a capsule: recorded from its chain, and replayed after that chain is gone.
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { confirmOn } from "@testudo/lab/capsule/confirmOn";
import { replayCapsule } from "@testudo/lab/capsule/replayCapsule";
import { serveCapsule } from "@testudo/lab/capsule/serveCapsule";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { anvilPeer } from "testudo/capsule/openAnvil";
import { recordCapsule } from "testudo/capsule/recordCapsule";
import { beforeAll, expect, test } from "vitest";
import { openSession, rpc } from "../curie/ChainSession.ts";
import { playStage } from "../curie/playStage.ts";
import { curieScenario } from "../curie/scenario.ts";
import { startAnvil } from "../curie/startAnvil.ts";

// The pump and what follows it in the next block, with everybody else's transactions between.
const recordedSlots = 2;
let bytes: readonly [Uint8Array, Uint8Array];
let capsule: Capsule;

beforeAll(async () => {
  const anvil = await startAnvil();
  const node = openEndpoint(anvil.rpcUrl, { timeoutMs: 120_000 });
  try {
    const hashes = await playAttack(anvil.rpcUrl);
    bytes = [writeCapsule(await recordCapsule(node, hashes)), writeCapsule(await recordCapsule(node, hashes))];
  } finally {
    node.close();
    await anvil.stop();
  }
  capsule = parseCapsule(bytes[0], "the drill");
});

async function playAttack(rpcUrl: string): Promise<Hex[]> {
  const session = await openSession(rpcUrl);
  const stage = await curieScenario.setup({ rpcUrl, seed: 1 });
  const until = stage.firstBadSlot + recordedSlots;
  const hashes: Hex[] = [];
  await playStage(session, { ...stage, slots: until }, async (slot) => {
    if (slot < stage.firstBadSlot) return;
    const block = await rpc<{ transactions: Hex[] }>(session.client, "eth_getBlockByNumber", ["latest", false]);
    hashes.push(...block.transactions);
  });
  return hashes;
}

test("LAB-01: an attack of the drill is the same bytes on a second recording, with nothing left out", () => {
  expect(bytes[1]).toEqual(bytes[0]);
  expect(capsule.gaps).toBeUndefined();
  expect(capsule.transactions!.length).toBeGreaterThan(recordedSlots);
  expect(new Set(capsule.transactions!.map((tx) => tx.blockNumber)).size).toBe(recordedSlots);
});

test("LAB-03: it replays where its chain is no more: every status, log and unit of gas", async () => {
  const { report, missing } = await replayCapsule(capsule);
  expect(report).toEqual({ ok: true, transactions: capsule.transactions!.length, divergence: null });
  expect([missing.accounts, missing.slots, missing.blockHashes]).toEqual([[], [], []]);
});

test("EVM-05: anvil, forked from our capsule alone, comes to the same as our engine", async () => {
  const found = await confirmOn(anvilPeer, capsule);
  expect(found).toMatchObject({ ok: true, transactions: capsule.transactions!.length, difference: null });
});

test("LAB-02: as a node it holds what the attack met", async () => {
  const served = await serveCapsule(capsule);
  const node = openEndpoint(served.url);
  try {
    const [tx] = capsule.transactions!;
    const account = capsule.accounts.get(tx!.to!)!;
    expect(await node.request("eth_getCode", [tx!.to, "latest"])).toBe(account.code);
    for (const [slot, word] of account.storage)
      expect(await node.request("eth_getStorageAt", [tx!.to, slot, "latest"])).toBe(word);
    expect(served.missing()).toEqual({ accounts: [], slots: [], blockHashes: [] });
  } finally {
    node.close();
    await served.close();
  }
});
