import type { Action } from "@testudo/core/model/Action";
import type { Log } from "@testudo/core/model/BlockBundle";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { openDraft } from "@testudo/core/model/Memory";
import { trippedTopic } from "@testudo/core/pipeline/effectLogs";
import { blockOn, both, breaker, signed, states, vault } from "@testudo/core/pipeline.testkit";
import { keccak256 } from "viem/utils";
import { afterAll, expect, test } from "vitest";
import { freeUnsent, markTransaction, storeReplacement } from "../../store/leaseNonce.ts";
import { noteLeaving } from "../../store/noteLeaving.ts";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { chainId, openPoolNode, sendingTo, signer } from "./pool.testkit.ts";
import { tellLeft } from "./tellLeft.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

function trippedLog({ evidence, until, selectors: [selector] }: Action): Log {
  const about: Hex[] = [`0x${toWord(vault)}`, `0x${selector!.slice(2).padEnd(64, "0")}`];
  const data: Hex = `0x${toWord(until)}${"0".repeat(64)}${evidence.slice(2)}`;
  return { address: breaker, topics: [trippedTopic, ...about], data, index: 0, txIndex: 0 };
}

/** A watch that died with the bytes of a signed pause stored, and given out where `isOut`, before any of that was written down. */
async function died(isOut: boolean) {
  const store = await fixture.empty();
  const { options } = sendingTo(store, [openPoolNode("node")]);
  const { f, action, attack } = signed(both);
  const { tx } = await leaseBytes(options, { kind: "send", action: action as Action, approvals: [] });
  if (isOut) await noteLeaving(store, tx.hash);
  const told: Input[] = [];
  const tell = (input: Input) => {
    told.push(input);
    f.feed(input);
  };
  const start = () => tellLeft({ store, chainId, cases: openDraft(f.state.cells), tell });
  return { f, action, attack: attack.ref, start, told, store, tx };
}

test.each([
  [true, "broadcast"],
  [false, "signed"],
])("RESP-07: what left as the watch died is not killed by all words at the next start, %s", async (isOut, last) => {
  const { f, start } = await died(isOut);
  expect(states(f).at(-1)).toBe("approved");
  await start();
  f.feed({ kind: "mode", mode: "killed", actor: "test", reason: "test" });
  expect(states(f).at(-1)).toBe(last);
  await start();
  expect(states(f).at(-1)).toBe(last);
});

test("RESP-07: of several bytes of an action those that left are named", async () => {
  const { start, told, store, tx } = await died(true);
  const fees = { gas: 400_000n, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n };
  const raw = await signer.signTransaction({
    ...fees,
    ...{ chainId, nonce: tx.nonce, to: `0x${"c0".repeat(20)}`, data: "0x", value: 0n },
  });
  await storeReplacement(store, tx.action, { raw, hash: keccak256(raw) });
  await start();
  expect(told).toMatchObject([{ state: "broadcast", txHash: tx.hash }]);
});

test("RESP-07: what a block has by the nodes' word is told to have left too", async () => {
  const { f, start, store, tx } = await died(true);
  await markTransaction(store, tx.hash, "included");
  await start();
  expect(states(f).at(-1)).toBe("broadcast");
});

test("RESP-10: what left as the watch died, and is in force by now, is told to have left: a reorg takes its block and its cause", async () => {
  const { f, action, attack, start } = await died(true);
  const paused = blockOn(attack, "a", ["pause"], [trippedLog(action)]);
  f.live(paused);
  await start();
  const ancestor = { ...attack, number: attack.number - 1n, hash: attack.parentHash };
  f.feed({ kind: "reorg", ancestor, orphaned: [paused.ref, attack] });
  expect(states(f).slice(-2)).toEqual(["active", "broadcast"]);
});

test("RESP-08: of bytes that were freed a watch that starts does not say that they are stored: what is held is released later", async () => {
  const { f, action, attack, start, store, told } = await died(false);
  const paused = blockOn(attack, "a", ["pause"], [trippedLog(action)]);
  f.live(paused);
  await freeUnsent(store.db, action.id);
  const trouble = { kind: "trouble", trouble: "endpoint-disagrees", message: "two hashes" } as const;
  f.feed({ ...trouble, freeze: true });
  f.feed({ kind: "reorg", ancestor: attack, orphaned: [paused.ref] });
  await start();
  expect([states(f).at(-1), told]).toEqual(["cooling", []]);
  expect(f.feed({ ...trouble, trouble: "recovered", freeze: false }).map(({ kind }) => kind)).toContain("send");
});

test("GATE-02: what left as a reorg took its cause, and the watch died, is told at the next start, once", async () => {
  const { f, attack, start, told } = await died(true);
  const ancestor = { ...attack, number: attack.number - 1n, hash: attack.parentHash };
  f.feed({ kind: "reorg", ancestor, orphaned: [attack] });
  expect(states(f).at(-1)).toBe("stale");
  for (let i = 0; i < 2; i++) await start();
  expect(told).toMatchObject([{ state: "broadcast" }]);
  expect(states(f).slice(-2)).toEqual(["stale", "stale"]);
});
