import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { openTelegramBench, type TelegramBench } from "./telegram.testkit.ts";
import type { TelegramOptions } from "./telegramChannel.ts";

// A bot cannot read what it has sent.
channelSuite("telegram", openTelegramBench, { isOnce: false });

let bench: TelegramBench;
afterEach(() => bench?.close());
const open = async (options: Partial<TelegramOptions> = {}) => {
  bench = await openTelegramBench(options);
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: what others may have written stands in <code>", async () => {
  const { channel, messages } = await open({ topic: 5 });
  await channel.deliver({ ...alert, title: "Token <b>x</b> & @everyone /start" }, signal, newThread);
  expect(messages[0]).toMatchInlineSnapshot(`
    {
      "answers": undefined,
      "chat_id": "-100",
      "disable_notification": false,
      "link_preview_options": {
        "is_disabled": true,
      },
      "message_id": 1,
      "message_thread_id": 5,
      "parse_mode": "HTML",
      "text": "<code>CRITICAL: Token &lt;b&gt;x&lt;/b&gt; &amp; [@]everyone /start</code>
    <code>Half of the vault left in one transaction.</code>
    block: <code>7 on chain 31337</code>
    subject: <code>0xabababababababababababababababababababab</code>
    detector: <code>outflow</code>
    runbook: <code>RUNBOOK[.]md#it-paged</code>
    alert: <code>d679f017</code>",
    }
  `);
});

test("behavior: a group that became a supergroup is followed to its new number", async () => {
  const { channel, messages } = await open();
  const { root } = (await channel.deliver(alert, signal, newThread))!;
  bench.movedTo = -1_001;
  const receipt = await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root: root! });
  expect(receipt?.root).toBe("-1001:2");
  await channel.deliver(alert, signal, { ...newThread, root: receipt!.root! });
  expect(messages.at(-1)).toMatchObject({ chat_id: "-1001", answers: 2 });
});

test("behavior: an answer to a deleted message is sent without it", async () => {
  const { channel, messages } = await open();
  await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root: "-100:77" });
  expect(messages).toHaveLength(1);
});

test.each([
  [401, "Unauthorized"],
  [403, "Forbidden: bot was blocked by the user"],
  [400, "Bad Request: chat not found"],
  [400, "Bad Request: have no rights to send a message"],
  [400, "Bad Request: need administrator rights in the channel chat"],
  [400, "Bad Request: CHAT_RESTRICTED"],
  [400, "Bad Request: TOPIC_CLOSED"],
  [400, "Bad Request: chat_id is empty"],
  [400, "Bad Request: in words that nobody has seen yet"],
])("DELIV-02: %i %s needs a person and is tried on", async (status, description) => {
  const { channel } = await open();
  bench.refusal = { status, body: { ok: false, error_code: status, description } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    name: "DeliveryError",
    needsPerson: true,
  });
});

test("DELIV-02: a text that Telegram cannot read is refused for good, and a limit rests for the seconds it names", async () => {
  const { channel, service } = await open();
  bench.refusal = {
    status: 400,
    body: { ok: false, error_code: 400, description: "Bad Request: can't parse entities" },
  };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
  bench.refusal = undefined;
  service.breakNext("rate-limit");
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    retryAfterMs: 7_000,
    holds: "channel",
  });
});
