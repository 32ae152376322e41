import type { Action } from "@testudo/core/model/Action";
import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256 } from "viem/utils";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { action, actionStatus, chainOf } from "./chain.testkit.ts";
import {
  dropOpen,
  dropUnsent,
  freeUnsent,
  leaseNonce,
  listOpenTransactions,
  listTransactions,
  markTransaction,
  renewNonce,
  signLimitMs,
  storeReplacement,
} from "./leaseNonce.ts";
import { noteLeaving } from "./noteLeaving.ts";
import type { Store } from "./Store.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { verifyStore } from "./verifyStore.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
beforeEach(async () => {
  store = await fixture.empty();
});
afterEach(async () => {
  expect((await verifyStore(store)).fault).toBeUndefined();
  await store.close();
});

const account = privateKeyToAccount(`0x${"7".repeat(64)}`);
const [chainId, sender] = [31337, account.address as Hex];
const actionId = (name: string) => hashOf(["action", name]);
const request = (name: string, chainNonce = 0) => ({ chainId, sender, chainNonce, action: actionId(name) });
const signer =
  (gwei = 1n, chain = chainId) =>
  async (nonce: number) => {
    const fees = { maxFeePerGas: gwei * 10n ** 9n, maxPriorityFeePerGas: 1n, gas: 100_000n };
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId: chain,
      nonce,
      to: `0x${"c0".repeat(20)}`,
      ...fees,
    });
    return { raw, hash: keccak256(raw) };
  };

test("RESP-08: one action gets one nonce and one set of bytes, however often it is asked", async () => {
  const first = await leaseNonce(store, request("a", 5), signer());
  const sign = vi.fn(signer(2n));
  const again = await Promise.all([1, 2, 3].map(() => leaseNonce(store, request("a", 9), sign)));
  expect(first).toMatchObject({ nonce: 5, state: "stored", fresh: true });
  expect(again).toEqual([1, 2, 3].map(() => ({ ...first, fresh: false })));
  expect(sign).not.toHaveBeenCalled();
});

test("RESP-08: actions at the same time get nonces without gap or double", async () => {
  const leases = await Promise.all(["a", "b", "c", "d"].map((name) => leaseNonce(store, request(name, 3), signer())));
  expect(leases.map((lease) => lease.nonce).sort()).toEqual([3, 4, 5, 6]);
});

test("RESP-08: the nonce on chain moves the lease up and never down", async () => {
  const nonces = [];
  for (const [name, chainNonce] of [
    ["a", 0],
    ["b", 0],
    ["c", 7],
    ["d", 2],
  ] as const)
    nonces.push((await leaseNonce(store, request(name, chainNonce), signer())).nonce);
  expect(nonces).toEqual([0, 1, 7, 8]);
});

test("RESP-08: a signer that fails leaves no hole", async () => {
  const fails = leaseNonce(store, request("a"), async () => Promise.reject(new Error("key is locked")));
  await expect(fails).rejects.toThrow("key is locked");
  expect(await leaseNonce(store, request("b"), signer())).toMatchObject({ nonce: 0 });
});

test("RESP-08: a signer that hangs is cut off and the store serves others again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    let asked = () => {};
    const signing = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const hangs = leaseNonce(store, request("a"), () => {
      asked();
      return new Promise(() => {});
    });
    const refused = expect(hangs).rejects.toThrow(`within ${signLimitMs} ms`);
    await signing;
    await vi.advanceTimersByTimeAsync(signLimitMs);
    await refused;
  } finally {
    vi.useRealTimers();
  }
  expect(await listTransactions(store, actionId("a"))).toEqual([]);
});

test("error: bytes for another nonce, chain or sender, or with a wrong hash, are refused", async () => {
  const other = privateKeyToAccount(`0x${"8".repeat(64)}`);
  await expect(leaseNonce(store, request("a"), () => signer()(4))).rejects.toThrow("carry nonce 4, leased was 0");
  await expect(leaseNonce(store, request("a"), signer(1n, 1))).rejects.toThrow("are for chain 1, not 31337");
  await expect(leaseNonce(store, { ...request("a"), sender: other.address as Hex }, signer())).rejects.toThrow(
    "are signed by",
  );
  const lies = async (nonce: number) => ({ ...(await signer()(nonce)), hash: hashOf("x") });
  await expect(leaseNonce(store, request("a"), lies)).rejects.toThrow("is not that of the bytes");
  expect(await listOpenTransactions(store)).toEqual([]);
});

test("RESP-09: a price that comes again has its bytes be the newest again, beside the others", async () => {
  const { fresh: _, ...first } = await leaseNonce(store, request("a"), signer());
  await markTransaction(store, first.hash, "sent");
  const other = await storeReplacement(store, first.action, await signer(2n)(first.nonce));
  const again = await storeReplacement(store, first.action, { raw: first.raw, hash: first.hash });
  expect(again).toEqual({ ...first, state: "sent" });
  expect((await listTransactions(store, first.action)).map(({ hash }) => hash)).toEqual([other.hash, first.hash]);
});

