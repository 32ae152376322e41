import { afterAll, afterEach, expect, test, vi } from "vitest";
import { openPagerDutyBench } from "../deliver/pagerDuty.testkit.ts";
import { openSlackBench } from "../deliver/slack.testkit.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, finding, findingStatus, notice } from "../store/chain.testkit.ts";
import { listChannels } from "../store/channelViews.ts";
import { readHead } from "../store/loadState.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { openDelivery } from "./openDelivery.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const closer of closers.splice(0).reverse()) await closer();
});
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 120_000, interval: 50 });

test("SELF-03, DELIV-03: tests and escalations go end to end, and their receipts are kept", async () => {
  const slack = await openSlackBench();
  const pager = await openPagerDutyBench();
  closers.push(slack.close, pager.close);
  const store = await fixture.open();
  closers.push(() => store.close());
  const stop = new AbortController();
  const published: string[] = [];
  const troubles: string[] = [];
  const delivery = await openDelivery({
    store,
    chainId: 31_337,
    channels: [slack.channel, { ...pager.channel, rules: { owners: ["nobody"] } }],
    escalations: [{ afterMs: 200, minSeverity: "critical", to: ["pagerduty"] }],
    tests: { firstMs: 0 },
    onTrouble: (channel, message) => troubles.push(`${channel}: ${message}`),
    publish: (entries) => published.push(...entries.map(({ kind }) => kind)),
    signal: stop.signal,
  });
  closers.push(async () => {
    stop.abort();
    await delivery.done;
  });
  await eventually(async () =>
    expect((await listChannels(store)).filter(({ receipt }) => receipt !== null)).toHaveLength(2),
  );
  expect(pager.pages).toMatchObject([{ state: "resolved" }]);
  expect(slack.threads()).toHaveLength(1);
  const records = [finding(1), findingStatus(finding(1))];
  const link = chainOf(await readHead(store)).link({
    records,
    notices: [{ ...notice(finding(1)), owner: "security" }],
  });
  await applyCommits(store, [link], [], ["slack", "pagerduty"]);
  delivery.wake();
  // The pager's rules do not want it; the escalation tells it all the same.
  await eventually(() => expect(pager.pages.at(-1)).toMatchObject({ state: "triggered" }));
  expect(pager.pages.at(-1)!.summaries[0]).toContain("Nobody has acknowledged");
  expect(slack.threads()).toHaveLength(2);
  expect(published).toEqual(["Notice", "Notice", "Notice"]);
  // A test by hand is another message of the tests' thread.
  const before = (await listChannels(store)).find(({ name }) => name === "slack")!.receipt!.notice;
  await delivery.test("slack");
  await eventually(async () =>
    expect((await listChannels(store)).find(({ name }) => name === "slack")!.receipt!.notice).not.toBe(before),
  );
  expect(slack.threads().map((thread) => thread.length)).toEqual([2, 1]);
  expect(troubles).toEqual([]);
  expect((await verifyStore(store)).fault).toBeUndefined();
});

test("SELF-03: a test that is refused raises an alarm by the other channels, though it is a health notice", async () => {
  const slack = await openSlackBench();
  slack.refusal = "invalid_blocks";
  closers.push(slack.close);
  const store = await fixture.open();
  closers.push(() => store.close());
  const stop = new AbortController();
  const troubles: string[] = [];
  const delivery = await openDelivery({
    store,
    chainId: 31_337,
    channels: [slack.channel],
    escalations: [],
    tests: { firstMs: 0 },
    onTrouble: (channel, message) => troubles.push(`${channel}: ${message}`),
    publish: () => {},
    signal: stop.signal,
  });
  closers.push(async () => {
    stop.abort();
    await delivery.done;
  });
  await eventually(() =>
    expect(troubles).toEqual([expect.stringContaining("slack: Channel slack gave up on a notice: Slack refuses")]),
  );
});
