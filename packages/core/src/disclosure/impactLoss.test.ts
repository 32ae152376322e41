import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { collateralLook, impactLoss, lossBucket, markLook, solvencyLook } from "./impactLoss.ts";

type Table = { readonly rows: readonly (readonly string[])[] };
const path = new URL("../../../../contracts/test/vectors/impactLoss.json", import.meta.url);
const { looks, losses } = JSON.parse(readFileSync(path, "utf8")) as Record<"looks" | "losses", Table>;
const signed = (word: string) => BigInt.asIntN(256, BigInt(word));
const look = (holds: bigint, level: bigint) => ({ holds: holds === 1n, level });

test("COL-68: every look of the shared vectors is what the twin computes", () => {
  expect(looks.rows.length).toBe(80);
  for (const row of looks.rows) {
    const [a, b, band, worth, ...want] = row.map(signed) as [bigint, bigint, bigint, bigint, ...bigint[]];
    const [short, shortLevel, marked, markedLevel] = want as [bigint, bigint, bigint, bigint];
    expect(solvencyLook(a, b)).toEqual(look(short, shortLevel));
    expect(collateralLook(b, a)).toEqual(look(short, shortLevel));
    expect(markLook(a, b, band, worth)).toEqual(look(marked, markedLevel));
  }
});

test("COL-68: every loss and bucket of the shared vectors is what the twin computes", () => {
  expect(losses.rows.length).toBe(80);
  for (const row of losses.rows) {
    const [before, holds, after, first, second, third, loss, reached] = row.map(signed) as [
      ...[bigint, bigint, bigint, bigint],
      ...[bigint, bigint, bigint, bigint],
    ];
    const buckets = [first, second, third].map((lossLowerBound, i) => ({ lossLowerBound, severity: BigInt(i + 1) }));
    expect(impactLoss(look(1n, before), look(holds, after))).toBe(loss);
    expect(lossBucket(loss, buckets)?.severity ?? 0n).toBe(reached);
  }
});

test("CLAIM-02: what a protocol had to spare is no loss, nor is a gain or what a held invariant costs", () => {
  expect(impactLoss(solvencyLook(900n, 500n), solvencyLook(490n, 500n))).toBe(10n);
  expect(impactLoss(markLook(100n, 100n, 50n, 7n), markLook(101n, 100n, 50n, 9n))).toBe(0n);
  expect(impactLoss(markLook(100n, 100n, 50n, 7n), markLook(101n, 100n, 100n, 1n))).toBe(0n);
  expect(impactLoss(markLook(100n, 100n, 50n, 7n), markLook(101n, 100n, 99n, 1n))).toBe(6n);
  expect(collateralLook(5n, 5n)).toEqual({ holds: true, level: 0n });
});
