// Writes contracts/test/vectors/bounty.json from the built twin: `node scripts/vectors/bounty.mjs`. The same file each
// time.
import {
  bountyAwardDown,
  bountyBaseDown,
  duplicateShareBpsDown,
  vestedDown,
} from "../../packages/core/dist/disclosure/bountyAward.js";
import { publish } from "./publish.mjs";
import { hashed, writeColumns } from "./seeded.mjs";

const random = hashed("bounty");
const edges = [0n, 1n, 9_999n, 10_000n, 10_001n, 2n ** 128n - 1n];
const anyBps = () => (random.oneIn(4) ? random.pick([0n, 1n, 9_999n, 10_000n], 13) % 10_001n : random.below(10_001n));

function row() {
  const fundsAtRisk = random.pick([...edges, 2n ** 255n, 2n ** 256n - 1n], 160);
  const free = random.pick([...edges, 2n ** 160n, 2n ** 256n - 1n], 130);
  const [a, b] = [random.pick(edges, 100), random.pick(edges, 100)];
  const price = { bps: anyBps(), floor: a < b ? a : b, cap: a < b ? b : a, shareBps: anyBps() };
  const base = bountyBaseDown(fundsAtRisk, price, free);
  const awardBps = anyBps();
  const award = bountyAwardDown(base, awardBps);
  const from = 1_800_000_000n + random.below(10n ** 8n);
  const end = from + random.below(180n * 86_400n + 1n);
  const nowAt = random.oneIn(8) ? from - 1n : random.oneIn(8) ? end : from + random.below(200n * 86_400n);
  const count = random.below(40n);
  const shares = { firstShare: duplicateShareBpsDown(count, true), otherShare: duplicateShareBpsDown(count, false) };
  const vesting = { from, end, nowAt, vested: vestedDown(award, from, end, nowAt) };
  return { fundsAtRisk, free, ...price, base, awardBps, award, ...vesting, count, ...shares };
}

publish("bounty", writeColumns(Array.from({ length: 400 }, row)));
