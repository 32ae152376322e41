// Real threads that hoard. Node 20 cannot be asked what a thread holds: there V8's own limit stands, which not all forms respect.
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { startBounded } from "./startBounded.ts";

const canAsk = "getHeapStatistics" in Worker.prototype;
const scriptOf = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const bounds = { heapMb: 64, outsideMb: 64 };

/** What is told of the thread's death, and how often. */
async function deathOf(text: string): Promise<readonly string[]> {
  const told: string[] = [];
  const worker = startBounded(scriptOf(text), {}, bounds);
  worker.on("error", (error) => told.push(error.message));
  await new Promise((resolve) => worker.once("exit", resolve));
  return told;
}

const large = "a piece of it may be larger than what V8 has in reserve, and then the process ends";

/** `needsAsking` says why V8's limit alone does not end it. */
const forms: readonly { readonly name: string; readonly text: string; readonly needsAsking?: string }[] = [
  { name: "objects", text: "for (let all, i = 0; ; i++) all = { all, of: [i] }" },
  { name: "an array of numbers that grows", text: "for (const all = []; ; ) all.push(1.5)", needsAsking: large },
  { name: "strings", text: "const all = []; for (let i = 0; ; i++) all.push('x'.repeat(1_000) + i)" },
  { name: "a map", text: "const all = new Map(); for (let i = 0; ; i++) all.set(i, { i })", needsAsking: large },
  {
    name: "spread into an array twice as long",
    text: "let all = [1]; for (;;) all = [...all, ...all]",
    needsAsking: large,
  },
  {
    name: "JSON written and read",
    text: "let all = {}; for (;;) all = { a: JSON.parse(JSON.stringify([all, all])) }",
  },
  {
    name: "bytes",
    text: "for (const all = []; ; ) all.push(new Uint8Array(1e6).fill(1))",
    needsAsking: "they lie beside the heap, of which V8 has no limit",
  },
];

for (const { name, text, needsAsking } of forms)
  test.skipIf(needsAsking !== undefined && !canAsk)(
    `PRE-08: a thread that hoards ${name} ends, with the reason, and not the process`,
    async () => {
      const where = name === "bytes" ? " beside its heap" : "";
      expect(await deathOf(text)).toEqual([`it took more than 64 MiB of memory${where}`]);
    },
  );

test("PRE-08: a thread that lets go again of what it takes lives on, however much it takes in all", async () => {
  // 40 MiB kept, a piece of it replaced at a time: V8 left to itself lets such a heap grow to several times of that.
  const text = `import { parentPort } from "node:worker_threads";
    const piece = (n) => Array.from({ length: 1_000 }, (_, i) => ({ i, b: [n, i] }));
    const kept = Array.from({ length: 200 }, (_, n) => piece(n));
    for (let n = 0; n < 30_000; n++) kept[(n * 7) % 200] = piece(n);
    parentPort.postMessage(kept.length);`;
  const worker = startBounded(scriptOf(text), {}, bounds);
  const said = await Promise.race([
    new Promise((resolve) => worker.once("message", resolve)),
    new Promise((resolve) => worker.once("error", resolve)),
  ]);
  expect(said).toBe(200);
  await worker.terminate();
});
