import type { Visit } from "@testudo/core/model/CallTree";
import type { Evidence } from "../Report.ts";
import { classified, type Sign, type Traces } from "./Sign.ts";

/** So often nobody repeats himself in one transaction. */
const leastRepeated = 8;
/** Amounts in which every unit is a large share. */
const tiny = 1_000n;
const sized = /^(?:deposit|mint|withdraw|redeem|redeemUnderlying|borrow|repay|supply|burn)\(/;
/** Widths that amounts are cut to. What is a little above one of them becomes little. */
const widths = [64n, 96n, 112n, 120n, 128n, 192n];
const wrapped = 1n << 20n;

/** Amounts so small that what is rounded away is a share of them, so large that they are cut, or the same call again and again. */
export const findRounding: Sign = (traces) => {
  const groups = groupEntries(traces);
  const repeated = groups
    .filter((group) => group.length >= leastRepeated)
    .map((group): Evidence => {
      const [first] = group as [Visit];
      const text = `${traces.say(first.context)} was called by ${nameOf(first, traces)} ${group.length} times in one transaction.`;
      return { text, call: first.order };
    });
  const small = groups.flatMap((group) => group.flatMap((visit) => tinyAmount(visit, traces)));
  const large = groups.flatMap((group) => group.flatMap((visit) => wrappedWord(visit, traces)));
  const isLikely = large.length > 0 || (repeated.length > 0 && small.length > 0);
  return classified("rounding", isLikely ? "likely" : "possible", [...large, ...repeated, ...small]);
};

/** Calls of the actors into contracts that lost, or by which amounts go in and out, by contract and function. */
function groupEntries(traces: Traces): Visit[][] {
  const { study, actors, losers } = traces;
  const groups = new Map<string, Visit[]>();
  for (const visit of study.visits) {
    const { parent, context, isStatic, reverted, frame } = visit;
    if (reverted || isStatic || parent === undefined || !actors.has(parent.context) || actors.has(context)) continue;
    if (frame.input.length < 10 || !(losers.has(context) || sized.test(nameOf(visit, traces)))) continue;
    const key = `${context}${visit.selector}`;
    groups.set(key, [...(groups.get(key) ?? []), visit]);
  }
  return [...groups.values()];
}

function tinyAmount(visit: Visit, { study, say }: Traces): Evidence[] {
  const call = study.decoder.call(visit.frame.input, visit.frame.output, false);
  if (call === undefined || !sized.test(call.signature)) return [];
  const amount = call.args.find(({ type }) => type === "uint256");
  if (amount === undefined || BigInt(amount.value) >= tiny || amount.value === "0") return [];
  const text = `${say(visit.context)} was called by ${call.signature} for ${amount.value} of the smallest units.`;
  return [{ text, call: visit.order }];
}

/** A word of the calldata that a narrower number does not hold, and that is small once it is cut to it. */
function wrappedWord(visit: Visit, { say }: Traces): Evidence[] {
  const words = visit.frame.input.slice(10).match(/.{64}/g) ?? [];
  const found = words.slice(0, 256).flatMap((digits) => {
    const value = BigInt(`0x${digits}`);
    const width = widths.find((bits) => value >= 1n << bits && value < (1n << bits) + wrapped);
    return width === undefined ? [] : [{ width, rest: value - (1n << width) }];
  });
  const [first] = found;
  if (first === undefined) return [];
  const text = `${say(visit.context)} was given 2^${first.width} + ${first.rest}, which is ${first.rest} in ${first.width} bits.`;
  return [{ text, call: visit.order }];
}

function nameOf({ frame }: Visit, { study }: Traces): string {
  return study.decoder.call(frame.input, frame.output, false)?.signature ?? frame.input.slice(0, 10);
}
