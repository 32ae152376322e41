import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as pause from "./PauseBudget.ts";

const hour = 3_600n;
const start = 1_800_000_000n;
const fresh: pause.PauseBudget = { until: 0n, paidUntil: 0n, settledAt: start, fastSpent: 0n, haltSpent: 0n };
const path = new URL("../../../../contracts/test/vectors/pauseBudget.json", import.meta.url);
const { steps } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly steps: { readonly rows: readonly (readonly string[])[] };
};

test("BREAKER-04: every step of the shared vectors is what the twin computes", () => {
  expect(steps.rows.length).toBe(384);
  let budget = fresh;
  for (const row of steps.rows) {
    const [isFresh, kind, now, until, ...want] = row.map(BigInt) as [bigint, bigint, bigint, bigint, ...bigint[]];
    const settled = pause.settlePause(isFresh === 1n ? fresh : budget, now);
    budget = settled;
    if (kind < 2n) budget = pause.chargeFast(settled, until);
    else if (kind === 2n) budget = pause.chargeHalt(settled, until);
    else budget = { ...settled, until: 0n, paidUntil: 0n };
    if ((kind === 0n || kind === 2n) && until > budget.until) budget = { ...budget, until };
    expect([
      ...[pause.fastLeftDown(settled), pause.programLeftDown(settled), pause.haltLeftDown(settled)],
      ...[pause.fastReach(settled), pause.programReach(settled), pause.haltReach(settled)],
      ...[budget.until, budget.paidUntil],
      ...[budget.fastSpent, budget.haltSpent].map((spent) => (spent * 60n) / pause.pauseWindow),
    ]).toEqual(want);
  }
});

test("BREAKER-04: figures by hand: a pause of 72 h leaves 12 h, and a day gives 2 h 48 min back", () => {
  const after = pause.chargeFast(fresh, start + 72n * hour);
  expect(pause.fastLeftDown(after)).toBe(12n * hour);
  expect(pause.programLeftDown(after)).toBe(0n);
  expect(pause.fastReach(after)).toBe(start + 84n * hour);
  const next = pause.settlePause(after, start + 24n * hour);
  // 84 h / 30 a day.
  expect(pause.fastLeftDown(next)).toBe(12n * hour + 10_080n);
  // Behind the pause the halt budget has 24 h, less what it would refill in the 48 h until then: 48 / 30 h.
  const paused = { ...next, until: start + 72n * hour };
  expect(pause.haltReach(paused)).toBe(start + 72n * hour + 24n * hour - 5_760n);
  expect(pause.settlePause(after, start + pause.pauseWindow).fastSpent).toBe(0n);
});

test("BREAKER-04: what is paid twice counts once, and nothing is charged for the past", () => {
  const after = pause.chargeFast(fresh, start + hour);
  expect(pause.chargeFast(after, start + hour)).toBe(after);
  expect(pause.chargeHalt(after, start + hour)).toBe(after);
  expect(pause.chargeFast(after, start + hour + 1n).fastSpent).toBe((hour + 1n) * pause.pauseWindow);
});

const anyStep = fc.record({
  wait: fc.oneof(fc.constantFrom(0n, 72n * hour), fc.bigInt(0n, 200n * hour)),
  halts: fc.boolean(),
  part: fc.oneof(fc.constant(1_000n), fc.bigInt(0n, 1_000n)),
});
type Paid = { readonly from: bigint; readonly to: bigint };

/** The most seconds of `paid` within any 30 days, which begin or end where one of them does. */
function mostIn30Days(paid: readonly Paid[]): bigint {
  const begins = paid.flatMap(({ from, to }) => [from, to - pause.pauseWindow]);
  const within = (begin: bigint) =>
    paid.reduce((sum, { from, to }) => {
      const end = begin + pause.pauseWindow;
      const time = (to < end ? to : end) - (from > begin ? from : begin);
      return time > 0n ? sum + time : sum;
    }, 0n);
  return begins.map(within).reduce((a, b) => (a > b ? a : b), 0n);
}

test("BREAKER-04: any 30 days hold at most 168 h of fast pause and 48 h of halt", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 40 }), (path) => {
      let budget = fresh;
      const paid: { fast: Paid[]; halt: Paid[] } = { fast: [], halt: [] };
      for (const { wait, halts, part } of path) {
        budget = pause.settlePause(budget, budget.settledAt + wait);
        const paidTo = budget.settledAt > budget.paidUntil ? budget.settledAt : budget.paidUntil;
        const from = halts && budget.until > paidTo ? budget.until : paidTo;
        const reach = halts ? pause.haltReach(budget) : pause.fastReach(budget);
        const until = from + ((reach - from) * part) / 1_000n;
        budget = halts ? pause.chargeHalt(budget, until) : pause.chargeFast(budget, until);
        if (until > budget.until) budget = { ...budget, until };
        (halts ? paid.halt : paid.fast).push({ from, to: until });
        expect(budget.fastSpent <= pause.fastCapacity * pause.pauseWindow).toBe(true);
        expect(budget.haltSpent <= pause.haltCapacity * pause.pauseWindow).toBe(true);
      }
      expect(mostIn30Days(paid.fast) <= 168n * hour).toBe(true);
      expect(mostIn30Days(paid.halt) <= 48n * hour).toBe(true);
    }),
  );
});
