// Writes contracts/test/vectors/tickPrice.json from the built twins: `node scripts/vectors/tickPrice.mjs`. The same file
// each time. Numbers below zero are written as the 256-bit words that they are on chain.
import { maxTick, tickPriceDown } from "../../packages/core/dist/math/tickPrice.js";
import { meanTickDown, poolMean } from "../../packages/core/dist/risk/poolMean.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0012n);
const word = (x) => BigInt.asUintN(256, x);
const fits = (price) => price >> 255n === 0n;
const faults = { NONE: 0n, SPOT_TWAP: 8n, THIN: 9n };

/* PRICES */

const powers = Array.from({ length: 20 }, (_, bit) => 1n << BigInt(bit));
const edges = [0n, 1n, 2n, 64n, 65n, 69_081n, 200_311n, 276_324n, maxTick - 1n, maxTick];
const scales = [1n, 10n ** 2n, 10n ** 6n, 10n ** 16n, 10n ** 18n, 10n ** 30n, 10n ** 36n, 10n ** 54n];

const both = [...edges, ...powers.filter((bit) => bit > 2n)].flatMap((tick) => (tick === 0n ? [0n] : [tick, -tick]));
const edgePairs = both.flatMap((tick, i) => [0, 3].map((j) => [tick, scales[(i + j) % scales.length]]));
// A price of 1e18 to 1e36 of few digits in the scale: the root loses digits first.
const coarsePairs = Array.from({ length: 60 }, () => [random.between(0n, maxTick), 10n ** random.between(0n, 12n)]);
const anyPairs = Array.from({ length: 60 }, () => [
  random.between(-maxTick, maxTick),
  random.logBetween(0n, 1n << 180n),
]);
const prices = [...edgePairs, ...coarsePairs, ...anyPairs].flatMap(([tick, scale]) => {
  const price = tickPriceDown(tick, scale);
  return fits(price) ? [[word(tick), scale, price]] : [];
});

/* MEANS OF A POOL */

const decimals = [0n, 2n, 6n, 8n, 18n];

function mean() {
  const [base, quote] = [decimals[random.between(0n, 4n)], decimals[random.between(0n, 4n)]];
  const baseIsToken0 = random.between(0n, 1n) === 1n;
  const pair = { baseIsToken0, scale: 10n ** (18n + base - quote) };
  const seconds = random.logBetween(1n, 7n * 86_400n);
  const sum = random.between(-500_000n, 500_000n) * seconds + random.between(0n, seconds - 1n);
  const inverse = random.between(0n, 9n) === 0n ? 0n : (seconds << 128n) / random.logBetween(1n, 1n << 96n);
  const window = {
    seconds,
    tickSums: [0n, sum],
    inverseSums: [0n, inverse % (1n << 160n)],
    spotTick: 0n,
  };
  const spotTick = meanTickDown(window) + random.between(-400n, 400n) * random.between(0n, 1n);
  const liquidity = window.inverseSums[1] === 0n ? 0n : (seconds << 128n) / window.inverseSums[1];
  const capped = liquidity >> 128n === 0n ? liquidity : (1n << 128n) - 1n;
  const about = [0n, capped, capped + (capped >> 128n === 0n && capped < (1n << 128n) - 1n ? 1n : 0n)];
  const rules = { maxSpotTwapBps: random.between(0n, 500n), minLiquidity: about[random.between(0n, 2n)] };
  const { wad, fault } = poolMean({ ...window, spotTick }, pair, rules);
  return [
    ...[base, quote, baseIsToken0 ? 1n : 0n, seconds, word(sum), window.inverseSums[1], word(spotTick)],
    ...[rules.maxSpotTwapBps, rules.minLiquidity, word(meanTickDown(window)), wad, faults[fault]],
  ];
}

publish(
  "tickPrice",
  writeRows({
    prices: { columns: ["tick", "scale", "price"], rows: prices },
    means: {
      columns: [
        ...["base", "quote", "baseIsToken0", "window", "tickSum", "inverseSum", "spotTick"],
        ...["maxSpotTwapBps", "minLiquidity", "meanTick", "wad", "fault"],
      ],
      rows: Array.from({ length: 80 }, mean),
    },
  }),
);
