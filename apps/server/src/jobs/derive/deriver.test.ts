import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeriveRequest } from "@testudo/core/model/Derivation";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Policy } from "@testudo/core/model/Policy";
import { afterAll, expect, test } from "vitest";

// The worker runs what was built.
const { openDeriver } = (await import(new URL("../../../dist/jobs/derive/deriver.js", import.meta.url).href)) as {
  openDeriver: typeof import("./deriver.ts").openDeriver;
};

const folder = mkdtempSync(join(tmpdir(), "testudo-deriver-"));
afterAll(() => rmSync(folder, { recursive: true }));

const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const address = (value: number): Hex => `0x${value.toString(16).padStart(40, "0")}`;
const derived = { permissions: [], aDay: 4, leastHonest: 3, lookBackBlocks: 10, budgetMs: 20_000 };
const policy: Policy = {
  id: word(1),
  expiresAt: 2n ** 40n,
  permissions: [],
  minSeverity: "high",
  guardians: [],
  quorum: 1,
  council: address(1),
  breaker: address(2),
  coolOffSeconds: 0,
  deadlineSeconds: 60,
  canaries: [],
  rules: { program: address(3), permissions: [], atOnce: 1, derived },
};
const request = (id: number): DeriveRequest => ({
  ...{ id: word(id), incident: word(90), decision: word(91), playbook: "derive", target: address(id) },
  ...{ durationSeconds: 60, anomaly: word(92), damage: word(93), attack: [word(94)], blocks: [word(95)] },
});

test("LAB-22: searches that come together are all answered, one after the other, where the node is gone too", async () => {
  const told: Extract<Input, { kind: "derived" }>[] = [];
  const tell = (input: Input) => void (input.kind === "derived" && told.push(input));
  // Nobody listens on the discard port.
  const deriver = openDeriver({ urls: ["http://127.0.0.1:9"], policy, watched: [], dataDir: folder, tell });
  for (const id of [11, 12, 13]) deriver.add(request(id));
  await expect.poll(() => told.length, { timeout: 120_000 }).toBe(3);
  await deriver.close();
  expect(told.map((input) => input.request)).toEqual([word(11), word(12), word(13)]);
  for (const { derived: answer } of told) {
    expect(answer.rule).toBeUndefined();
    expect(answer.note).toContain("127.0.0.1:9");
  }
  expect(existsSync(join(folder, "derived"))).toBe(false);
});
