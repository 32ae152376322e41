import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  absorbFlow,
  drawCredit,
  fillFlow,
  flowCapDown,
  flowLevelUp,
  isTripLevel,
  keptCapDown,
  laggedBalance,
  slowFlowLevelUp,
} from "./FlowBucket.ts";

const path = new URL("../../../../contracts/test/vectors/flow.json", import.meta.url);
const columns: Record<string, readonly string[]> = JSON.parse(readFileSync(path, "utf8"));
const rows = columns.capAbs!.map((_, i) =>
  Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, BigInt(values[i]!)])),
) as Record<string, bigint>[];

/** What the contract holds for the same row. */
function recompute(r: Record<string, bigint>): Record<string, bigint> {
  const of = (key: string) => r[key]!;
  const keptCap = keptCapDown(of("capAbs"));
  const snapshot = { old: of("old"), young: of("young"), takenAt: of("takenAt") };
  const lagged = laggedBalance(snapshot, of("window"), of("now"));
  const bucket = { used: of("used"), part: of("part"), last: of("last"), cap: keptCap, window: of("window") };
  const level = flowLevelUp(bucket, of("now"));
  const slow = slowFlowLevelUp(bucket, of("now"));
  const { unpaid, left } = drawCredit(of("amount"), of("credit"));
  const filled = fillFlow(unpaid, level, keptCap);
  const absorbed = absorbFlow(of("amount"), of("credit"), level);
  return {
    keptCap,
    lagged,
    laggedCap: flowCapDown(keptCap, of("capBps"), lagged),
    cap: flowCapDown(keptCap, of("capBps"), of("tvl") < lagged ? of("tvl") : lagged),
    level,
    slowLevel: slow.level,
    slowPart: slow.part,
    unpaid,
    left,
    filledLevel: filled.level,
    over: filled.over,
    absorbedLevel: absorbed.level,
    absorbedCredit: absorbed.credit,
    trips: isTripLevel(level, keptCap, of("tripBps")) ? 1n : 0n,
  };
}

test("FLOW-11: every row of the shared vectors holds", () => {
  expect(rows.length).toBe(320);
  for (const row of rows) expect(row).toMatchObject(recompute(row));
});

test("FLOW-11: figures by hand: a bucket of 1,000 a day, full, an hour later", () => {
  const bucket = { used: 1_000n, last: 0n, cap: 1_000n, window: 86_400n };
  // 1,000 * 3,600 / 86,400 = 41.67 leaks, rounded down.
  expect(flowLevelUp(bucket, 3_600n)).toBe(959n);
  expect(fillFlow(100n, 959n, 1_000n)).toEqual({ level: 1_000n, over: 59n });
  expect(absorbFlow(1_000n, 5n, 959n)).toEqual({ level: 0n, credit: 46n });
  expect(flowLevelUp(bucket, 86_400n)).toBe(0n);
  expect(flowCapDown(1_000n, 250n, 39_999n)).toBe(999n);
});

const anyCap = fc.bigInt(1n, 2n ** 120n - 1n);
const anyWindow = fc.bigInt(1n, 2_592_000n);
const anyStep = fc.record({
  wait: fc.oneof(fc.constant(0n), fc.bigInt(0n, 86_400n)),
  amount: fc.bigInt(0n, 2n ** 120n),
  inward: fc.boolean(),
});

test("FLOW-01: between any two transactions the net outflow is at most cap + cap * t / window", () => {
  fc.assert(
    fc.property(anyCap, anyWindow, fc.array(anyStep, { maxLength: 24 }), (cap, window, steps) => {
      let bucket = { used: 0n, last: 0n, cap, window };
      let now = 0n;
      let net = 0n;
      const marks = [{ now, net }];
      for (const { wait, amount, inward } of steps) {
        now += wait;
        const level = flowLevelUp(bucket, now);
        const after = inward ? absorbFlow(amount % (cap + 1n), 0n, level) : fillFlow(amount, level, cap);
        bucket = { ...bucket, used: after.level, last: now };
        net += inward ? -(amount % (cap + 1n)) : after.level - level;
        marks.push({ now, net });
        for (const mark of marks) expect((net - mark.net) * window <= cap * window + cap * (now - mark.now)).toBe(true);
      }
    }),
  );
});

test("FLOW-12: a unit in and out every block keeps a slow bucket's level up by one at most", () => {
  const window = 86_400n;
  fc.assert(
    fc.property(fc.bigInt(1n, 1_000n * window - 1n), fc.bigInt(1n, 60n), (cap, gap) => {
      let bucket = { used: cap, part: 0n, last: 0n, cap, window };
      for (let now = gap; now <= 100n * gap; now += gap) {
        const { level, part } = slowFlowLevelUp(bucket, now);
        const used = absorbFlow(1n, 0n, level).level + 1n;
        bucket = { ...bucket, used, part: level <= 1n ? 0n : part, last: now };
      }
      const without = flowLevelUp({ used: cap, last: 0n, cap, window }, 100n * gap);
      expect([without, without + 1n]).toContain(bucket.used);
    }),
  );
});

test("FLOW-02: a deposit and a withdrawal of the same amount leave the level as it was", () => {
  fc.assert(
    fc.property(anyCap, fc.bigInt(0n, 2n ** 256n - 1n), fc.bigInt(0n, 2n ** 120n), (cap, amount, some) => {
      const level = some % (cap + 1n);
      const after = absorbFlow(amount, 0n, level);
      const { unpaid, left } = drawCredit(amount, after.credit);
      expect(fillFlow(unpaid, after.level, cap)).toEqual({ level, over: 0n });
      expect(left).toBe(0n);
    }),
  );
});

test("FLOW-10: a cap is kept to its 60 leading bits, and round figures exactly", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 120n - 1n), (cap) => {
      const kept = keptCapDown(cap);
      expect(kept <= cap && cap - kept <= cap >> 59n).toBe(true);
      expect(keptCapDown(kept)).toBe(kept);
    }),
  );
  expect(keptCapDown(1_000n * 10n ** 18n)).toBe(1_000n * 10n ** 18n);
  expect(keptCapDown(2n ** 128n - 1n)).toBe(2n ** 120n - 2n ** 60n);
});
