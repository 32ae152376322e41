import { expect, test } from "vitest";

// @ts-expect-error A script without types.
const { soakEvm } = await import("./soakEvm/command.mjs");

test("EVM-08: the soak stops when its time is over, and tells what it did from which seed on", async () => {
  const said: string[] = [];
  const code = await soakEvm({ minutes: 0.03, seed: 5, say: (text: string) => said.push(text) });
  expect(code).toBe(0);
  expect(said.at(-1)).toBe("All ended as it must.");
  expect(said.at(-2)).toMatch(/min: seeds 5 to \d+, [1-9]\d* runs, \d+ for want of memory, \d+ compared/);
});
