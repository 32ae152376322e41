import { expect, test } from "vitest";
import { openReadTime } from "./ReadTime.ts";

const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

test("PRE-08: however often something is asked about a pending transaction, blocks wait no longer than once", async () => {
  const time = openReadTime(400);
  const startMs = performance.now();
  const told: (number | undefined)[] = [];
  for (let i = 0; i < 12; i += 1) told.push(await time.spend(() => after(150, i)));
  expect(told).toEqual([0, 1, ...Array(10).fill(undefined)]);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test("behavior: what is answered at once costs nothing, and what rejects rejects", async () => {
  const time = openReadTime(200);
  for (let i = 0; i < 100; i += 1) expect(await time.spend(async () => i)).toBe(i);
  await expect(time.spend(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});
