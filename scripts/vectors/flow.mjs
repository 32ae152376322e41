// Writes contracts/test/vectors/flow.json from the built twin: `node scripts/vectors/flow.mjs`. The same file each time.
import * as flow from "../../packages/core/dist/risk/FlowBucket.js";
import { publish } from "./publish.mjs";
import { hashed, writeColumns } from "./seeded.mjs";

const random = hashed("flow");
const day = 86_400n;
const edges = {
  capAbs: [
    0n,
    1n,
    5_000n,
    1_000n * day - 1n,
    1_000n * day,
    10n ** 21n,
    2n ** 60n - 1n,
    2n ** 60n,
    2n ** 60n + 1n,
    2n ** 120n - 1n,
    2n ** 120n,
    2n ** 128n - 1n,
  ],
  capBps: [0n, 1n, 10_000n],
  window: [0n, 1n, 23n, 24n, 25n, day, 2n ** 32n - 1n],
  wait: [0n, 1n, day, 365n * day],
  tvl: [0n, 1n, 2n ** 108n - 1n, 2n ** 108n, 2n ** 256n - 1n],
  amount: [0n, 1n, 2n ** 255n, 2n ** 256n - 1n],
};

function row() {
  const capAbs = random.pick(edges.capAbs, 128);
  const window = random.pick(edges.window, 22);
  const cap = flow.keptCapDown(capAbs);
  const last = 1_800_000_000n + random.below(10n ** 8n);
  const used = random.oneIn(3) ? cap : random.below(cap + 1n);
  const input = {
    capAbs,
    capBps: random.pick(edges.capBps, 14) % 10_001n,
    window,
    used,
    part: used === 0n || window === 0n ? 0n : random.below(window),
    last,
    now: last + random.pick(edges.wait, 25),
    tvl: random.pick(edges.tvl, 110),
    old: random.below(2n ** 108n),
    young: random.below(2n ** 108n),
    takenAt: last - random.below(2n * (window < 10n * day ? window : 10n * day) + 2n),
    credit: random.oneIn(2) ? 0n : random.pick(edges.amount, 120),
    amount: random.oneIn(4) ? cap - used : random.pick(edges.amount, 120),
    tripBps: random.below(10_001n),
  };
  return { ...input, ...expected(input, cap) };
}

function expected(input, keptCap) {
  const lagged = flow.laggedBalance(input, input.window, input.now);
  const laggedCap = flow.flowCapDown(keptCap, input.capBps, lagged);
  const cap = flow.flowCapDown(keptCap, input.capBps, input.tvl < lagged ? input.tvl : lagged);
  const level = flow.flowLevelUp({ ...input, cap: keptCap }, input.now);
  const slow = flow.slowFlowLevelUp({ ...input, cap: keptCap }, input.now);
  const { unpaid, left } = flow.drawCredit(input.amount, input.credit);
  const filled = flow.fillFlow(unpaid, level, keptCap);
  const absorbed = flow.absorbFlow(input.amount, input.credit, level);
  return {
    keptCap,
    lagged,
    laggedCap,
    cap,
    level,
    slowLevel: slow.level,
    slowPart: slow.part,
    unpaid,
    left,
    filledLevel: filled.level,
    over: filled.over,
    absorbedLevel: absorbed.level,
    absorbedCredit: absorbed.credit,
    trips: flow.isTripLevel(level, keptCap, input.tripBps) ? 1n : 0n,
  };
}

const rows = Array.from({ length: 320 }, row);
publish("flow", writeColumns(rows));
