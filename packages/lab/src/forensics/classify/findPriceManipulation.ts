import { sayChange } from "../amounts.ts";
import { shareMethods } from "../oracleReadsOf.ts";
import type { OracleRead } from "../Report.ts";
import { classified, type Sign, saidBy, type Traces } from "./Sign.ts";

// Below this a price moves by ordinary trades.
const least = 0.02;
// A trade that moved less is none that anybody would look for.
const noticed = 0.005;

/** A price that was read in the transaction and had been moved in it. */
export const findPriceManipulation: Sign = (traces) => {
  const moved = movedReads(traces).filter(({ method }) => !shareMethods.has(method));
  const evidence = moved.map((read) => ({ text: tell(read, traces), call: read.call }));
  const said = saidBy(traces, "impact-then-use");
  const isTraded = moved.some(({ movedBy }) => movedBy.length > 0);
  return classified("price-manipulation", isTraded ? "certain" : "likely", [...evidence, ...said]);
};

/** Reads whose answer differed from that on the state before, the largest change first. */
export function movedReads({ oracleReads }: Traces): OracleRead[] {
  return oracleReads
    .filter(({ change }) => change !== null && Math.abs(change) >= least)
    .sort((a, b) => Math.abs(b.change!) - Math.abs(a.change!));
}

function tell({ reader, source, method, change, movedBy }: OracleRead, { say }: Traces): string {
  const trades = movedBy
    .filter((move) => Math.abs(move.change) >= noticed)
    .map(({ call, change: by }) => `#${call} (${sayChange(by)})`)
    .slice(0, 3);
  const by = trades.length === 0 ? "" : ` The trades before it: ${trades.join(", ")}.`;
  return `${say(reader)} read ${method} of ${say(source)}, which was ${sayChange(change!)} off the state before the transaction.${by}`;
}
