import { afterAll, beforeEach, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { chainOf, finding, notice } from "./chain.testkit.ts";
import { listChannels } from "./channelViews.ts";
import { listDead, listDue, markDead, requeueDead } from "./outbox.ts";
import type { Store } from "./Store.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { setTimer } from "./timers.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let clock = 0;
let store: Store;
beforeEach(async () => {
  clock = 1_800_000_000_000;
  store = { ...(await fixture.empty()), now: () => clock };
  for (const key of ["hook", "pager"])
    await setTimer(store.db, "channel-test", { key, dueAt: clock, body: JSON.stringify({ since: clock }) });
});

const alerts = [1, 2, 3, 4, 5].map((number) => notice(finding(number, `loss ${number}`)));

/** Gives up each of `which` alerts on hook a second after the one before, in this order. */
async function bury(which: readonly number[], error: (number: number) => string = (number) => `HTTP ${500 + number}`) {
  for (const number of which) {
    const row = (await listDue(store, ["hook"], clock)).find(({ notice: { id } }) => id === alerts[number - 1]!.id);
    clock += 1_000;
    await markDead(store, row!.id, error(number));
  }
}

test("DELIV-02: a channel names the newest of its dead letters, with what they died of and when", async () => {
  await applyCommits(store, [chainOf().link({ notices: alerts })], [], ["hook", "pager"]);
  const begun = clock;
  await bury([4, 1, 2, 5]);
  const views = await listChannels(store);
  expect(views).toMatchObject([
    {
      name: "hook",
      pending: 1,
      dead: 4,
      deadLetters: [5, 2, 1].map((number, i) => ({
        notice: alerts[number - 1]!.id,
        title: `raised: loss ${number}`,
        error: `HTTP ${500 + number}`,
        diedAt: begun + (4 - i) * 1_000,
      })),
    },
    { name: "pager", pending: 5, dead: 0, deadLetters: [] },
  ]);
  expect((await listDead(store)).map(({ diedAt }) => diedAt! - begun)).toEqual([4_000, 1_000, 3_000, 2_000]);
});

test("DELIV-02: what is sent again is no dead letter, and dies anew at another time", async () => {
  await applyCommits(store, [chainOf().link({ notices: alerts.slice(0, 1) })], [], ["hook"]);
  await bury([1]);
  await requeueDead(store, "hook");
  expect((await listChannels(store))[0]!.deadLetters).toEqual([]);
  clock += 60_000;
  await bury([1]);
  expect((await listChannels(store))[0]!.deadLetters).toMatchObject([{ diedAt: clock }]);
});

test("DELIV-02: a URL in what a dead letter died of loses what may be its key", async () => {
  await applyCommits(store, [chainOf().link({ notices: alerts })], [], ["hook"]);
  await bury([1], () => "No answer from https://hooks.example/services/T0123456789/B0123?token=abc: reset");
  const [hook] = await listChannels(store);
  expect(hook!.deadLetters[0]!.error).toBe("No answer from https://hooks.example/services/…/B0123: reset");
});
