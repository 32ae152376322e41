// Writes contracts/test/vectors/parameterMove.json from the built twins: `node scripts/vectors/parameterMove.mjs`. The same
// file each time.
import { isLiquidatableWithin, isPriceMoveWithin } from "../../packages/core/dist/risk/parameterMove.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0017n);
const most = (1n << 200n) - 1n;
const bps = 10_000n;
const oneOf = (values) => values[random.between(0n, BigInt(values.length) - 1n)];
const anyBps = () => oneOf([0n, 1n, 9_999n, 10_000n, 65_535n, random.between(0n, 10_000n)]);
const atLeastZero = (x) => (x < 0n ? 0n : x);

function price() {
  const [before, max] = [oneOf([0n, 1n, random.logBetween(1n, most), random.logBetween(1n, most)]), anyBps()];
  const move = (before * max) / bps;
  const near = [before + move, before + move + 1n, before - move, before - move - 1n, random.logBetween(0n, most)];
  const after = atLeastZero(oneOf(near));
  return [before, after, max, isPriceMoveWithin(before, after, max) ? 1n : 0n];
}

function part() {
  const total = random.logBetween(0n, most);
  const [before, max] = [random.between(0n, total), anyBps()];
  const more = (total * max) / bps;
  const after = oneOf([before, atLeastZero(before - 1n), before + more, before + more + 1n, random.between(0n, total)]);
  return [before, after, total, max, isLiquidatableWithin(before, after, total, max) ? 1n : 0n];
}

publish(
  "parameterMove",
  writeRows({
    prices: { columns: ["before", "after", "maxMoveBps", "holds"], rows: Array.from({ length: 80 }, price) },
    liquidatable: {
      columns: ["before", "after", "total", "maxPartBps", "holds"],
      rows: Array.from({ length: 80 }, part),
    },
  }),
);
