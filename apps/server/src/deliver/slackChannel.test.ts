import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { openSlackBench, type SlackBench } from "./slack.testkit.ts";
import type { SlackOptions } from "./slackChannel.ts";

channelSuite("slack", openSlackBench, { isOnce: true });

let bench: SlackBench;
afterEach(() => bench?.close());
const open = async (options: Partial<SlackOptions> = {}) => {
  bench = await openSlackBench(options);
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: a message in blocks, with a button that names the finding", async () => {
  const { channel, messages } = await open({ hasButton: true });
  const receipt = await channel.deliver(alert, signal, newThread);
  expect(receipt).toEqual({ root: "C012AB3CD:1700000000.000001", said: "C012AB3CD:1700000000.000001" });
  expect(messages[0]!.blocks).toMatchInlineSnapshot(`
    [
      {
        "text": {
          "emoji": false,
          "text": "CRITICAL: raised: Half of the vault left in one transaction.",
          "type": "plain_text",
        },
        "type": "header",
      },
      {
        "text": {
          "emoji": false,
          "text": "CRITICAL: raised: Half of the vault left in one transaction.
    Half of the vault left in one transaction.
    block: 7 on chain 31337
    subject: 0xabababababababababababababababababababab
    detector: outflow
    runbook: RUNBOOK[.]md#it-paged
    alert: d679f017",
          "type": "plain_text",
        },
        "type": "section",
      },
      {
        "elements": [
          {
            "action_id": "testudo_acknowledge",
            "style": "primary",
            "text": {
              "emoji": false,
              "text": "Acknowledge",
              "type": "plain_text",
            },
            "type": "button",
            "value": "0x1836394cb811c9376eedcbdd10c96bcf0a9f33f5d49d1810a160105c0f5c3a5a",
          },
        ],
        "type": "actions",
      },
    ]
  `);
});

test("behavior: what is over takes the button from the first message and says so there and in the thread", async () => {
  const { channel, messages } = await open({ hasButton: true });
  const { root } = (await channel.deliver(alert, signal, newThread))!;
  await channel.deliver(notice(finding(7), "acknowledged"), signal, { ...newThread, root: root! });
  expect(messages.map(({ text }) => text)).toEqual([
    "CRITICAL acknowledged: acknowledged: Half of the vault left in one transaction.",
    "CRITICAL acknowledged: acknowledged: Half of the vault left in one transaction.",
  ]);
  expect(messages.map(({ blocks }) => blocks.some(({ type }: { type: string }) => type === "actions"))).toEqual([
    false,
    false,
  ]);
});

test("behavior: a reply to a deleted thread begins a new one, which is remembered", async () => {
  const { channel } = await open();
  const root = "C012AB3CD:1600000000.000009";
  const receipt = await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root });
  expect(receipt?.root).toBe("C012AB3CD:1700000000.000001");
});

test("behavior: what closes one alert of a digest leaves the digest's message as it is", async () => {
  const { channel, messages } = await open();
  const { root } = (await channel.deliver({ ...alert, transition: "digest" }, signal, newThread))!;
  const before = messages[0]!.text;
  await channel.deliver(notice(finding(8), "retracted"), signal, { root: root!, folded: true, again: false });
  expect(messages.map(({ text }) => text === before)).toEqual([true, false]);
});

test.each(["invalid_auth", "token_revoked", "channel_not_found", "is_archived", "missing_scope"])(
  "DELIV-02: %s inside of HTTP 200 needs a person and is tried on",
  async (code) => {
    const { channel } = await open();
    bench.refusal = code;
    const failed = channel.deliver(alert, signal, newThread);
    await expect(failed).rejects.toMatchObject({ name: "SlackRefused", needsPerson: true });
    await expect(failed).rejects.toThrow(code);
  },
);

test("DELIV-02: a message that Slack does not take as it is, is not sent for a day", async () => {
  const { channel } = await open();
  bench.refusal = "invalid_blocks";
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
});

test("FIND-02: what was said after two hundred others in a thread is found there, and not said twice", async () => {
  const { channel, messages, service } = await open();
  const { root } = (await channel.deliver(alert, signal, newThread))!;
  const [{ ts }] = messages as [(typeof messages)[number]];
  for (let k = 0; k < 450; k += 1)
    messages.push({ ts: `1600000000.${k}`, thread_ts: ts, channel: "C012AB3CD", text: "somebody talks" });
  const over = notice(finding(7), "acknowledged");
  service.breakNext("lost-answer");
  await expect(channel.deliver(over, signal, { ...newThread, root: root! })).rejects.toThrow();
  const before = messages.length;
  expect(messages.at(-1)).toMatchObject({ thread_ts: ts, metadata: { event_payload: { id: over.id } } });
  await channel.deliver(over, signal, { ...newThread, root: root!, again: true });
  expect(messages).toHaveLength(before);
});

test("behavior: without the right to read the room, an attempt after a lost answer posts again", async () => {
  const { channel, messages, service } = await open();
  service.breakNext("lost-answer");
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow();
  bench.refusal = "missing_scope";
  await expect(channel.deliver(alert, signal, { ...newThread, again: true })).rejects.toThrow("chat.postMessage");
  bench.refusal = undefined;
  await channel.deliver(alert, signal, { ...newThread, again: true });
  expect(messages).toHaveLength(1);
});
