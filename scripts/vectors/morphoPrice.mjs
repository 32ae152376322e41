// Writes contracts/test/vectors/morphoPrice.json from the built twin: `node scripts/vectors/morphoPrice.mjs`. The same file
// each time.
import { morphoPrice, morphoScale } from "../../packages/core/dist/risk/morphoPrice.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0014n);
const statuses = ["OK", "DEGRADED", "FALLBACK", "HALTED"];
const maxPrice = (1n << 128n) - 1n;
const least = (a, b) => (a < b ? a : b);

function quote() {
  const loan = random.between(0n, 36n);
  const apart = [-19n, -18n, 0n, 18n, 19n, random.between(-18n, 18n)][random.between(0n, 5n)];
  const collateral = loan - apart < 0n ? 0n : loan - apart;
  const anchorWad = [0n, 1n, maxPrice, random.logBetween(1n, maxPrice)][random.between(0n, 3n)];
  const maxRiseBps = [0n, 1n, 500n, 65_535n, random.between(0n, 65_535n)][random.between(0n, 4n)];
  const edge = least((anchorWad * (10_000n + maxRiseBps)) / 10_000n, maxPrice - 1n);
  const wad = [edge, edge + 1n, anchorWad, 1n, random.logBetween(1n, maxPrice)][random.between(0n, 4n)];
  // Half of them DEGRADED, where the rise counts.
  const status = [0n, 1n, 1n, 1n, 2n, 3n][random.between(0n, 5n)];
  const scale = morphoScale(loan, collateral);
  const price =
    scale === undefined ? undefined : morphoPrice({ wad, status: statuses[status], anchorWad }, maxRiseBps, scale);
  const fits = scale === undefined ? 0n : 1n;
  return [...[loan, collateral, wad, status, anchorWad, maxRiseBps, fits], price === undefined ? 0n : 1n, price ?? 0n];
}

const columns = ["loan", "collateral", "wad", "status", "anchorWad", "maxRiseBps", "fits", "served", "price"];
publish("morphoPrice", writeRows({ quotes: { columns, rows: Array.from({ length: 120 }, quote) } }));
