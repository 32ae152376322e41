// Where a transaction writes a price: calls of writing functions, and, where these are not seen, events that tell of it.
import { type Visit, walk } from "../../model/CallTree.ts";
import { type Address, type Hex, isAddress } from "../../model/Hex.ts";
import { selectorOf } from "../../model/KnownSignature.ts";
import { bySelector, byTopic } from "../../model/signatureHash.ts";
import type { TxView } from "../../model/TxView.ts";

/** Functions by which oracles are told a price: Compound, GMX, Tellor, Chainlink, Maker, Synthetix and their copies. */
export const writingFunctions: ReadonlyMap<string, string> = bySelector([
  "setPrice(uint256)",
  "setPrice(int256)",
  "setPrice(address,uint256)",
  "setPrice(bytes32,uint256)",
  "setPrices(address[],uint256[])",
  "setPrices(bytes32[],uint256[])",
  "setPrices(uint256[],uint256[])",
  "setPrices(address[],uint256[],uint256)",
  "setPricesWithBits(uint256,uint256)",
  "setCompactedPrices(uint256[],uint256)",
  "setAssetPrice(address,uint256)",
  "setUnderlyingPrice(address,uint256)",
  "setDirectPrice(address,uint256)",
  "setAnswer(int256)",
  "updateAnswer(int256)",
  "updatePrice(uint256)",
  "updatePrice(address,uint256)",
  "updatePrices(address[],uint256[])",
  "updateRates(bytes32[],uint256[],uint256)",
  "postPrices(bytes[],bytes[],string[])",
  "submit(uint256,int256)",
  "submitValue(bytes32,bytes,uint256,bytes)",
  "transmit(bytes,bytes32[],bytes32[],bytes32)",
  "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)",
  "poke(uint256[],uint256[],uint8[],bytes32[],bytes32[])",
]);

/** Events that tell of a new price. */
export const priceEvents: ReadonlyMap<string, string> = byTopic([
  "AnswerUpdated(int256,uint256,uint256)",
  "PriceUpdate(address,uint256,address)",
  "PriceUpdated(address,uint256)",
  "PriceUpdated(address,uint256,uint256)",
  "PricePosted(address,uint256,uint256,uint256)",
  "NewReport(bytes32,uint256,bytes,uint256,bytes,address)",
]);

/** One write of a price. */
export interface PriceWrite {
  /** Contracts on the way from the sender to the oracle, outermost first; empty where no trace shows them. */
  readonly route: readonly Address[];
  /** Selector of the call, or topic of the event. */
  readonly by: Hex;
  /** The last 20 bytes of the calldata: whom an ERC-2771 forwarder says that it speaks for. */
  readonly claimed: Address | undefined;
}

/** The writes of `view` at `oracle` that lasted. `selectors` are known besides those of the list. */
export function priceWritesOf(view: TxView, oracle: Address, selectors: readonly string[]): PriceWrite[] {
  const isWriting = (name: Hex) => writingFunctions.has(name) || selectors.includes(name);
  const calls = view.trace === undefined ? topCall(view, oracle) : innerCalls(walk(view.trace), oracle);
  const writes = calls.filter(({ by }) => isWriting(by));
  if (writes.length > 0) return writes;
  const told = view.logs.find((log) => log.address === oracle && priceEvents.has(log.topics[0] ?? ""));
  return told === undefined ? [] : [{ route: [], by: told.topics[0]!, claimed: undefined }];
}

function topCall({ tx }: TxView, oracle: Address): PriceWrite[] {
  return tx.to === oracle ? [{ route: [], by: selectorOf(tx.input), claimed: lastAddress(tx.input) }] : [];
}

function innerCalls(visits: readonly Visit[], oracle: Address): PriceWrite[] {
  return visits
    .filter((v) => v.context === oracle && !v.reverted && !v.isStatic && v.parent?.context !== oracle)
    .map((v) => ({ route: routeOf(v), by: v.selector, claimed: lastAddress(v.frame.input) }));
}

function routeOf(visit: Visit): Address[] {
  const route: Address[] = [];
  for (let at = visit.parent; at !== undefined; at = at.parent) route.unshift(at.context);
  return [...new Set(route)];
}

function lastAddress(input: Hex): Address | undefined {
  const last = `0x${input.slice(-40).toLowerCase()}`;
  return input.length >= 50 && isAddress(last) ? last : undefined;
}
