import type { Visit } from "@testudo/core/model/CallTree";
import { selectorOfVisit } from "@testudo/core/model/CallTree";
import type { Evidence } from "../Report.ts";
import { classified, type Sign, type Traces } from "./Sign.ts";

/** So often nobody repeats himself in one transaction. */
const leastRepeated = 8;
/** Amounts in which every unit is a large share. */
const tiny = 1_000n;
const sized = /^(?:deposit|mint|withdraw|redeem|redeemUnderlying|borrow|repay|supply|swap|burn|collateralizedMint)\(/;

/** Amounts so small that what is rounded away is a share of them, or the same call again and again. */
export const findRounding: Sign = (traces) => {
  const groups = groupEntries(traces);
  const repeated = groups
    .filter((group) => group.length >= leastRepeated)
    .map((group): Evidence => {
      const [first] = group as [Visit];
      return {
        text: `${traces.say(first.context)} was called by ${nameOf(first, traces)} ${group.length} times in one transaction.`,
        call: first.order,
      };
    });
  const small = groups.flatMap((group) => group.flatMap((visit) => tinyAmount(visit, traces)));
  const confidence = repeated.length > 0 && small.length > 0 ? "likely" : "possible";
  return classified("rounding", confidence, [...repeated, ...small]);
};

/** Calls of the actors into contracts that lost, by contract and function. */
function groupEntries({ study, actors, losers }: Traces): Visit[][] {
  const groups = new Map<string, Visit[]>();
  for (const visit of study.visits) {
    const { parent, context, isStatic, reverted, frame } = visit;
    if (reverted || isStatic || parent === undefined || !actors.has(parent.context) || !losers.has(context)) continue;
    if (frame.input.length < 10) continue;
    const key = `${context}${selectorOfVisit(visit)}`;
    groups.set(key, [...(groups.get(key) ?? []), visit]);
  }
  return [...groups.values()];
}

function tinyAmount(visit: Visit, { study, say }: Traces): Evidence[] {
  const call = study.decoder.call(visit.frame.input, visit.frame.output, false);
  if (call === undefined || !sized.test(call.signature)) return [];
  const amount = call.args.find(({ type }) => type === "uint256");
  if (amount === undefined || BigInt(amount.value) >= tiny || amount.value === "0") return [];
  return [
    {
      text: `${say(visit.context)} was called by ${call.signature} for ${amount.value} of the smallest units.`,
      call: visit.order,
    },
  ];
}

function nameOf({ frame }: Visit, { study }: Traces): string {
  return study.decoder.call(frame.input, frame.output, false)?.signature ?? frame.input.slice(0, 10);
}
