import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { afterEach, beforeEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { NoticeRefusedError, newThread } from "./Channel.ts";
import { type ChannelBench, channelSuite } from "./channelSuite.testkit.ts";
import { type ScriptOptions, scriptChannel } from "./scriptChannel.ts";
import type { Fault } from "./service.testkit.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-script-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// A script that keeps each notice once, by its id, as a good one does, and fails as the file `fault` says.
const keeper = `
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
const folder = process.argv[2];
const input = JSON.parse(readFileSync(0, "utf8"));
const fault = existsSync(folder + "/fault") ? readFileSync(folder + "/fault", "utf8") : "";
rmSync(folder + "/fault", { force: true });
if (fault === "silence") await new Promise((resolve) => setTimeout(resolve, 60_000));
if (fault === "outage") process.exit(75);
if (fault === "echo") { console.error(JSON.stringify(process.env)); process.exit(1); }
const log = folder + "/log";
const seen = existsSync(log) ? readFileSync(log, "utf8").trim().split("\\n").map((line) => JSON.parse(line)) : [];
if (!seen.some(({ data }) => data.id === input.data.id)) appendFileSync(log, JSON.stringify(input) + "\\n");
if (fault === "lost-answer") process.exit(1);
console.log("ticket-" + input.data.thread.slice(2, 10));
`;

interface Kept {
  readonly type: string;
  readonly thread: string | null;
  readonly data: { readonly thread: string; readonly title: string; readonly transition: string };
}

async function open(options: Partial<ScriptOptions> = {}): Promise<ChannelBench> {
  const file = join(folder, "keep.mjs");
  writeFileSync(file, keeper);
  process.env.TESTUDO_TEST_SECRET = "hunter2-hunter2";
  const kept = (): Kept[] =>
    existsSync(join(folder, "log"))
      ? readFileSync(join(folder, "log"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
  return {
    channel: scriptChannel({
      name: "script",
      command: [process.execPath, file, folder],
      env: ["TESTUDO_TEST_SECRET"],
      ...options,
    }),
    secrets: ["hunter2-hunter2"],
    threads: () => {
      const threads = new Map<string, string[]>();
      for (const { data } of kept())
        threads.set(data.thread, [
          ...(threads.get(data.thread) ?? []),
          `${data.transition === "retracted" ? "taken back " : ""}${data.title}`,
        ]);
      return [...threads.values()];
    },
    // What it gets is data on its standard input: nothing of it is an argument, a variable or a shell's word.
    active: () => [],
    breakNext: (fault: Fault) => writeFileSync(join(folder, "fault"), fault),
    close: async () => {
      delete process.env.TESTUDO_TEST_SECRET;
    },
  };
}

channelSuite("script", open, { isOnce: true, faults: ["outage", "echo"], runs: 5 });

const signal = new AbortController().signal;
const alert = notice(finding(7));
const script = (body: string, options: Partial<ScriptOptions> = {}) => {
  const file = join(folder, "script.sh");
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o700);
  return scriptChannel({ name: "script", command: [file, "$(touch pwned)", "; exit 3"], ...options });
};

test("behavior: a script gets one line of JSON and says what it calls the thread", async () => {
  const out = join(folder, "out");
  const channel = script(`cat > '${out}'; echo T-1; echo more`);
  const receipt = await channel.deliver(alert, signal, { ...newThread, root: "T-0", again: true });
  expect(receipt).toEqual({ root: "T-1", said: "T-1" });
  expect(fromPlainJson(readFileSync(out, "utf8"))).toEqual({
    type: "testudo.finding.raised.v1",
    data: { ...alert, blockNumber: "7" },
    thread: "T-0",
    again: true,
  });
});

test("DELIV-04: no shell reads the arguments, and of the environment only what is named gets through", async () => {
  const out = join(folder, "out");
  process.env.TESTUDO_TEST_A = "shown";
  process.env.TESTUDO_TEST_B = "hidden";
  await script(`printf '%s|' "$@" > '${out}'; env >> '${out}'`, { env: ["TESTUDO_TEST_A"], cwd: folder }).deliver(
    alert,
    signal,
    newThread,
  );
  const text = readFileSync(out, "utf8");
  expect(text.startsWith("$(touch pwned)|; exit 3|")).toBe(true);
  expect(existsSync(join(folder, "pwned"))).toBe(false);
  expect([text.includes("TESTUDO_TEST_A=shown"), text.includes("TESTUDO_TEST_B")]).toEqual([true, false]);
  delete process.env.TESTUDO_TEST_A;
  delete process.env.TESTUDO_TEST_B;
});

test("DELIV-02: 65 is a refusal for good, another code is tried again, and the end of its errors is quoted", async () => {
  await expect(script("echo 'no such ticket' >&2; exit 65").deliver(alert, signal, newThread)).rejects.toThrow(
    NoticeRefusedError,
  );
  await expect(script("printf 'busy\\033[31m' >&2; exit 4").deliver(alert, signal, newThread)).rejects.toThrow(
    /ended with 4: busy$/,
  );
});

test("DELIV-02: a script that takes too long is killed with what it has started", async () => {
  const late = join(folder, "late");
  const channel = script(`(sleep 2; touch '${late}') & wait`, { timeoutMs: 200 });
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow("took longer than 0.2 s and was killed");
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  expect(existsSync(late)).toBe(false);
});

test.each([
  ["has ended", "setsid sleep 20 & echo T-7", "T-7"],
  ["is killed", "setsid sleep 20 & sleep 20", "took longer than 0.3 s and was killed"],
])(
  "DELIV-02: a script that %s is waited for no longer, though what it has started holds its output",
  async (_, body, end) => {
    const start = performance.now();
    const ended = await script(body, { timeoutMs: 300 })
      .deliver(alert, signal, newThread)
      .then(
        (receipt) => receipt?.root,
        (error: unknown) => String(error),
      );
    expect(ended).toContain(end);
    expect(performance.now() - start).toBeLessThan(15_000);
  },
);

test("error: a script that is not there needs a person", async () => {
  const channel = scriptChannel({ name: "script", command: [join(folder, "none")] });
  await expect(channel.deliver(alert, signal, newThread)).rejects.toMatchObject({
    needsPerson: true,
    message: expect.stringContaining("ENOENT"),
  });
});

test("behavior: a script that reads and prints more than anybody wants is not held up", async () => {
  const channel = script("cat > /dev/null; head -c 3000000 /dev/zero; exit 0");
  expect((await channel.deliver(alert, signal, newThread))?.said).toBe("exit code 0");
});
