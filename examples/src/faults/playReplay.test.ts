import { beforeAll, expect, test } from "vitest";
import { faultsOfReplay, playReplay, type ReplayReport } from "./playReplay.ts";

// The long run, 200 kills over 500 blocks with 20 reorgs, is `npm run soak -- --only replay`.
const kills = 6;
let report: ReplayReport;

beforeAll(async () => {
  report = await playReplay({ seed: 7, blocks: 44, reorgs: 3, kills });
});

test("FIND-07: who is killed during a replay with reorgs leaves the outbox, and the memory, of who is not", () => {
  expect(report.killed.starts).toBe(kills + 1);
  expect(faultsOfReplay(report)).toEqual([]);
  const says = report.whole.rows.map((row) => row.split(" ").slice(2).join(" "));
  expect(says.length).toBeGreaterThan(5);
  // One payment is told, taken back and told again: the reorgs took something away.
  expect(new Set(says).size).toBeLessThan(says.length);
  expect(report.whole.memory.size).toBeGreaterThan(5);
});

test("behavior: a row too many or too few, one that nobody received and another memory are seen", () => {
  const { killed } = report;
  const changed = (more: Partial<typeof killed>) => faultsOfReplay({ ...report, killed: { ...killed, ...more } });
  expect(changed({ rows: killed.rows.slice(1) })).toHaveLength(1);
  expect(changed({ rows: [...killed.rows, killed.rows[0]!] })).toHaveLength(1);
  expect(changed({ accepted: new Set() })).toHaveLength(1);
  expect(changed({ memory: new Map() })).toHaveLength(report.whole.memory.size);
  expect(changed({ storeFault: "torn" })).toEqual(["killed: torn"]);
});
