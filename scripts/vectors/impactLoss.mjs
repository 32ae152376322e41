// Writes contracts/test/vectors/impactLoss.json from the built twins: `node scripts/vectors/impactLoss.mjs`. The same file
// each time. Numbers below zero are written as the 256-bit words that they are on chain.
import { impactLoss, lossBucket, markLook, solvencyLook } from "../../packages/core/dist/disclosure/impactLoss.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0018n);
const word = (x) => BigInt.asUintN(256, x);
const most = (1n << 200n) - 1n;
const amount = () => random.logBetween(0n, most);
const oneOf = (values) => values[random.between(0n, BigInt(values.length) - 1n)];
const signed = (x) => (random.between(0n, 1n) === 1n ? -x : x);
const flag = (holds) => (holds ? 1n : 0n);

function look() {
  const [reference, band] = [amount(), oneOf([0n, 1n, 500n, 65_535n])];
  const edge = (reference * band) / 10_000n;
  const below = [edge, edge + 1n].map((x) => (x > reference ? 0n : reference - x));
  const mark = oneOf([reference, reference + edge, reference + edge + 1n, ...below, amount()]);
  const worth = signed(amount());
  const [short, marked] = [solvencyLook(mark, reference), markLook(mark, reference, band, worth)];
  return [mark, reference, band, worth, flag(short.holds), short.level, flag(marked.holds), marked.level].map(word);
}

function loss() {
  const before = { holds: true, level: signed(amount()) };
  const lowest = random.logBetween(1n, 1n << 100n);
  const bounds = [lowest, lowest + random.logBetween(1n, 1n << 100n)];
  bounds.push(bounds[1] + random.logBetween(1n, 1n << 100n));
  const falls = [...bounds, ...bounds.map((x) => x - 1n), 0n, -1n, amount()];
  const after = { holds: random.between(0n, 5n) === 0n, level: before.level - oneOf(falls) };
  const lost = impactLoss(before, after);
  const buckets = bounds.map((lossLowerBound, i) => ({ lossLowerBound, severity: BigInt(i + 1) }));
  const reached = lossBucket(lost, buckets)?.severity ?? 0n;
  return [before.level, flag(after.holds), after.level, ...bounds, lost, reached].map(word);
}

publish(
  "impactLoss",
  writeRows({
    looks: {
      columns: ["mark", "reference", "bandBps", "worth", "solvent", "solvencyLevel", "near", "markLevel"],
      rows: Array.from({ length: 80 }, look),
    },
    losses: {
      columns: ["before", "holds", "after", "first", "second", "third", "loss", "reached"],
      rows: Array.from({ length: 80 }, loss),
    },
  }),
);
