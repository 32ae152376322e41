import { afterAll, expect, test } from "vitest";
import type { VennDesk } from "./openVennDesk.ts";
import type { VennRequest } from "./vennRequest.ts";

// The thread runs what was built.
const { openVennDesk } = (await import(new URL("../../dist/detect/openVennDesk.js", import.meta.url).href)) as {
  openVennDesk: () => VennDesk;
};
const desk = openVennDesk();
afterAll(() => desk.close());

const addr = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;
const word = (hex: string) => hex.slice(2).padStart(64, "0");
const [sender, contract] = [addr(1), addr(2)];
/** A token of each number is pulled from a holder of its own. */
const pull = (i: number) => ({
  from: contract,
  to: addr(0x10_0000 + i),
  input: `0x23b872dd${word(addr(0x20_0000 + i))}${word(contract)}${word("0xde0b6b3a7640000")}`,
  calls: [],
});
const request = (trace: unknown): VennRequest => ({
  chainId: 1,
  hash: `0x${"a".repeat(64)}`,
  trace: trace as VennRequest["trace"],
});
const tree = (calls: readonly unknown[]) => ({ from: sender, to: contract, input: "0x11", calls });

test("INT-03: the largest transaction is judged while the thread that took it goes on", async () => {
  let turns = 0;
  let isOver = false;
  const judged = desk.judge(request(tree(Array.from({ length: 9_000 }, (_, i) => pull(i))))).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise(setImmediate);
    turns += 1;
  }
  expect((await judged).detected).toBe(false);
  // On its own thread it would be a handful.
  expect(turns).toBeGreaterThan(100);
});

test("INT-03: what is no call tree is told as it is where it is judged at once", async () => {
  await expect(desk.judge(request({ ...tree([]), value: "much" }))).rejects.toMatchObject({
    name: "TraceFault",
    message: expect.stringMatching(/value.*\n- .*\n- /s),
  });
});

test("INT-03: a request that nests too deep to be passed on is refused, and the next one is judged", async () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  const refused = expect.objectContaining({ name: "TraceFault", message: expect.stringContaining("nests too deep") });
  await expect(desk.judge({ ...request(tree([])), additionalData: { deep } })).rejects.toEqual(refused);
  await expect(desk.judge(request({ ...tree([]), deep }))).rejects.toEqual(refused);
  expect((await desk.judge(request(tree([])))).detected).toBe(false);
});

test("INT-03: a request whose answer nests too deep to be read is refused at once", async () => {
  const deep = JSON.parse("[".repeat(2_500) + "]".repeat(2_500));
  const refused = expect.objectContaining({ name: "TraceFault", message: expect.stringContaining("nests too deep") });
  await expect(desk.judge({ ...request(tree([])), additionalData: { deep } })).rejects.toEqual(refused);
  expect((await desk.judge(request(tree([])))).detected).toBe(false);
});

test("INT-03: what is not judged is told, and is no silence", async () => {
  const closed = openVennDesk();
  await closed.close();
  await expect(closed.judge(request(tree([])))).rejects.toThrow("was not judged: the server ends");
});
