// Real threads, which carry out what the built half of this serves.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { openPatientWorker, type PatientWorker, type PatientWorkerOptions } from "./patientWorker.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-thread-"));
const script = pathToFileURL(join(folder, "thread.mjs"));
const built = new URL("../../../dist/jobs/thread/serveOrders.js", import.meta.url).href;
writeFileSync(
  script,
  `import { serveOrders } from ${JSON.stringify(built)};
  const until = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  let served = 0;
  serveOrders(async ({ spins = 0, asks = [], throws, exits, grows, returns }, ask) => {
    served += 1;
    until(spins);
    if (throws) throw Object.assign(new Error(throws + "\\n- more"), { name: "Refusal" });
    if (exits) process.exit(3);
    for (const all = []; grows;) all.push("x".repeat(1 << 20).split(""));
    const answers = [];
    for (const asked of asks) { answers.push(await ask(asked)); until(spins); }
    return { served, answers, returns };
  });`,
);
afterAll(() => rmSync(folder, { recursive: true }));

interface Order {
  readonly spins?: number;
  readonly asks?: readonly unknown[];
  readonly throws?: string;
  readonly exits?: boolean;
  readonly grows?: boolean;
  readonly returns?: unknown;
}
type Opened = PatientWorker<Order, { readonly served: number; readonly answers: readonly unknown[] }>;

let worker: Opened | undefined;
const open = (options: Partial<PatientWorkerOptions> = {}): Opened => {
  worker = openPatientWorker({ script, ...options });
  return worker;
};
afterEach(() => worker?.close());
const after = (ms: number, value?: unknown) => new Promise((resolve) => setTimeout(resolve, ms, value));
const patience = { workMs: 2_000, waitMs: 2_000 };

test("PRE-08: orders are carried out in turn by one thread, and what one throws is told by name in a line", async () => {
  const { give } = open();
  const all = await Promise.all([give({}, patience), give({ throws: "no" }, patience), give({}, patience)]);
  expect(all).toEqual([
    { kind: "done", result: { served: 1, answers: [] } },
    { kind: "failed", why: "no", name: "Refusal" },
    { kind: "done", result: { served: 3, answers: [] } },
  ]);
});

test("PRE-08: where no thread can be had, an order is told so, and the next one tries again", async () => {
  let isThere = false;
  // Read anew with each thread, and thrown by what makes one.
  const options = {
    script,
    get workerData() {
      if (!isThere) throw new Error("EAGAIN: no thread");
      return {};
    },
  };
  worker = openPatientWorker(options);
  const lost = { kind: "lost", why: "EAGAIN: no thread" };
  expect([await worker.give({}, patience), await worker.give({}, patience)]).toEqual([lost, lost]);
  isThere = true;
  expect(await worker.give({}, patience)).toMatchObject({ kind: "done" });
});

test("PRE-08: what works longer than it may is ended within its time, and the next has a new thread", async () => {
  const { give } = open({ isAhead: true });
  await give({}, patience);
  const start = performance.now();
  const [late, next] = await Promise.all([give({ spins: 60_000 }, { workMs: 300, waitMs: 0 }), give({}, patience)]);
  expect(late).toEqual({ kind: "late" });
  expect(next).toMatchObject({ kind: "done", result: { served: 1 } });
  expect(performance.now() - start).toBeLessThan(30_000);
});

test("PRE-08: waiting for answers is no work; an answer that takes too long is refused, and the thread lives", async () => {
  const answer = (ms: unknown) => after(ms as number, "here");
  const { give } = open({ answer });
  const tight = { workMs: 1_000, waitMs: 30_000 };
  expect(await give({ asks: [800, 800] }, tight)).toMatchObject({
    kind: "done",
    result: { answers: ["here", "here"] },
  });
  expect(await give({ asks: [20_000] }, { workMs: 5_000, waitMs: 200 })).toEqual({
    kind: "failed",
    why: "its answers took longer than 200 ms.",
    name: "TimeUp",
  });
  expect(await give({}, tight)).toMatchObject({ kind: "done", result: { served: 3 } });
});

test("PRE-08: work between many answers is counted together", async () => {
  const { give } = open({ answer: () => after(20) });
  const ordered = await give({ spins: 150, asks: Array(60).fill(0) }, { workMs: 1_000, waitMs: 60_000 });
  expect(ordered).toEqual({ kind: "late" });
});

test("PRE-08: what a node refuses is told by the name of its error", async () => {
  const { give } = open({ answer: () => Promise.reject(Object.assign(new Error("gone"), { name: "RpcRefused" })) });
  expect(await give({ asks: [1] }, patience)).toEqual({ kind: "failed", why: "gone", name: "RpcRefused" });
});

test("PRE-08: a thread that ends, or grows beyond its memory, costs its own order only", async () => {
  const { give } = open({ isAhead: true });
  expect(await give({ exits: true }, patience)).toEqual({ kind: "lost", why: "the thread ended with 3" });
  expect(await give({}, patience)).toMatchObject({ kind: "done", result: { served: 1 } });
  const grown = await give({ grows: true }, { workMs: 120_000, waitMs: 0 });
  expect(grown).toEqual({ kind: "lost", why: "it took more than 1024 MiB of memory" });
  expect(await give({}, patience)).toMatchObject({ kind: "done", result: { served: 1 } });
});

test("PRE-08: closing ends what is under way at once, and nothing is carried out any more", async () => {
  const { give, close } = open();
  await give({}, patience);
  const under = give({ spins: 60_000 }, { workMs: 120_000, waitMs: 0 });
  const waiting = give({}, patience);
  await after(50);
  await close();
  expect(await Promise.all([under, waiting])).toEqual([{ kind: "closed" }, { kind: "closed" }]);
});

test("PRE-08: what nests too deep to be passed on costs its own order only, as an order and as an answer", async () => {
  const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  const { give } = open({ answer: async () => deep });
  const failed = { kind: "failed", why: expect.stringContaining("call stack") };
  expect(await give({ asks: [deep] }, patience)).toEqual({ ...failed, name: "OrderUnsent" });
  expect(await give({ asks: [1] }, patience)).toEqual({ ...failed, name: "AnswerUnsent" });
  expect(await give({}, patience)).toMatchObject({ kind: "done", result: { served: 2 } });
});

test("PRE-08: a result that nests too deep to be read costs its own order only, and at once", async () => {
  // A thread's stack is larger than the main thread's: it can write what that cannot read.
  const deep: unknown = JSON.parse("[".repeat(2_500) + "]".repeat(2_500));
  const { give } = open({ answer: async (asked) => asked });
  const long = { workMs: 60_000, waitMs: 60_000 };
  expect(await give({ returns: deep }, long)).toEqual({
    kind: "failed",
    why: expect.stringContaining("call stack"),
    name: "ResultUnread",
  });
  expect(await give({}, patience)).toMatchObject({ kind: "done" });
});

test("error: a thread that cannot start is told with the reason", async () => {
  const { give } = open({ script: pathToFileURL(join(folder, "nowhere.mjs")) });
  expect(await give({}, patience)).toEqual({ kind: "lost", why: expect.stringContaining("nowhere.mjs") });
});
