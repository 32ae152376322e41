// The events that tell of a change of control: those of the model's list, and figures of governance that may only grow.

import type { FrameLog } from "../model/BlockBundle.ts";
import { type Address, type Hex, wordAt } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import { byTopic, eventTopic } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";
import { type AdminEvent, adminEvents } from "./AdminEvent.ts";

/** Events whose data begins with a figure before and after: a delay or quorum of OpenZeppelin's governance, or of our timelock. */
const figureEvents = byTopic([
  "SelectorDelaySet(address,bytes4,uint32,uint32,uint48)",
  "VotingDelaySet(uint256,uint256)",
  "VotingPeriodSet(uint256,uint256)",
  "QuorumNumeratorUpdated(uint256,uint256)",
]);

/** Compound's timelock and its heirs tell the figure after alone. */
const otherEvents = byTopic(["NewDelay(uint256)", "NewAdmin(address)", "ChangedFallbackHandler(address)"]);

/** Where prices come from, and what bounds them: Aave, its price caps, Compound and Moonwell. */
const sourceEvents = byTopic([
  "AssetSourceUpdated(address,address)",
  "FallbackOracleUpdated(address)",
  "PriceOracleUpdated(address,address)",
  "NewPriceOracle(address,address)",
  "FeedSet(address,string)",
  "CapParametersUpdated(uint256,uint256,uint256,uint16)",
  "CapParametersUpdated(uint256,uint256,uint256,uint32)",
]);

const known: ReadonlyMap<string, string> = new Map([...adminEvents, ...figureEvents, ...otherEvents, ...sourceEvents]);
const sources: ReadonlySet<string> = new Set(sourceEvents.values());
const minDelay = eventTopic("MinDelayChange(uint256,uint256)");
const figures: ReadonlySet<string> = new Set([adminEvents.get(minDelay)!, ...figureEvents.values()]);

/** The changes that addresses of `set` tell of in this transaction, in order. */
export function changesOf(view: TxView, set: ReadonlySet<Address>): AdminEvent[] {
  return changesIn(view).filter(({ address }) => set.has(address));
}

const changesIn = oncePer((view: TxView) => changesAmong(view.logs));

/** The same among any logs, whoever emitted them; a log of a call frame has no index of its own and is counted. */
export function changesAmong(logs: readonly (FrameLog & { readonly index?: number })[]): readonly AdminEvent[] {
  return logs.flatMap((log, i) => {
    const signature = known.get(log.topics[0] ?? "");
    return signature === undefined
      ? []
      : [
          {
            address: log.address,
            signature,
            logIndex: log.index ?? i,
            topics: log.topics.slice(1),
            data: log.data,
          },
        ];
  });
}

/** Whether the event tells of another source of prices, or of another bound on them. */
export function isPriceSource({ signature }: AdminEvent): boolean {
  return sources.has(signature);
}

/** Whether the event tells of a figure of governance at all. */
export function isFigure({ signature }: AdminEvent): boolean {
  return figures.has(signature);
}

/** Whether a figure of governance stayed or grew: a longer delay and a higher quorum tighten, which needs no alarm. */
export function isTightened(event: AdminEvent): boolean {
  if (!isFigure(event)) return false;
  const [before, after] = [wordAt(event.data as Hex, 0), wordAt(event.data as Hex, 1)];
  return before !== undefined && after !== undefined && after >= before;
}
