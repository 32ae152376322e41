import { afterAll, expect, test } from "vitest";
import { probeStore } from "./probeStore.ts";
import type { Store } from "./Store.ts";
import { storeFixture } from "./storeFolder.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

test("OBS-03: a store that takes a row is well, and one that refuses says why", async () => {
  const store: Store = await fixture.empty();
  expect([await probeStore(store), await probeStore(store)]).toEqual([undefined, undefined]);
  await store.db.schema.dropTable("meta").execute();
  expect(await probeStore(store)).toContain('"meta" does not exist');
});
