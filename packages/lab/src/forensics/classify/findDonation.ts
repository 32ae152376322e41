import { sayAmount, sayChange } from "../amounts.ts";
import { shareMethods } from "../oracleReadsOf.ts";
import type { DecodedValue, Evidence } from "../Report.ts";
import { movedReads } from "./findPriceManipulation.ts";
import { classified, type Sign, saidBy, type Traces } from "./Sign.ts";

/** A share whose worth was moved by what was given to its vault. */
export const findDonation: Sign = (traces) => {
  const { judgement, say } = traces;
  const moved = movedReads(traces)
    .filter(({ method }) => shareMethods.has(method))
    .map(({ reader, source, method, change, call }) => ({
      text: `${say(reader)} read ${method} of ${say(source)}, which was ${sayChange(change!)} off the state before.`,
      call,
    }));
  const said = saidBy(judgement, "share-inflation");
  if (moved.length + said.length === 0) return undefined;
  const gifts = giftsOf(traces);
  return classified("donation", gifts.length > 0 ? "certain" : "likely", [...gifts, ...moved, ...said]);
};

/** Tokens that an actor sent straight into a contract that did not ask for them. */
function giftsOf({ study, actors, assets, say }: Traces): Evidence[] {
  return study.visits.flatMap(({ frame, parent, order, reverted }): Evidence[] => {
    if (reverted || parent === undefined || !actors.has(parent.context)) return [];
    const call = study.decoder.call(frame.input, frame.output, false);
    if (call?.signature !== "transfer(address,uint256)" || call.args.length < 2) return [];
    const [to, amount] = call.args as readonly [DecodedValue, DecodedValue];
    const holder = to.value as `0x${string}`;
    if (actors.has(holder) || !study.hasCode.has(holder)) return [];
    return [
      { text: `${sayAmount(assets, frame.to, BigInt(amount.value))} went to ${say(holder)} unasked.`, call: order },
    ];
  });
}
