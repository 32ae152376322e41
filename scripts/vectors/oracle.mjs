// Writes contracts/test/vectors/oracle.json, which the aggregator and its twin in TypeScript must both reproduce:
// `node scripts/vectors/oracle.mjs` after a build. The same seed gives the same file.
import { aggregatePrice } from "../../packages/core/dist/risk/aggregatePrice.js";
import {
  toAskedFeeds,
  toColumns,
  toOutputs,
  vectorLayout,
} from "../../packages/core/dist/risk/aggregateRow.testkit.js";
import { publish } from "./publish.mjs";
import { splitmix } from "./seeded.mjs";

const rowCount = 320;

const next = splitmix(0x7e57n);
const below = (limit) => (next() * 2n ** 64n + next()) % BigInt(limit);
const between = (min, max) => BigInt(min) + below(BigInt(max) - BigInt(min) + 1n);
const pick = (values) => values[Number(below(values.length))];
const oneIn = (n) => below(n) === 0n;

/** A price near `middle`, at one of the bounds of spread and jump, or anywhere. */
function priceNear(middle, spreadBps, jumpBps) {
  const at = (bps) => (middle * bps) / 10_000n;
  const edge = pick([at(spreadBps), at(jumpBps), at(spreadBps) + 1n, at(jumpBps) + 1n]);
  const choices = [
    () => middle,
    () => middle + between(-at(spreadBps) / 2n - 1n, at(spreadBps) / 2n + 1n),
    () => middle + between(-at(jumpBps) - 1n, at(jumpBps) + 1n),
    () => middle + edge,
    () => middle - edge,
    () => between(1n, middle * 3n),
    () => pick([0n, 1n, 2n ** 128n - 2n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 256n - 1n]),
  ];
  return choices[Number(oneIn(12) ? between(5, 6) : between(0, 4))]();
}

/** A time with confidence and fault: mostly good, at the bounds of age, or nonsense above. */
function stampAt(now, heartbeat, maxConfBps) {
  const time = pick([
    now,
    now - below(heartbeat + 1n),
    now - heartbeat,
    oneIn(3) ? now - heartbeat - 1n : now,
    now + between(1, 60),
    oneIn(3) ? now + 61n : now,
    oneIn(8) ? 2n ** 40n - 1n : now,
  ]);
  const conf = pick([0n, 0n, maxConfBps, oneIn(4) ? maxConfBps + 1n : 0n, below(maxConfBps + 1n)]) % 65_536n;
  const rest = oneIn(16) ? pick([7n, 8n, 8n, 8n, 9n, 9n, 10n, 255n, 256n, 8n + 256n, 2n ** 199n]) : 0n;
  return time | (conf << 40n) | (rest << 56n);
}

function rowOf() {
  const count = Number(between(1, 7));
  const quorum = oneIn(4) ? Number(between(1, count)) : Math.ceil(count / 3);
  const jumpQuorum = Number(between(quorum, count));
  const maxSpreadBps = pick([0n, 1n, 100n, 200n, 1_000n, 10_000n, 65_535n]);
  const maxJumpBps = pick([0n, 1n, 200n, 500n, 2_000n, 10_000n, 65_535n]);
  const anchorWad = pick([
    1n,
    10n ** 6n,
    between(1, 10n ** 12n),
    10n ** 18n,
    between(10n ** 15n, 10n ** 24n),
    10n ** 30n,
  ]);
  const floorWad = pick([0n, 1n, anchorWad < 2n ** 40n ? anchorWad : 2n ** 40n - 1n, 10n ** 6n]);
  const rules = { quorum, jumpQuorum, maxSpreadBps, maxJumpBps, floorWad: floorWad > anchorWad ? 0n : floorWad };
  const now = vectorLayout.start + between(1, 3_000);
  const middle = oneIn(3) ? anchorWad : between(anchorWad, (anchorWad * (10_000n + 2n * maxJumpBps)) / 10_000n);
  const feeds = Array.from({ length: count }, () => {
    const heartbeat = pick([1n, 60n, 3_600n, 86_400n, 2n ** 32n - 1n]);
    const usable = heartbeat >= now ? now - 1n : heartbeat;
    const maxConfBps = pick([0n, 50n, 100n, 65_535n]);
    const weight = pick([1n, 1n, between(1, 10_000), 65_535n]);
    if (oneIn(12)) return { weight, heartbeat, maxConfBps };
    const raw = priceNear(middle, maxSpreadBps, maxJumpBps);
    const answer = { wad: raw < 0n ? 0n : raw, stamp: stampAt(now, usable, maxConfBps) };
    return { weight, heartbeat, maxConfBps, answer };
  });
  return toColumns(feeds, rules, anchorWad, now);
}

const rows = Array.from({ length: rowCount }, () => {
  const inputs = rowOf();
  const { feeds, rules, anchorWad, now } = toAskedFeeds(inputs);
  return [...inputs, ...toOutputs(aggregatePrice(feeds, rules, anchorWad, now))].map(String);
});
const text = rows.map((row) => JSON.stringify(row)).join(",\n");
publish("oracle", `{"columns":${JSON.stringify(vectorLayout.columns)},\n"rows":[\n${text}\n]}\n`);
console.log(`${rows.length} rows of ${vectorLayout.columns.length} columns`);
