import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Notice } from "@testudo/core/model/Notice";
import { identify } from "@testudo/core/model/Record";
import { afterAll, beforeEach, expect, test } from "vitest";
import { decideEscalation, decideTimers, type Escalation } from "../../deliver/decideTimers.ts";
import { applyCommits } from "../../store/applyCommits.ts";
import { chainOf, finding, findingStatus, notice, subject } from "../../store/chain.testkit.ts";
import { listChannels } from "../../store/channelViews.ts";
import { findingNow } from "../../store/findingNow.ts";
import { readHead } from "../../store/loadState.ts";
import { markSent } from "../../store/markSent.ts";
import { listDue, requeueDead } from "../../store/outbox.ts";
import type { Store } from "../../store/Store.ts";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { verifyStore } from "../../store/verifyStore.ts";
import { escalate } from "./escalate.ts";
import { testChannels, weekMs } from "./testChannels.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let clock = 0;
beforeEach(async () => {
  clock = 1_700_000_000_000;
  store = { ...(await fixture.empty()), now: () => clock };
  await store.db.deleteFrom("meta").where("key", "=", "escalation-cursor").execute();
});

const minute = 60_000;
const rule: Escalation = { afterMs: 15 * minute, minSeverity: "critical", to: ["pager"] };
const later: Escalation = { afterMs: 60 * minute, minSeverity: "high", to: ["pager", "mail"] };
const open = (rules: readonly Escalation[] = [rule], channels = ["pager", "mail"]) =>
  escalate({ store, rules, channels, onPut: () => {} });
const tell = async (...transitions: FindingStatus["transition"][]) => {
  for (const transition of transitions) {
    const records =
      transition === "raised" ? [finding(1), findingStatus(finding(1))] : [findingStatus(finding(1), transition, 1)];
    const link = chainOf(await readHead(store)).link({ records, notices: [notice(finding(1), transition)] });
    await applyCommits(store, [link], [], ["slack"]);
  }
};
const escalated = async () => {
  const rows = await listDue(store, ["pager", "mail", "gone"], clock);
  return rows.map(({ channel, notice: n }) => `${channel}: ${n.transition} ${n.title}`).sort();
};

test("DELIV-03: an alert that nobody has acknowledged in time is told to somebody else, once, in its thread", async () => {
  const look = await open([rule, later]);
  await tell("raised");
  expect(await look()).toBe(clock + 15 * minute);
  clock += 15 * minute - 1;
  await look();
  expect(await escalated()).toEqual([]);
  clock += 1;
  expect(await look()).toBe(clock + 45 * minute);
  await look();
  expect(await escalated()).toEqual([
    "pager: escalated Nobody has acknowledged for 15 min: raised: Half of the vault left in one transaction.",
  ]);
  clock += 45 * minute;
  expect(await look()).toBeUndefined();
  expect(await escalated()).toHaveLength(2);
  const [row] = await listDue(store, ["pager"], clock);
  expect(row!.thread).toBe(notice(finding(1)).thread);
  expect((await verifyStore(store)).fault).toBeUndefined();
});

test.each(["acknowledged", "retracted", "resolved"] as const)(
  "DELIV-03: what is %s in time is told to nobody",
  async (transition) => {
    const look = await open();
    await tell("raised", transition);
    clock += 60 * minute;
    expect(await look()).toBeUndefined();
    expect(await escalated()).toEqual([]);
  },
);

test("DELIV-03, PRE-01: a prediction that came true and that nobody has is escalated, and one that somebody has is not", async () => {
  const [prediction, inBlock] = [finding(1), finding(2)];
  const { id: _, ...settled } = findingStatus(prediction, "included", 1);
  const included = identify({ ...settled, work: "resolved", goesOnAs: inBlock.id } as const);
  const came = async (transition: FindingStatus["transition"]) => {
    const records = [prediction, included, inBlock, findingStatus(inBlock, transition, 2)];
    const notices = [notice(prediction, "predicted")];
    await applyCommits(store, [chainOf(await readHead(store)).link({ records, notices })], [], ["slack"]);
  };
  const look = await open();
  await came("included");
  await look();
  clock += 15 * minute;
  await look();
  expect(await escalated()).toHaveLength(1);
  expect(decideEscalation(notice(prediction), rule, (await findingNow(store, prediction.id))?.status)).toBeDefined();
  await came("acknowledged");
  expect(decideEscalation(notice(prediction), rule, (await findingNow(store, prediction.id))?.status)).toBeUndefined();
});

