import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { openPagerDutyBench, type PagerDutyBench } from "./pagerDuty.testkit.ts";

channelSuite("pagerduty", openPagerDutyBench, { isOnce: true, isNotedTwice: true, isSilentAtClose: true });

let bench: PagerDutyBench;
afterEach(() => bench?.close());
const open = async () => {
  bench = await openPagerDutyBench();
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: an alert triggers", async () => {
  const { channel, events } = await open();
  await channel.deliver(alert, signal, newThread);
  expect({ ...events[0], routing_key: "R…" }).toMatchInlineSnapshot(`
    {
      "client": "Testudo",
      "dedup_key": "testudo-d679f01738434924105958252fe91f22256fbd9a236d8f887bcb001893de6c77",
      "event_action": "trigger",
      "payload": {
        "class": "outflow",
        "component": "0xabababababababababababababababababababab",
        "custom_details": {
          "alert": "d679f017",
          "block": "7 on chain 31337",
          "detector": "outflow",
          "runbook": "RUNBOOK[.]md#it-paged",
          "subject": "0xabababababababababababababababababababab",
          "text": "Half of the vault left in one transaction.",
        },
        "severity": "critical",
        "source": "testudo chain 31337",
        "summary": "CRITICAL: raised: Half of the vault left in one transaction.",
      },
      "routing_key": "R…",
    }
  `);
});

test("FIND-04: what becomes of an alert happens to its incident: acknowledged, resolved, triggered again", async () => {
  const { channel, pages } = await open();
  const states: string[][] = [];
  for (const transition of ["raised", "acknowledged", "retracted", "raised-again"]) {
    await channel.deliver(notice(finding(7), transition), signal, newThread);
    states.push(pages.map(({ state }) => state));
  }
  expect(states).toEqual([["triggered"], ["acknowledged"], ["resolved"], ["resolved", "triggered"]]);
});

test("behavior: steps of an action on its way page nobody, and an alert of a digest does not resolve the digest", async () => {
  const { channel, events, pages } = await open();
  await channel.deliver({ ...alert, topic: "action", transition: "signed" }, signal, newThread);
  expect(events).toEqual([]);
  const { root } = (await channel.deliver({ ...alert, transition: "digest" }, signal, newThread))!;
  await channel.deliver(notice(finding(8), "retracted"), signal, { root: root!, folded: true, again: false });
  expect(pages).toMatchObject([{ state: "triggered" }]);
});

test("SELF-03: a test triggers and resolves", async () => {
  const { channel, pages } = await open();
  const receipt = await channel.deliver(notice(finding(7), "test", "info"), signal, newThread);
  expect(pages).toMatchObject([{ state: "resolved" }]);
  expect(receipt?.said).toMatch(/^trigger, resolve testudo-[0-9a-f]{64}$/);
});

test("DELIV-02: a wrong key needs a person, a malformed event is refused for good, a limit rests a minute", async () => {
  const { channel, service } = await open();
  const errors = ["Length of 'routing_key' is incorrect (should be 32 characters)"];
  bench.refusal = { status: 400, body: { status: "invalid event", message: "Event object is invalid", errors } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    name: "DeliveryError",
    needsPerson: true,
  });
  bench.refusal = { status: 400, body: { status: "invalid event", errors: ["'payload.summary' is missing or blank"] } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
  bench.refusal = undefined;
  service.breakNext("rate-limit");
  const limited = channel.deliver(alert, signal, newThread);
  await expect(limited).rejects.toMatchObject({ retryAfterMs: 60_000, holds: "service" });
});
