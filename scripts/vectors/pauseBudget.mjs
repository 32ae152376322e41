// Writes contracts/test/vectors/pauseBudget.json from the built twin: `node scripts/vectors/pauseBudget.mjs`. The same
// file each time. Rows follow each other: each begins with the budget that the one before has left, or an empty one.
import * as pause from "../../packages/core/dist/risk/PauseBudget.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0011n);
const hour = 3_600n;
// What the contract counts in: 1/60 s.
const inUnits = (spent) => (spent * 60n) / pause.pauseWindow;
const empty = { until: 0n, paidUntil: 0n, settledAt: 0n, fastSpent: 0n, haltSpent: 0n };
const kinds = ["trip", "rule", "halt", "release"];
const waits = [0n, 1n, hour, 48n * hour, 72n * hour, 72n * hour + 1n, 30n * 24n * hour];

const later = (now) =>
  now + (random.between(0n, 2n) === 0n ? waits[random.between(0n, 6n)] : random.logBetween(0n, 400_000n));

/** An end within `reach` and 72 h, often as far as either goes; now or before where nothing is left. */
function endWithin(reach, now) {
  const max = reach < now + 72n * hour ? reach : now + 72n * hour;
  const pick = random.between(0n, 3n);
  if (pick === 0n || max <= now) return max;
  return pick === 1n ? now + random.logBetween(0n, max - now) : random.between(now, max);
}

function act(budget, kind, now) {
  if (kind === "release") return { until: 0n, after: { ...budget, until: 0n, paidUntil: 0n } };
  const reach = { trip: pause.fastReach, rule: pause.programReach, halt: pause.haltReach }[kind](budget);
  const until = endWithin(reach, now);
  if (kind === "rule") return { until, after: pause.chargeFast(budget, until) };
  const charged = kind === "trip" ? pause.chargeFast(budget, until) : pause.chargeHalt(budget, until);
  return { until, after: { ...charged, until: until > budget.until ? until : budget.until } };
}

function sequence(length) {
  let now = 1_800_000_000n;
  let budget = empty;
  return Array.from({ length }, (_, i) => {
    if (i > 0) now = later(now);
    const settled = pause.settlePause(budget, now);
    const kind = kinds[random.between(0n, 9n) === 0n ? 3n : random.between(0n, 2n)];
    const { until, after } = act(settled, kind, now);
    budget = after;
    return [
      ...[i === 0 ? 1n : 0n, BigInt(kinds.indexOf(kind)), now, until],
      ...[pause.fastLeftDown(settled), pause.programLeftDown(settled), pause.haltLeftDown(settled)],
      ...[pause.fastReach(settled), pause.programReach(settled), pause.haltReach(settled)],
      ...[after.until, after.paidUntil, inUnits(after.fastSpent), inUnits(after.haltSpent)],
    ];
  });
}

const columns = [
  ...["fresh", "kind", "now", "until", "fastLeft", "programLeft", "haltLeft"],
  ...["fastReach", "programReach", "haltReach", "untilAfter", "paidUntilAfter", "fastUsedAfter", "haltUsedAfter"],
];
const rows = Array.from({ length: 24 }, () => sequence(16)).flat();
publish("pauseBudget", writeRows({ steps: { columns, rows } }));
