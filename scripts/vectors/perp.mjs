// Writes contracts/test/vectors/perp.json from the TypeScript twin of PerpMath: `node scripts/vectors/perp.mjs`, after
// the build. Numbers below zero are written as the 256-bit words that they are on chain.
import * as perp from "../../packages/core/dist/risk/PerpMath.js";
import { publish } from "./publish.mjs";
import { hashed, writeColumns } from "./seeded.mjs";

const random = hashed("perp");
const word = (x) => BigInt.asUintN(256, x);
const signed = (x) => (random.oneIn(2) ? -x : x);
const edges = [0n, 1n, 2n, 10n ** 18n, 2n ** 100n, 2n ** 120n];

function inputs() {
  const total = random.pick(edges, 120) + 1n;
  return {
    size: signed(random.pick(edges, 120)),
    held: signed(random.pick(edges, 120)),
    wad: random.pick([1n, 10n ** 15n, 2_000n * 10n ** 18n, 2n ** 120n], 120) + 1n,
    unit: 10n ** random.below(37n),
    index: signed(random.pick(edges, 100)),
    from: signed(random.pick(edges, 100)),
    scale: random.pick(edges, 120) + 1n,
    cap: random.pick([0n, 1n, 3n * 10n ** 16n, 10n ** 21n], 70),
    time: random.below(400n * 86_400n),
    depth: random.pick(edges, 120) + 1n,
    cost: signed(random.pick(edges, 120)),
    total,
    closed: random.oneIn(4) ? total : random.below(total + 1n),
    ratio: random.pick([0n, 1n, 10n ** 16n, 10n ** 18n], 64),
    assets: random.pick(edges, 120),
    pool: random.pick(edges, 120),
    shares: random.pick(edges, 120),
    offset: random.oneIn(3) ? 0n : 1_000_000n,
  };
}

function row() {
  const i = inputs();
  const notionalUp = perp.notionalUp(i.size, i.wad, i.unit);
  const skew = i.held;
  const outputs = {
    valueDown: perp.valueDown(i.size, i.wad, i.unit),
    valueUp: perp.valueUp(i.size, i.wad, i.unit),
    notionalUp,
    owedUp: perp.owedUp(i.size, i.index, i.from, i.unit),
    fundingStep: perp.fundingStep(skew, i.scale, i.cap, i.wad, i.time),
    // Half the impact is at most half the price, whatever the notional.
    fillPrice: perp.fillPrice(i.size, i.wad, i.assets, i.depth),
    costPart: perp.costPart(i.cost, i.closed, i.total),
    reducedBy: perp.reducedBy(i.held, i.size),
    shareUp: perp.shareUp(i.ratio, i.assets),
    toSharesDown: perp.toSharesDown(i.assets, i.pool + 1n, i.shares, i.offset),
    toAssetsDown: perp.toAssetsDown(i.assets, i.pool, i.shares + 1n, i.offset),
  };
  return Object.fromEntries(Object.entries({ ...i, ...outputs }).map(([key, value]) => [key, word(value)]));
}

const rows = Array.from({ length: 320 }, row);
publish("perp", writeColumns(rows));
