import type { Address } from "@testudo/core/model/Hex";
import { sayAmount, sayChange } from "../amounts.ts";
import { shareMethods } from "../oracleReadsOf.ts";
import type { DecodedValue, Evidence } from "../Report.ts";
import { movedReads } from "./findPriceManipulation.ts";
import { classified, type Sign, saidBy, type Traces } from "./Sign.ts";

/** A share whose worth was moved by what was given to its vault. */
export const findDonation: Sign = (traces) => {
  const { say } = traces;
  const reads = movedReads(traces).filter(({ method }) => shareMethods.has(method));
  const moved = reads.map(({ reader, source, method, change, call }) => ({
    text: `${say(reader)} read ${method} of ${say(source)}, which was ${sayChange(change!)} off the state before.`,
    call,
  }));
  const said = saidBy(traces, "share-inflation");
  if (moved.length + said.length === 0) return undefined;
  const vaults = new Set(reads.flatMap(({ reader, source }) => [reader, source]));
  const gifts = giftsOf(traces, vaults);
  // A detector alone saw a share jump; what moved it is not told.
  const confidence = gifts.length > 0 ? "certain" : moved.length > 0 ? "likely" : "possible";
  return classified("donation", confidence, [...moved.slice(0, 3), ...gifts.slice(0, 2), ...said]);
};

/** Tokens that an actor sent straight into one of `vaults`, which did not ask for them. */
function giftsOf({ study, actors, assets, say }: Traces, vaults: ReadonlySet<Address>): Evidence[] {
  return study.visits.flatMap(({ frame, parent, order, reverted }): Evidence[] => {
    if (reverted || parent === undefined || !actors.has(parent.context)) return [];
    const call = study.decoder.call(frame.input, frame.output, false);
    if (call?.signature !== "transfer(address,uint256)" || call.args.length < 2) return [];
    const [to, amount] = call.args as readonly [DecodedValue, DecodedValue];
    const holder = to.value as Address;
    if (!vaults.has(holder)) return [];
    return [
      { text: `${sayAmount(assets, frame.to, BigInt(amount.value))} went to ${say(holder)} unasked.`, call: order },
    ];
  });
}