test("DELIV-03: timers survive a restart, and the time that nobody watched counts", async () => {
  const before = await open();
  await tell("raised");
  await before();
  clock += 20 * minute;
  const after = await open();
  await after();
  expect(await escalated()).toHaveLength(1);
});

test("DELIV-03: where the clock is set back by an hour, somebody else is told in the time of the rule", async () => {
  const look = await open();
  await tell("raised");
  await look();
  clock -= 60 * minute;
  expect(await look()).toBe(clock + 15 * minute);
  // Also where nothing ran when it was set.
  clock -= 60 * minute;
  const after = await open();
  expect(await after()).toBe(clock + 15 * minute);
  clock += 15 * minute;
  await after();
  expect(await escalated()).toHaveLength(1);
});

test("DELIV-03: an alert that was stored before the timers were looked at is found after a crash, its time since then", async () => {
  await open();
  await tell("raised");
  clock += 14 * minute;
  expect(await (await open())()).toBe(clock + minute);
});

test("behavior: what was said before the first start is nobody's duty, and a channel that is gone is not told", async () => {
  await tell("raised");
  expect(await (await open())()).toBeUndefined();
  await tell("repeated");
  const look = await open([{ ...rule, to: ["gone"] }]);
  clock += 60 * minute;
  await look();
  expect(await escalated()).toEqual([]);
});

test("DELIV-03: rules choose by severity, subject and owner", () => {
  const n: Notice = { ...notice(finding(1)), owner: "risk" };
  const set = (more: Partial<Escalation>, of = n) => decideTimers(of, 0, [{ ...rule, ...more }]).length;
  expect([set({}), set({ owners: ["risk"] }), set({ subjects: [subject] })]).toEqual([1, 1, 1]);
  expect([
    set({ owners: ["ops"] }),
    set({ subjects: [`0x${"cd".repeat(20)}`] }),
    set({}, { ...n, severity: "high" }),
  ]).toEqual([0, 0, 0]);
  expect([
    set({}, { ...n, topic: "action" }),
    set({}, { ...n, transition: "test" }),
    set({}, { ...n, transition: "escalated" }),
  ]).toEqual([0, 0, 0]);
});

test("DET-09: what is told of history by order wakes nobody", () => {
  const n = notice(finding(1));
  expect(decideTimers(n, 0, [rule])).toHaveLength(1);
  expect(decideTimers({ ...n, phase: "history" }, 0, [rule])).toEqual([]);
});

test("behavior: a status that says it is somebody's stops a timer whose notice was not looked at yet", () => {
  const status = (work: "open" | "acknowledged", chain: "pending" | "retracted" = "pending") => ({ work, chain });
  expect(decideEscalation(notice(finding(1)), rule, status("acknowledged"))).toBeUndefined();
  expect(decideEscalation(notice(finding(1)), rule, status("open", "retracted"))).toBeUndefined();
  expect(decideEscalation(notice(finding(1)), rule, status("open"))).toMatchObject({ transition: "escalated" });
});

test("SELF-03: each channel gets a test a week by its outbox, also when it was due while nobody ran, and its receipt is kept", async () => {
  const options = { store, chainId: 1, onPut: () => {}, firstMs: minute };
  const look = await testChannels({ ...options, channels: ["a", "b"] });
  expect(await look()).toBe(clock + minute);
  clock += minute;
  expect(await look()).toBe(clock + weekMs);
  const rows = await listDue(store, ["a", "b"], clock, { single: true });
  expect(rows.map(({ channel, notice: n }) => `${channel} ${n.topic} ${n.transition}`)).toEqual([
    "a health test",
    "b health test",
  ]);
  await markSent(store, rows[0]!.id, { said: "T-1", isTest: true });
  expect(await listChannels(store)).toMatchObject([
    { name: "a", receipt: { at: clock, said: "T-1", notice: rows[0]!.notice.id }, isStale: false },
    { name: "b", receipt: null, pending: 1, isStale: false },
  ]);
  clock += 2 * weekMs;
  const again = await testChannels({ ...options, channels: ["a"] });
  expect(await listChannels(store)).toMatchObject([{ name: "a", isStale: true }]);
  await again();
  // Two tests of one channel are two messages of one thread.
  expect(await listDue(store, ["a"], clock)).toMatchObject([{ thread: rows[0]!.thread, told: { root: null } }]);
  expect((await verifyStore(store)).fault).toBeUndefined();
  expect(await requeueDead(store, "a")).toBe(0);
});
