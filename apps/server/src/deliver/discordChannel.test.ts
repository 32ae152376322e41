import { afterEach, describe, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { ChannelGoneError, NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { type DiscordBench, openDiscordBench } from "./discord.testkit.ts";
import type { DiscordOptions } from "./discordChannel.ts";

// A webhook cannot look for what it has posted.
channelSuite("discord, forum", () => openDiscordBench({ isForum: true }), { isOnce: false });

let bench: DiscordBench;
afterEach(() => bench?.close());
const open = async (options: Partial<DiscordOptions> = {}) => {
  bench = await openDiscordBench(options);
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: a message mentions nobody and its text is escaped", async () => {
  const { channel, messages } = await open();
  await channel.deliver({ ...alert, title: "Token *<@&1> @everyone* https://evil.example" }, signal, newThread);
  expect(messages[0]).toMatchInlineSnapshot(`
    {
      "allowed_mentions": {
        "parse": [],
      },
      "channel_id": "1000",
      "embeds": [
        {
          "color": 12986408,
          "description": "CRITICAL\\: Token \\*\\<\\[@\\]&1\\> \\[@\\]everyone\\* https\\[\\://\\]evil\\[.\\]example
    Half of the vault left in one transaction.
    block: 7 on chain 31337
    subject: 0xabababababababababababababababababababab
    detector: outflow
    runbook: RUNBOOK\\[.\\]md\\#it-paged
    alert: d679f017",
          "title": "CRITICAL\\: Token \\*\\<\\[@\\]&1\\> \\[@\\]everyone\\* https\\[\\://\\]evil\\[.\\]example",
        },
      ],
      "id": "9001",
    }
  `);
});

test("FIND-04: outside of a forum what follows names the alert, and the first message is edited", async () => {
  const { channel, messages } = await open();
  const { root } = (await channel.deliver(alert, signal, newThread))!;
  expect(root).toBe("1000:9001");
  const receipt = await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root: root! });
  expect(receipt).toEqual({ said: "1000:9002" });
  expect(messages.map(({ embeds }) => embeds[0].title.slice(0, 19))).toEqual([
    "CRITICAL taken back",
    "CRITICAL taken back",
  ]);
});

test("DELIV-02: a global limit holds all channels of the account, another one this channel; seconds have decimals", async () => {
  const { channel, service } = await open();
  service.breakNext("rate-limit");
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    retryAfterMs: 1_337,
    holds: "channel",
  });
  bench.isGlobal = true;
  service.breakNext("rate-limit");
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    retryAfterMs: 1_337,
    holds: "service",
  });
});

test("DELIV-02: the last of a bucket rests the channel before it is refused", async () => {
  const { channel } = await open();
  bench.headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "1.5" };
  expect(await channel.deliver(alert, signal, newThread)).toMatchObject({ restMs: 1_500 });
});

test("DELIV-02: a deleted webhook is asked no more, since Discord shuts out who does", async () => {
  const { channel } = await open();
  bench.refusal = { status: 404, body: { code: 10_015, message: "Unknown Webhook" } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(ChannelGoneError);
});

test("DELIV-02: a message that is malformed is refused for good, a right that is missing needs a person", async () => {
  const { channel } = await open();
  bench.refusal = { status: 400, body: { code: 50_035, message: "Invalid Form Body" } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
  bench.refusal = { status: 403, body: { code: 50_013, message: "Missing Permissions" } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({ needsPerson: true });
});

test("behavior: an alert whose forum post was deleted begins a new one", async () => {
  const { channel } = await open({ isForum: true });
  const receipt = await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root: "99:98" });
  expect(receipt?.root).toBe("71:9001");
});

describe("an alert is over", () => {
  const over = notice(finding(7), "retracted");
  const openPost = async (isForum: boolean) => {
    const { channel, messages } = await open({ isForum });
    const { root } = (await channel.deliver(alert, signal, newThread))!;
    return { tell: () => channel.deliver(over, signal, { ...newThread, root: root! }), messages, root: root! };
  };
  const titles = (messages: DiscordBench["messages"]) =>
    messages.map(({ embeds }) => /retracted/.test(embeds[0].title));

  test("FIND-04: it is said in a post that was archived meanwhile, which opens it, and the first message says it too", async () => {
    const { tell, messages, root } = await openPost(true);
    bench.archived.add(root.split(":")[0]!);
    expect((await tell())!.root).toBeUndefined();
    expect(titles(messages)).toEqual([true, true]);
  });

  test("FIND-04: it is said in a post of its own where the old one is locked", async () => {
    const { tell, messages, root } = await openPost(true);
    bench.locked.add(root.split(":")[0]!);
    expect((await tell())!.root).not.toBe(root);
    expect(titles(messages)).toEqual([false, true]);
  });

  test.each([true, false])(
    "FIND-04: it is said where the first message was edited too often (forum: %s)",
    async (isForum) => {
      const { tell, messages, root } = await openPost(isForum);
      bench.worn.add(root.split(":")[1]!);
      await tell();
      expect(titles(messages)).toEqual([false, true]);
    },
  );
});
