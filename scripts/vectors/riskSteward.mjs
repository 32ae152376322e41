// Writes contracts/test/vectors/riskSteward.json from the TypeScript twins: `node scripts/vectors/riskSteward.mjs` after a
// build. Same seed, same file.
import { rampDown } from "../../packages/core/dist/risk/rampDown.js";
import { lossUp } from "../../packages/core/dist/risk/stewardLoss.js";
import { highestStep, loosestAfter, lowestStep, stepBpsUp } from "../../packages/core/dist/risk/stewardStep.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0002n);
const most = (1n << 128n) - 1n;
const amount = () => random.logBetween(0n, most);
const times = (count, make) => Array.from({ length: count }, make);

function step() {
  const ceil = random.logBetween(1n, most);
  const floor = random.between(0n, ceil);
  const value = random.between(floor, ceil);
  return { value, maxStepBps: random.logBetween(1n, 65_535n), relative: random.between(0n, 1n) === 1n, floor, ceil };
}

const edges = [
  { value: 0n, maxStepBps: 65_535n, relative: true, floor: 0n, ceil: most },
  { value: most, maxStepBps: 65_535n, relative: true, floor: 0n, ceil: most },
  { value: most, maxStepBps: 65_535n, relative: false, floor: 0n, ceil: most },
  { value: 1n, maxStepBps: 1n, relative: true, floor: 0n, ceil: 1n },
  { value: 1n, maxStepBps: 1n, relative: false, floor: 1n, ceil: 1n },
];

const stepRow = ({ value, ...bounds }) => {
  const other = random.between(bounds.floor, bounds.ceil);
  const count = random.logBetween(0n, 400n);
  return [
    ...[value, other, bounds.maxStepBps, bounds.relative ? 1n : 0n, bounds.floor, bounds.ceil, count],
    stepBpsUp(value, other, bounds),
    ...[highestStep(value, bounds), lowestStep(value, bounds)],
    ...[loosestAfter(value, true, count, bounds), loosestAfter(value, false, count, bounds)],
  ];
};

const rampRow = () => {
  const start = random.between(0n, 1n << 39n);
  const end = start + random.logBetween(0n, 0xffff_ffffn);
  const now = random.between(start, end + 10n);
  const [from, to] = [amount(), amount()];
  return [from, to, start, end, now, rampDown(from, to, start, end, now)];
};

const lossRow = () => {
  const [openInterest, margin, lower] = [
    amount(),
    random.logBetween(0n, 10n ** 20n),
    random.logBetween(0n, 10n ** 20n),
  ];
  return [openInterest, margin, lower, lossUp(openInterest, margin, lower)];
};

publish(
  "riskSteward",
  writeRows({
    steps: {
      columns: [
        ...["value", "other", "maxStepBps", "relative", "floor", "ceil", "count"],
        ...["stepBps", "highest", "lowest", "loosestUp", "loosestDown"],
      ],
      rows: [...edges, ...times(150, step)].map(stepRow),
    },
    ramps: { columns: ["from", "to", "start", "end", "now", "value"], rows: times(80, rampRow) },
    losses: { columns: ["openInterest", "margin", "lower", "loss"], rows: times(60, lossRow) },
  }),
);
