import fc from "fast-check";
import { expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, frame, holdings, runDetector, transferLog } from "../model/detectorCase.testkit.ts";
import { detectOutflow } from "./detectOutflow.ts";

const [vault, user, usd, eth] = [addr(0x1001), addr(0xbad), addr(0x701), addr(0x702)];
const use = useDetector(detectOutflow);

/** The vault's balance of `usd` goes from one figure to the next, one block every `seconds`. */
const balances = (figures: readonly bigint[], seconds = 12): CaseBlock[] =>
  figures.slice(1).map((after, i) => {
    const before = figures[i]!;
    const log =
      after < before ? transferLog(usd, vault, user, before - after) : transferLog(usd, user, vault, after - before);
    return {
      timestamp: 1_700_000_000 + i * seconds,
      txs: [{ from: user, to: vault, logs: [log], trace: frame({ from: user, to: vault }) }],
      state: holdings([[vault, usd, before, after]]),
    };
  });
const run = (blocks: readonly CaseBlock[]) => runDetector(use, [vault], blocks).flat();

test("many small withdrawals within the hour add up", () => {
  const figures = [1000n, 950n, 900n, 850n, 800n, 750n, 700n, 650n, 640n];
  const found = run(balances(figures));
  expect(found[0]).toMatchObject({
    severity: "high",
    subject: vault,
    key: [usd, "3600"],
    evidence: { netOut: 350n, heldAtStart: 1000n, share: 0.35 },
  });
  expect(run(balances(figures.slice(0, 7)))).toEqual([]);
});

test("the same withdrawals over many hours are told by the day only", () => {
  const slow = run(balances([1000n, 850n, 700n, 550n, 400n], 4_000));
  expect(slow.map((f) => f.key[1])).toEqual(["86400"]);
});

test("money that came in before is netted", () => {
  expect(run(balances([100n, 1100n, 100n]))).toEqual([]);
});

test("an outflow that was paid for with other held assets is medium", () => {
  const block: CaseBlock = {
    timestamp: 1_700_000_000,
    txs: [
      {
        from: user,
        to: vault,
        logs: [transferLog(usd, vault, user, 50n), transferLog(eth, user, vault, 30n)],
        trace: frame({ from: user, to: vault }),
      },
    ],
    state: holdings([
      [vault, usd, 100n, 50n],
      [vault, eth, 50n, 80n],
    ]),
  };
  expect(run([block]).map((f) => f.severity)).toEqual(["medium", "medium"]);
  const junkPaid: CaseBlock = {
    ...block,
    state: holdings([
      [vault, usd, 100n, 50n],
      [vault, eth, 0n, 30n],
    ]),
  };
  expect(run([junkPaid]).map((f) => f.severity)).toEqual(["high", "high"]);
});

test("events of a token that did not move count nothing, and without state nothing is said", () => {
  const forged: CaseBlock = {
    txs: [{ from: user, to: usd, logs: [transferLog(usd, vault, user, 90n)] }],
    state: holdings([[vault, usd, 100n, 100n]]),
  };
  expect(run([forged])).toEqual([]);
  expect(run([{ ...balances([100n, 0n])[0]!, has: ["L", "X"] }])).toEqual([]);
});

test("a thousand new tokens sent in do not fill the memory, and a loss of a later one is seen", () => {
  const small = useDetector(detectOutflow, { maxAssets: 3 });
  const spam = Array.from(
    { length: 10 },
    (_, i): CaseBlock => ({
      txs: [{ from: user, to: addr(0x800 + i), logs: [transferLog(addr(0x800 + i), user, vault, 1n)] }],
      state: holdings([[vault, addr(0x800 + i), 0n, 1n]]),
    }),
  );
  const cells = new Map();
  const found = runDetector(small, [vault], [...spam, ...balances([100n, 10n])], cells).flat();
  expect(cells.get(`outflow/assets:${vault}`)).toHaveLength(4);
  expect(found.some((f) => f.key[0] === usd)).toBe(true);
});

test("tells exactly when the net outflow within the hour reaches 35 % of the start", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 }), (steps) => {
      const figures = [1000n];
      for (const s of steps) figures.push(figures.at(-1)! - (figures.at(-1)! > BigInt(s) ? BigInt(s) : 0n));
      const moved = figures.filter((f, i) => i === 0 || f !== figures[i - 1]);
      fc.pre(moved.length > 1);
      const lost = 1000n - moved.at(-1)!;
      expect(run(balances(moved)).some((f) => f.key[1] === "3600")).toBe(lost * 100n >= 35_000n);
    }),
    { numRuns: 100 },
  );
});
