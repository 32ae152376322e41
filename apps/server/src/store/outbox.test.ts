import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listDigests } from "./digests.ts";
import { countDead, listDue, nextDueAt } from "./outbox.ts";
import type { Store } from "./Store.ts";
import { type StoreFixture, storeFixture } from "./storeFolder.testkit.ts";

let fixture: StoreFixture;
let store: Store;
beforeAll(async () => {
  fixture = await storeFixture();
  store = await fixture.empty();
});
afterAll(() => fixture.remove());

const body = JSON.stringify({ kind: "Notice", severity: "high", title: "x".repeat(200) });

/** Rows `from + 1` to `to`, each of a thread of its own, which became due one after another. */
async function fill(from: number, to: number): Promise<void> {
  const numbers = sql`generate_series(${from + 1}::int8, ${to}::int8) i`;
  await sql`insert into notices (seq, id, thread, body, evidence_seq, sum)
    select i, 'n' || i, 't' || i, ${body}, 0, '' from ${numbers}`.execute(store.db);
  await sql`insert into outbox (notice_id, channel, thread, state, attempts, next_at, created_at, sum)
    select 'n' || i, 'ops', 't' || i, 'pending', 0, i, 0, '' from ${numbers}`.execute(store.db);
}

async function shortestMs(look: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    await look();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

test("DELIV-02: a look at what is due costs as much where thirty thousand wait as where five hundred do", async () => {
  const looks = async () => {
    await listDue(store, ["ops"], 1e12, { limit: 8 });
    await nextDueAt(store, ["ops"]);
    await listDigests(store, "ops", 1e12);
    await countDead(store);
  };
  await fill(0, 500);
  const few = await shortestMs(looks);
  await fill(500, 30_000);
  // Sixty times as many; a look at each of them took some 300 ms here.
  expect(await shortestMs(looks)).toBeLessThan(5 * few + 10);
}, 60_000);

test("FIND-04: of many threads what is urgent comes first, then what has been due for longest, and of each the oldest alone", async () => {
  await sql`update outbox set urgent = true where id in (20, 10)`.execute(store.db);
  await sql`update outbox set thread = 't1' where id in (2, 3)`.execute(store.db);
  await sql`update outbox set next_at = 5000000 where id = 4`.execute(store.db);
  const due = await listDue(store, ["ops", "none"], 1_000_000, { limit: 5 });
  expect(due.map(({ id }) => id)).toEqual([10, 20, 1, 5, 6]);
  expect(await nextDueAt(store, ["ops"])).toBe(1);
  // What waits behind the oldest of its thread is not due before that.
  await sql`update outbox set next_at = 7000000 where id = 1`.execute(store.db);
  expect((await listDue(store, ["ops"], 1_000_000, { limit: 3 })).map(({ id }) => id)).toEqual([10, 20, 5]);
  await sql`update outbox set state = 'skipped' where id > 4`.execute(store.db);
  expect(await nextDueAt(store, ["ops"])).toBe(5_000_000);
  expect(await nextDueAt(store, ["none"])).toBeUndefined();
});
