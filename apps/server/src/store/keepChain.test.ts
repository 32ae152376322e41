import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepChain, OtherChain } from "./keepChain.ts";
import { keepLiveFrom, LiveFromAltered, readLiveFrom } from "./liveFrom.ts";
import { openStore } from "./openStore.ts";
import type { Store } from "./Store.ts";
import { verifyStore } from "./verifyStore.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-chain-"));
let store: Store;
beforeAll(async () => {
  store = await openStore(folder);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("error: a folder of one chain is refused on another", async () => {
  await keepChain(store, folder, 1);
  await keepChain(store, folder, 1);
  await expect(keepChain(store, folder, 5)).rejects.toThrow(OtherChain);
});

test("RESP-13: the mark between history and news cannot be moved unseen", async () => {
  await keepLiveFrom(store, 7n);
  expect(await readLiveFrom(store)).toBe(7n);
  expect((await verifyStore(store)).fault).toBeUndefined();
  await store.db.updateTable("meta").set({ value: "99999999" }).where("key", "=", "live-from").execute();
  await expect(readLiveFrom(store)).rejects.toThrow(LiveFromAltered);
  expect((await verifyStore(store)).fault).toMatchObject({ table: "meta", row: "live-from" });
});
