// Writes contracts/test/vectors/bridge.json from the built twins: `node scripts/vectors/bridge.mjs`. The same file each
// time.
import { bridgeMessageId } from "../../packages/core/dist/bridge/BridgeMessage.js";
import { arriveByRoute } from "../../packages/core/dist/bridge/BridgeRoute.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const { between, logBetween } = seeded(0xb61d9en);
const maxUint64 = 2n ** 64n - 1n;
const maxCap = 2n ** 192n - 1n;
const address = () => between(0n, 2n ** 160n - 1n);
const hex = (value) => `0x${value.toString(16).padStart(40, "0")}`;
const oneOf = (...values) => values[Number(between(0n, BigInt(values.length - 1)))];

function message() {
  const chains = [oneOf(1n, maxUint64, logBetween(1n, maxUint64)), logBetween(1n, maxUint64)];
  const ends = [address(), address(), address(), address()];
  const [sourceGuard, destinationGuard, sourceToken, destinationToken] = ends.map(hex);
  const [source, destination] = chains;
  const lane = { source, destination, sourceGuard, destinationGuard, sourceToken, destinationToken };
  const amount = oneOf(0n, 2n ** 256n - 1n, logBetween(0n, 2n ** 256n - 1n));
  const [receiver, nonce] = [address(), oneOf(0n, maxUint64, logBetween(0n, maxUint64))];
  const id = bridgeMessageId(lane, { amount, receiver: hex(receiver), nonce });
  return [...chains, ...ends, amount, receiver, nonce, BigInt(id)];
}

/** Three tiers, ascending. */
function tiersOf() {
  const ascending = (max) => [between(0n, max), between(0n, max), between(0n, max)].sort((a, b) => (a < b ? -1 : 1));
  const [bounds, delays] = [ascending(10_000n), ascending(604_800n)];
  return bounds.map((aboveBps, i) => ({ aboveBps, delay: delays[i] }));
}

function arrival() {
  const cap = oneOf(0n, 1n, maxCap, 10n ** 21n, logBetween(0n, maxCap));
  const window = oneOf(1n, 86_400n, 2n ** 32n - 1n, logBetween(1n, 2n ** 32n - 1n));
  const used = oneOf(0n, cap, between(0n, cap));
  const last = between(1_800_000_000n, 1_900_000_000n);
  const now = last + oneOf(0n, 1n, logBetween(0n, 2n * window));
  const tiers = tiersOf();
  // As often as not at the bound of a tier, or at what there is room for.
  const { aboveBps } = oneOf(...tiers);
  const edge = oneOf(cap - used, cap - used + 1n, (cap * aboveBps) / 10_000n, (cap * aboveBps) / 10_000n + 1n);
  const amount = oneOf(edge, between(0n, cap)) || 1n;
  const result = arriveByRoute({ used, last, cap, window }, tiers, amount, now);
  const outcome = result.passes ? [1n, result.level, result.delay] : [0n, result.over, 0n];
  return [cap, window, used, last, now, amount, ...tiers.flatMap((tier) => [tier.aboveBps, tier.delay]), ...outcome];
}

const text = writeRows({
  messages: {
    columns: [
      ...["source", "destination", "sourceGuard", "destinationGuard", "sourceToken", "destinationToken"],
      ...["amount", "receiver", "nonce", "id"],
    ],
    rows: Array.from({ length: 64 }, message),
  },
  arrivals: {
    columns: [
      ...["cap", "window", "used", "last", "now", "amount"],
      ...["above0", "delay0", "above1", "delay1", "above2", "delay2", "passes", "levelOrOver", "delay"],
    ],
    rows: Array.from({ length: 320 }, arrival),
  },
});
publish("bridge", text);
