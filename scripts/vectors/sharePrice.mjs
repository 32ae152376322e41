// Writes contracts/test/vectors/sharePrice.json from the built twins: `node scripts/vectors/sharePrice.mjs`. The same file
// each time.
import { wadFromDecimalsDown } from "../../packages/core/dist/math/wadFromDecimals.js";
import { growthLineDown, sharePriceDown } from "../../packages/core/dist/risk/sharePrice.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0013n);
const maxWord = (1n << 256n) - 1n;
const maxPrice = (1n << 128n) - 1n;
const year = 365n * 86_400n;

const ends = [0n, 17n, 18n, 19n, 36n].flatMap((decimals) =>
  [0n, 1n, 10n ** 18n, maxWord].map((value) => [value, decimals]),
);
const anyValues = Array.from({ length: 80 }, () => [random.logBetween(0n, maxWord), random.between(0n, 36n)]);
const conversions = [...ends, ...anyValues].map(([value, decimals]) => [
  ...[value, decimals],
  wadFromDecimalsDown(value, decimals),
]);

/** Assets of a whole share at deployment whose price is at least 1 and has at most 128 bits. */
function startOf(decimals) {
  const least = decimals > 18n ? 10n ** (decimals - 18n) : 1n;
  const most = (maxPrice * 10n ** decimals) / 10n ** 18n;
  return random.between(0n, 5n) === 0n ? most : random.logBetween(least, most);
}

function share() {
  const decimals = [0n, 6n, 8n, 18n, 27n, 36n][random.between(0n, 5n)];
  const start = startOf(decimals);
  const maxGrowthBps = [0n, 1n, 500n, 10_000n, 65_535n, random.between(0n, 65_535n)][random.between(0n, 5n)];
  const elapsed = [0n, 1n, year, year - 1n, random.logBetween(0n, 100n * year)][random.between(0n, 4n)];
  const line = { startWad: wadFromDecimalsDown(start, decimals), startedAt: 0n, maxGrowthBps };
  const most = growthLineDown(line, elapsed);
  const edge = (most * 10n ** decimals) / 10n ** 18n;
  const unit = decimals > 18n ? 10n ** (decimals - 18n) : 1n;
  const assets = [edge, edge + unit, edge + 1n, 0n, start, random.logBetween(0n, 2n * edge)][random.between(0n, 5n)];
  return [...[decimals, start, maxGrowthBps, elapsed, assets, most], sharePriceDown(assets, decimals, line, elapsed)];
}

publish(
  "sharePrice",
  writeRows({
    decimals: { columns: ["value", "decimals", "wad"], rows: conversions },
    shares: {
      columns: ["decimals", "start", "maxGrowthBps", "elapsed", "assets", "line", "wad"],
      rows: Array.from({ length: 120 }, share),
    },
  }),
);
