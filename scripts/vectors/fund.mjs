// Writes contracts/test/vectors/fund.json from the built twin: `node scripts/vectors/fund.mjs`. The same file each time.
import { marketCapLeftDown, splitLoss } from "../../packages/core/dist/risk/Waterfall.js";
import { publish } from "./publish.mjs";
import { hashed, writeColumns } from "./seeded.mjs";

const random = hashed("fund");
const edges = [0n, 1n, 999_999n, 1_000_000n, 1_000_001n, 2n ** 128n, 2n ** 255n];

function row() {
  const layers = {
    pot: random.pick(edges, 100),
    firstLoss: random.pick(edges, 100),
    junior: random.pick(edges, 100),
    senior: random.pick(edges, 100),
  };
  const taken = random.oneIn(2) ? 0n : random.pick(edges, 100) % 2n ** 240n;
  const capBps = random.oneIn(4) ? 10_000n : random.below(10_001n);
  const total = layers.pot + layers.firstLoss + layers.junior + layers.senior;
  const anyAmount = random.oneIn(4) ? random.pick([...edges, 2n ** 256n - 1n], 100) : random.below(2n * total + 1n);
  const amount = anyAmount % 2n ** 256n;
  const capLeft = marketCapLeftDown(capBps, taken, layers);
  return { ...layers, taken, capBps, amount, capLeft, ...splitLoss(amount, capLeft, layers) };
}

const rows = Array.from({ length: 320 }, row);
publish("fund", writeColumns(rows));
