import type { Finding } from "@testudo/core/model/Finding";
import { describe, expect, test } from "vitest";
import { emptyCounts } from "../mainnet/replayCounts.ts";
import { addJudged, emptyJudgedCounts, rateNotExcluded } from "./judgedCounts.ts";
import type { JudgedBlock } from "./judgeRecordedBlock.ts";

const tx = `0x${"11".repeat(32)}` as const;
const [pool, token] = [`0x${"aa".repeat(20)}`, `0x${"bb".repeat(20)}`] as const;

function findingOf(severity: Finding["severity"], detector: string): Finding {
  return { severity, detector, subject: pool, txHash: tx, reason: "test" } as unknown as Finding;
}

const block: JudgedBlock = {
  number: 7n,
  counts: { ...emptyCounts(), transactions: 3, judged: 2, skipped: { "missing-code": 1 } },
  units: [
    { tx, subject: pool, isDirect: true, hasOutflow: true },
    { tx, subject: token, isDirect: false, hasOutflow: false },
  ],
  findings: [findingOf("critical", "asset-drain"), findingOf("high", "outflow"), findingOf("high", "outflow")],
};

describe("counts of judged blocks", () => {
  test("add up, and a critical finding is listed with its transaction", () => {
    expect(addJudged(addJudged(emptyJudgedCounts(), block), { ...block, findings: [] })).toEqual({
      ...emptyCounts(),
      blocks: 2,
      transactions: 6,
      judged: 4,
      skipped: { "missing-code": 2 },
      units: { total: 4, direct: 2, withOutflow: 2 },
      touching: 2,
      watchers: 4,
      findings: { critical: { "asset-drain": 1 }, high: { outflow: 2 } },
      falseCriticals: [{ block: 7, tx, subject: pool, detector: "asset-drain", reason: "test" }],
    });
  });

  test("EVAL-07: the rate that is not excluded is the 95 % bound of Clopper and Pearson", () => {
    expect(rateNotExcluded(0, 3445)).toBeCloseTo(1 - 0.05 ** (1 / 3445), 9);
    expect(rateNotExcluded(0, 3445)).toBeCloseTo(0.00087, 5);
    // Table value for 2 of 100.
    expect(rateNotExcluded(2, 100)).toBeCloseTo(0.0616, 4);
    expect(rateNotExcluded(5, 5)).toBe(1);
  });
});
