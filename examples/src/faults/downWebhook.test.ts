import { openReceiver, secretA } from "testudo/deliver/receiver.testkit";
import { webhookChannel } from "testudo/deliver/webhookChannel";
import { countOutbox } from "testudo/store/outbox";
import { afterEach, expect, test } from "vitest";
import { freePort } from "./freePort.ts";
import { makeFolder, openTill, type TillWatchOptions, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(url: string, outbox: TillWatchOptions["outbox"]) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const channels = [webhookChannel({ name: "hook", url, secrets: [secretA], timeoutMs: 2_000 })];
  const watch = await watchTill(world, folder.path, { channels, outbox });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  return { world, watch, count: () => countOutbox(watch.watch.store) };
}

test("DELIV-02: what a webhook does not take is kept, tried again, and delivered when it is back", async () => {
  const port = await freePort();
  const { world, watch, count } = await open(`http://127.0.0.1:${port}/hook`, { baseDelayMs: 50, maxDelayMs: 200 });
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  const attempts = async () =>
    (await watch.watch.store.db.selectFrom("outbox").select("attempts").execute()).reduce(
      (sum, row) => sum + row.attempts,
      0,
    );
  await watch.until(async () => (await attempts()) >= 4);
  expect(await count()).toMatchObject({ sent: 0, dead: 0 });
  expect((await count()).pending).toBeGreaterThan(0);
  const receiver = await openReceiver(secretA, undefined, port);
  closers.push(receiver.close);
  await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
  await watch.until(async () => (await count()).pending === 0);
  const notices = watch.commits.flatMap((commit) => commit.notices.map(({ id }) => id));
  expect([...receiver.accepted].sort()).toEqual([...notices].sort());
  expect(receiver.requests.every(({ signed }) => signed)).toBe(true);
  expect(await count()).toMatchObject({ pending: 0, dead: 0, sent: notices.length });
});

test("DELIV-02, SELF-01: what is given up is a dead letter: shown, told once as our own trouble, and no lasting illness", async () => {
  const receiver = await openReceiver(secretA, () => 503);
  closers.push(receiver.close);
  const { world, watch, count } = await open(receiver.url, { baseDelayMs: 30, maxDelayMs: 60, maxAgeMs: 300 });
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
  await watch.until(async () => (await count()).pending === 0 && (await count()).dead > 0);
  await world.mine();
  const healths = () =>
    watch.commits
      .flatMap(({ records }) => records)
      .flatMap((record) => (record.kind === "Finding" && record.detector === "self-health" ? [record] : []));
  await watch.until(() => healths().length > 0);
  expect(healths().map(({ evidence }) => evidence)).toEqual([{ trouble: "dead-letter", endpoint: "channel hook" }]);
  await watch.until(async () => (await count()).pending === 0);
  const { dead } = await count();
  // The notice about the dead letter dies too, and nothing follows from that.
  expect(dead).toBe(watch.commits.flatMap((commit) => commit.notices).length);
  const health = await fetch(`${watch.watch.url}/healthz`);
  expect(health.status).toBe(200);
  expect(((await health.json()) as { reasons: string[] }).reasons.join()).toContain(`${dead} notices were given up`);
  const status = (await (await fetch(`${watch.watch.url}/status`)).json()) as {
    deadLetters: { channel: string; error: string }[];
    frozen: object;
  };
  expect(status.deadLetters[0]).toMatchObject({ channel: "hook" });
  expect(status.deadLetters[0]!.error).toContain("answered 503");
  expect(status.frozen).toEqual({});
});