test("RESP-09: a replacement keeps the nonce, is stored beside the first and is the one given from then on", async () => {
  const first = await leaseNonce(store, request("a"), signer());
  const dearer = await storeReplacement(store, first.action, await signer(2n)(0));
  expect((await listTransactions(store, first.action)).map((t) => [t.nonce, t.hash])).toEqual([
    [0, first.hash],
    [0, dearer.hash],
  ]);
  expect(await leaseNonce(store, request("a"), signer())).toMatchObject({ hash: dearer.hash, fresh: false });
  await expect(storeReplacement(store, first.action, await signer(3n)(1))).rejects.toThrow("carry nonce 1");
  await expect(storeReplacement(store, actionId("b"), await signer()(1))).rejects.toThrow("no nonce was leased");
});

test("behavior: bytes stay open until their outcome is noted", async () => {
  const [a, b] = [await leaseNonce(store, request("a"), signer()), await leaseNonce(store, request("b"), signer())];
  await markTransaction(store, a.hash, "included");
  await markTransaction(store, b.hash, "sent");
  expect((await listOpenTransactions(store, chainId)).map((t) => [t.hash, t.state])).toEqual([[b.hash, "sent"]]);
  expect(await listOpenTransactions(store, 1)).toEqual([]);
});

test("RESP-07: with the end of an action its bytes are open no more, unless some have left", async () => {
  const chain = chainOf();
  const end = (of: Action, state: ActionState) =>
    applyCommits(store, [chain.link({ records: [actionStatus(of, state)] })], [], []);
  for (const [name, left, state, open] of [
    ["killed", "stored", "killed", []],
    ["stale", "stored", "stale", []],
    ["out", "sent", "failed", ["stored", "sent"]],
    ["going on", "stored", "dropped", ["stored", "stored"]],
  ] as const) {
    const of = action(name);
    const first = await leaseNonce(store, { ...request(name), action: of.id }, signer());
    const { hash } = await storeReplacement(store, of.id, await signer(2n)(first.nonce));
    await markTransaction(store, hash, left);
    await end(of, state);
    const own = (await listOpenTransactions(store)).filter((tx) => tx.action === of.id);
    expect(own.map((tx) => tx.state)).toEqual(open);
  }
});

test("RESP-13: a store whose action got a higher nonce, because something else used its own, holds", async () => {
  const first = await leaseNonce(store, request("a"), signer());
  const renewed = await renewNonce(store, { ...first, chainNonce: 3 }, signer());
  expect([first.nonce, renewed.nonce]).toEqual([0, 3]);
});

test("RESP-08: freed bytes are given to nobody, their nonce is leased first, and what has ended is not signed anew", async () => {
  const a = await leaseNonce(store, request("a"), signer());
  await leaseNonce(store, request("b"), signer());
  await freeUnsent(store.db, a.action);
  expect(await noteLeaving(store, a.hash)).toBeUndefined();
  expect(await leaseNonce(store, request("c"), signer(2n))).toMatchObject({ nonce: 0, fresh: true });
  expect(await leaseNonce(store, request("a"), signer())).toMatchObject({ nonce: 2, fresh: true });
  await freeUnsent(store.db, a.action);
  await dropUnsent(store.db, a.action);
  expect(await leaseNonce(store, request("a"), signer(3n))).toMatchObject({ nonce: 2, state: "lost", fresh: false });
});

test("RESP-08: what has failed is not signed anew, though some of it was freed", async () => {
  const first = await leaseNonce(store, request("a"), signer());
  await markTransaction(store, first.hash, "sent");
  await renewNonce(store, { ...first, chainNonce: 3 }, signer());
  await freeUnsent(store.db, first.action);
  await dropOpen(store.db, first.action);
  expect(await leaseNonce(store, request("a"), signer())).toMatchObject({ state: "lost", fresh: false });
});

test("RESP-13: a store whose action got the lower one of two nonces that were freed holds, and the other is leased next", async () => {
  for (const name of ["a", "b", "c"]) await leaseNonce(store, request(name), signer());
  for (const name of ["a", "c"]) await freeUnsent(store.db, actionId(name));
  for (const [name, nonce] of [
    ["c", 0],
    ["d", 2],
  ] as const) {
    expect(await leaseNonce(store, request(name), signer(2n))).toMatchObject({ nonce });
    expect((await verifyStore(store)).fault).toBeUndefined();
  }
});

test("RESP-13: a store whose action goes on with what is out, since what it had signed anew was freed, holds", async () => {
  const first = await leaseNonce(store, request("a"), signer());
  await markTransaction(store, first.hash, "sent");
  await renewNonce(store, { ...first, chainNonce: 3 }, signer());
  await freeUnsent(store.db, first.action);
  expect(await leaseNonce(store, request("a"), signer())).toMatchObject({ hash: first.hash, fresh: false });
  await storeReplacement(store, first.action, await signer(2n)(0));
});

test("RESP-09: bytes that are freed and signed for the same nonce and fees again are the same, and may leave", async () => {
  const a = await leaseNonce(store, request("a"), signer());
  await freeUnsent(store.db, a.action);
  expect(await leaseNonce(store, request("a"), signer())).toEqual(a);
  expect(await noteLeaving(store, a.hash)).toBe("stored");
});
