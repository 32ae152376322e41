import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { type GithubBench, openGithubBench } from "./github.testkit.ts";

channelSuite("github", openGithubBench, { isOnce: true });

let bench: GithubBench;
afterEach(() => bench?.close());
const open = async () => {
  bench = await openGithubBench();
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: an alert is an issue whose text is quoted, with the notice's id hidden", async () => {
  const { channel, issues } = await open();
  await channel.deliver({ ...alert, body: "```\n@acme/security see #1 <b>" }, signal, newThread);
  expect(issues[0]).toMatchInlineSnapshot(`
    {
      "body": "<!-- testudo 0x1a0d72f72bc3c807417ebaa2cc6f8522ed0ed8b0bc125a30222c8f5787d5f175 -->
    \`\`\`\`text
    CRITICAL: raised: Half of the vault left in one transaction.
    \`\`\`
    [@]acme/security see #1 <b>
    block: 7 on chain 31337
    subject: 0xabababababababababababababababababababab
    detector: outflow
    runbook: RUNBOOK[.]md#it-paged
    alert: d679f017
    \`\`\`\`
    ",
      "comments": [],
      "labels": [
        "testudo",
        "critical",
      ],
      "number": 1,
      "state": "open",
      "title": "CRITICAL: raised: Half of the vault left in one transaction.",
    }
  `);
});

test("FIND-04: what becomes of an alert happens to its issue: closed, opened again", async () => {
  const { channel, issues } = await open();
  const states: string[] = [];
  let root: string | null = null;
  for (const transition of ["raised", "acknowledged", "retracted", "raised-again"]) {
    const receipt = await channel.deliver(notice(finding(7), transition), signal, { ...newThread, root });
    root = receipt?.root ?? root;
    states.push(...issues.map(({ state }) => state));
  }
  expect([states, issues[0]!.comments.length]).toEqual([["open", "open", "closed", "open"], 3]);
});

test("behavior: an alert of a digest closes nothing, a deleted issue is begun anew, a test is closed at once", async () => {
  const { channel, issues } = await open();
  const { root } = (await channel.deliver({ ...alert, transition: "digest" }, signal, newThread))!;
  await channel.deliver(notice(finding(8), "retracted"), signal, { root: root!, folded: true, again: false });
  expect(issues).toMatchObject([{ state: "open", comments: [expect.stringContaining("taken back")] }]);
  expect(await channel.deliver(alert, signal, { ...newThread, root: "99" })).toMatchObject({ root: "2" });
  await channel.deliver(notice(finding(9), "test", "info"), signal, newThread);
  expect(issues[2]).toMatchObject({ state: "closed" });
});

test("DELIV-02: the hourly limit rests until it is reset, a secondary one for the time it names or a minute", async () => {
  const { channel, service } = await open();
  service.breakNext("rate-limit");
  const error = await channel.deliver(alert, signal, newThread).catch((e: unknown) => e);
  expect(error).toMatchObject({ holds: "service" });
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_190_000);
  const secondary = { message: "You have exceeded a secondary rate limit." };
  bench.refusal = { status: 403, headers: { "retry-after": "42" }, body: secondary };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({ retryAfterMs: 42_000 });
  bench.refusal = { status: 403, body: secondary };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({ retryAfterMs: 60_000 });
});

test("DELIV-02: a bad token and an unknown repository need a person, what fails validation is refused for good", async () => {
  const { channel } = await open();
  for (const status of [401, 403, 404]) {
    bench.refusal = { status, body: { message: "No" } };
    await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({ needsPerson: true });
  }
  bench.refusal = { status: 422, body: { message: "Validation Failed" } };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
});
