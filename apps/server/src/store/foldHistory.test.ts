import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import { expect, test } from "vitest";
import { foldHistory } from "./foldHistory.ts";
import type { FindingView } from "./listViews.ts";

function settled(seq: number, change: Partial<Finding>): FindingView {
  const finding = {
    id: `0x${seq}`,
    detector: "drain",
    class: "anomaly",
    blockNumber: 9n,
    timestamp: 10_000n,
    ...change,
  };
  const status = { chain: "confirmed", work: "resolved", resolution: "true-positive" } as FindingStatus;
  return { seq, finding: finding as Finding, status } as FindingView;
}

test("CAL-03: an incident is cut out, and no trouble of ours, which we settle ourselves", () => {
  const views = [settled(2, { detector: "self-health", class: "health", timestamp: 90_000n }), settled(1, {})];
  expect(foldHistory(views, []).cuts).toEqual([
    { from: 6_400n, to: 13_600n, reason: "drain in block 9, a true positive" },
  ]);
});
