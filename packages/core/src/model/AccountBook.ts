// Which accounts of a market are worth reading at every block: those that acted in it, and the largest of those known.
// The register lives in the detector's memory, so that a reorg takes back what a lost block taught.
import type { DetectContext } from "./Detector.ts";
import type { Address } from "./Hex.ts";
import type { AccountState, MarketState, ProtocolAdapter } from "./ProtocolAdapter.ts";
import type { ProtocolEvent } from "./ProtocolEvent.ts";
import { askQuery, type Query, queryAll } from "./Query.ts";

/** A market with its accounts at one block. `acted` are those that an event of the block names. */
export interface MarketBook<M extends MarketState> {
  readonly market: M;
  readonly accounts: ReadonlyMap<Address, AccountState>;
  readonly acted: ReadonlySet<Address>;
}

type Known = readonly (readonly [account: Address, weight: number])[];

/**
 * Reads `market` and up to `limit` of its accounts at the block in one round trip; undefined where the market has no price.
 * An account without collateral, requirement or size is forgotten. Beyond the limit the smallest falls away.
 */
export function readBook<M extends MarketState>(
  context: DetectContext<unknown>,
  adapter: ProtocolAdapter<M>,
  market: string,
  events: readonly ProtocolEvent[],
  limit: number,
): MarketBook<M> | undefined {
  const key = `${adapter.name}:${market}:accounts`;
  const known = (context.memory.get(key) ?? []) as Known;
  const acted = new Set(events.filter((e) => e.market === market).flatMap(partiesOf));
  const wanted = [...new Set([...acted, ...known.map(([account]) => account)])];
  const query: Query<unknown>[] = [
    adapter.market(market, "block"),
    ...wanted.map((account) => adapter.account(market, account, "block")),
  ];
  const [state, ...states] = askQuery(context, queryAll(query)) as [M | undefined, ...(AccountState | undefined)[]];
  const accounts = new Map<Address, AccountState>();
  states.forEach((account, i) => {
    if (account !== undefined && weightOf(account) > 0) accounts.set(wanted[i]!, account);
  });
  const next = [...accounts].map(([account, s]) => [account, weightOf(s)] as const).sort(byWeight);
  if (wanted.length > 0) context.memory.set(key, next.slice(0, limit));
  return state === undefined ? undefined : { market: state, accounts, acted };
}

function partiesOf(event: ProtocolEvent): Address[] {
  if (event.kind === "liquidation") return [event.account, event.by];
  if (event.kind === "trade" && event.counterparty !== undefined) return [event.account, event.counterparty];
  return [event.account];
}

function weightOf({ collateral, required, size, debt }: AccountState): number {
  const largest = [collateral, required, size, debt].map((x) => (x < 0n ? -x : x)).reduce((a, b) => (a > b ? a : b));
  return Number(largest) / 1e18;
}

// Of equals the one with the lower address comes first, so that a replay keeps the same ones.
function byWeight([a, x]: Known[number], [b, y]: Known[number]): number {
  return y - x || (a < b ? -1 : 1);
}

/** The events of a block by transaction, decoded once. */
export function eventsOf(
  context: Pick<DetectContext<unknown>, "txs">,
  adapter: Pick<ProtocolAdapter, "events">,
): readonly ProtocolEvent[] {
  return context.txs.flatMap((view) => (view.logs.length === 0 ? [] : adapter.events(view)));
}
