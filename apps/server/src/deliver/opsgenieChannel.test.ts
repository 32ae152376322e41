import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { type OpsgenieBench, openOpsgenieBench } from "./opsgenie.testkit.ts";

// A note has no id: what is sent twice within an alert may be noted twice. The alert itself is one.
channelSuite("opsgenie", openOpsgenieBench, { isOnce: true, isNotedTwice: true });

let bench: OpsgenieBench;
afterEach(() => bench?.close());
const open = async () => {
  bench = await openOpsgenieBench();
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: an alert is created under its alias", async () => {
  const { channel, bodies } = await open();
  const receipt = await channel.deliver(alert, signal, newThread);
  expect(receipt?.said).toBe(`testudo-${alert.thread.slice(2)}: Created alert`);
  expect(bodies[0]).toMatchInlineSnapshot(`
    {
      "alias": "testudo-d679f01738434924105958252fe91f22256fbd9a236d8f887bcb001893de6c77",
      "description": "CRITICAL: raised: Half of the vault left in one transaction.
    Half of the vault left in one transaction.",
      "details": {
        "alert": "d679f017",
        "block": "7 on chain 31337",
        "detector": "outflow",
        "runbook": "RUNBOOK[.]md#it-paged",
        "subject": "0xabababababababababababababababababababab",
      },
      "entity": "0xabababababababababababababababababababab",
      "message": "CRITICAL: raised: Half of the vault left in one transaction.",
      "priority": "P1",
      "source": "testudo",
      "tags": [
        "testudo",
        "critical",
      ],
    }
  `);
});

test("FIND-04: what becomes of an alert happens to its alias: acknowledged, closed, opened again", async () => {
  const { channel, alerts } = await open();
  const states: string[][] = [];
  for (const transition of ["raised", "acknowledged", "retracted", "raised-again"]) {
    await channel.deliver(notice(finding(7), transition), signal, newThread);
    states.push(alerts.map(({ state }) => state));
  }
  expect(states).toEqual([["open"], ["acknowledged"], ["closed"], ["closed", "open"]]);
});

test("behavior: what Opsgenie accepted and did not carry out is an error; an alert that is gone needs no closing", async () => {
  const { channel, alerts } = await open();
  expect((await channel.deliver(notice(finding(7), "retracted"), signal, newThread))?.said).toContain(
    "Alert does not exist",
  );
  expect(alerts).toEqual([]);
});

test("behavior: a request that is not processed yet is asked about again, and at last its acceptance counts", async () => {
  const { channel } = await open();
  bench.unknownFor = 3;
  expect((await channel.deliver(alert, signal, newThread))?.said).toContain("Created alert");
  bench.unknownFor = 99;
  expect((await channel.deliver(notice(finding(8)), signal, newThread))?.said).toContain("accepted as r-2");
});

test("DELIV-02: who has asked too much what became of a request asks no more, and rests for the account's period", async () => {
  const { channel, service } = await open();
  bench.isThrottled = true;
  const receipt = await channel.deliver(alert, signal, newThread);
  expect(receipt).toMatchObject({ said: expect.stringContaining("accepted as r-1"), restMs: 60_000 });
  expect(service.asked.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test("behavior: an alert of a digest is a note there and closes nothing", async () => {
  const { channel, alerts } = await open();
  const { root } = (await channel.deliver({ ...alert, transition: "digest" }, signal, newThread))!;
  await channel.deliver(notice(finding(8), "retracted"), signal, { root: root!, folded: true, again: false });
  expect(alerts).toMatchObject([{ state: "open", texts: [expect.any(String), expect.stringContaining("taken back")] }]);
});

test("DELIV-02: a wrong key needs a person, 422 is refused for good, a limit rests for the account's period", async () => {
  const { channel, service } = await open();
  bench.refusal = { status: 401, body: { message: "Key is invalid" } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    name: "DeliveryError",
    needsPerson: true,
  });
  bench.refusal = { status: 422, body: { message: "Request body is not processable." } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
  bench.refusal = undefined;
  service.breakNext("rate-limit");
  const limited = channel.deliver(alert, signal, newThread);
  await expect(limited).rejects.toMatchObject({ retryAfterMs: 60_000, holds: "service" });
});
