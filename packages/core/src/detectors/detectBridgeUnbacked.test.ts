import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, runDetector, word } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import type { StateAnswer } from "../model/StateRead.ts";
import { calibrateLag } from "./bridgeUnbacked/calibrateLag.ts";
import { detectBridgeUnbacked } from "./detectBridgeUnbacked.ts";

const [bridge, token, guard] = [1, 2, 3].map((n) => addr(0x1000 + n)) as Address[];
const reading = (to: Address, chainId?: number, decimals = 18) => ({
  to,
  data: "0x18160ddd",
  decimals,
  word: 0,
  ...(chainId === undefined ? {} : { chainId }),
});
const route = {
  name: "rsETH",
  subject: bridge!,
  locked: reading(bridge!),
  minted: reading(token!, 10),
  lagSeconds: 600,
};
const use = useDetector(detectBridgeUnbacked, { routes: [route] });
const start = 1_700_000_000;
const remote = { number: 5n, hash: "0x05", parentHash: "0x04", timestamp: 1n } as const;

const at = (seconds: number, locked: bigint | undefined, minted: bigint | undefined): CaseBlock => ({
  timestamp: start + seconds,
  state: (r): StateAnswer | undefined => {
    if (r.kind === "remote") {
      expect([r.chainId, r.to]).toEqual([10, token]);
      return minted === undefined
        ? { ok: false, error: "unavailable" }
        : ({ ...word(minted), ref: remote } as StateAnswer);
    }
    return locked === undefined ? undefined : word(locked);
  },
});
const run = (blocks: readonly CaseBlock[], u = use) =>
  runDetector(u, [bridge!], blocks).map((f) => f.map((x) => `${x.severity} ${x.evidence.kind}`));
/** One block each minute. */
const minutes = (count: number, locked: bigint, minted: bigint, from = 0) =>
  Array.from({ length: count }, (_, i) => at(60 * (from + i), locked, minted));

test("CAT-01: what was released without a burn, or minted without a lock, is high at once and critical after the lag (KelpDAO 2026-04)", () => {
  const forged = [...minutes(2, 1_000n, 1_000n), ...minutes(12, 700n, 1_000n, 2)];
  const told = run(forged).map(([one]) => one);
  expect(told.slice(0, 12)).toEqual([undefined, undefined, ...Array(10).fill("high excess")]);
  expect(told.slice(12)).toEqual(["critical unbacked", "critical unbacked"]);
  const found = runDetector(use, [bridge!], forged).flat().at(-1);
  expect(found).toMatchObject({
    class: "damage",
    subject: bridge,
    evidence: { locked: 700n, minted: 1_000n, excess: 300n, leastExcess: 300n, remoteBlock: 5n, remoteHash: "0x05" },
  });
});

test("CAT-01: an excess below what is told at once is critical after the lag", () => {
  expect(
    run(minutes(13, 1_000n, 1_001n))
      .flat()
      .slice(0, 1),
  ).toEqual(["critical unbacked"]);
});

describe("CAT-01 look-alikes", () => {
  test("what moves between the two readings is above for a moment only", () => {
    const busy = Array.from({ length: 40 }, (_, i) => at(30 * i, 1_000n, i % 3 === 2 ? 1_000n : 1_030n));
    expect(run(busy).flat()).toEqual([]);
  });
});

test("CAT-01 evasion: a theft that is smaller than what is always in flight", () => {
  expect(run(minutes(20, 1_000n, 990n)).flat()).toEqual([]);
});

test("sides of different decimals are compared as amounts", () => {
  const mixed = useDetector(detectBridgeUnbacked, { routes: [{ ...route, locked: reading(bridge!, undefined, 6) }] });
  const blocks = (minted: bigint) => Array.from({ length: 13 }, (_, i) => at(60 * i, 1_000_000n, minted));
  expect(run(blocks(10n ** 18n), mixed).flat()).toEqual([]);
  expect(run(blocks(10n ** 18n + 1n), mixed).flat()).toContain("critical unbacked");
});

test("what cannot be read is said, and does not count as time in which all was well", () => {
  expect(run([at(0, 1_000n, undefined), at(60, undefined, 1_000n)])).toEqual([["low unread"], ["low unread"]]);
  const gap = [...minutes(6, 1_000n, 1_001n), at(360, 1_000n, undefined), ...minutes(7, 1_000n, 1_001n, 7)];
  expect(run(gap).flat()).toContain("critical unbacked");
});

test("figures out of their bounds are high: attestors below the floor, a zero root that is accepted (Nomad 2022-08)", () => {
  const bound = (limits: object) =>
    useDetector(detectBridgeUnbacked, {
      bounds: [{ name: "attestors", subject: bridge!, reading: reading(guard!, undefined, 0), ...limits }],
    });
  const value = (n: bigint): CaseBlock => ({ state: () => word(n) });
  expect(run([value(2n), value(1n)], bound({ least: 2 }))).toEqual([[], ["high bound"]]);
  expect(run([value(0n), value(1n)], bound({ most: 0 }))).toEqual([[], ["high bound"]]);
  expect(run([{}], bound({ least: 1 }))).toEqual([["low unread"]]);
  expect(() => bound({})).toThrow("at least one of `least` and `most`");
});

test("the memory of a route is 62 slices, however long it is watched", () => {
  const cells = new Map();
  runDetector(
    use,
    [bridge!],
    Array.from({ length: 500 }, (_, i) => at(12 * i, 5n, 4n)),
    cells,
  );
  expect(cells.get("bridge-unbacked/excess:rsETH").length).toBeLessThanOrEqual(62);
});

test("a lag is calibrated to twice the 99th percentile of a hundred messages", () => {
  const delays = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(calibrateLag(delays)).toBe(198);
  expect(calibrateLag(delays.slice(1))).toBeUndefined();
});
