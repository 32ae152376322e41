import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("EVM-08: a soak with a record goes on where the last one ended, until both had their time of the processor", async () => {
  const record = join(mkdtempSync(join(tmpdir(), "testudo-soak-")), "soak.json");
  const soak = async (minutes: number) => {
    const said: string[] = [];
    expect(await soakEvm({ minutes, seed: 5, record, say: (text: string) => said.push(text) })).toBe(0);
    return said.join("\n");
  };
  await soak(0.02);
  const first = JSON.parse(readFileSync(record, "utf8")).sittings[0];
  expect(first).toMatchObject({ seed: 5, runs: expect.any(Number) });
  expect(first.minutes).toBeGreaterThanOrEqual(0.02);
  const text = await soak(first.minutes + 0.02);
  expect(text).toContain(`min: seeds ${first.next} to `);
  const { sittings } = JSON.parse(readFileSync(record, "utf8"));
  expect(sittings).toHaveLength(2);
  expect(sittings[0]).toEqual(first);
  expect(sittings[1].minutes).toBeLessThan(first.minutes + 0.02);
});

test.each([
  ["{", "is no record of a soak"],
  [
    '{"engine":"00","sittings":[{"from":"2026-11-30","seed":5,"next":6,"minutes":"9","runs":1,"compared":0}]}',
    "is no record of a soak",
  ],
  ['{"engine":"00","sittings":[]}', "is of another build of the engine"],
])("EVM-08: a soak goes on with no record that is not of this engine: %s", async (text, why) => {
  const record = join(mkdtempSync(join(tmpdir(), "testudo-soak-")), "soak.json");
  writeFileSync(record, text);
  await expect(soakEvm({ minutes: 1, seed: 5, record, say: () => {} })).rejects.toThrow(why);
  expect(readFileSync(record, "utf8")).toBe(text);
});
