import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";
import { singletons } from "./singletons.ts";
import { openBehind } from "./standsBehind.ts";

/** What an outsider took and gave of one asset. */
interface Leg {
  /** Whether it took first, and whether it did both in the end. */
  readonly tookFirst: boolean;
  isTurned: boolean;
  /** Who gave what it took, and who got what it gave. */
  readonly givers: Set<Address>;
  readonly receivers: Set<Address>;
}

/**
 * Round trip (weight 2, 1 where nobody else ends with more of anything): an outsider first took asset X and gave Y, and
 * later took Y and gave X, in one transaction, for one and the same other, or for the actors, who gave it some of either or got
 * some of both; whoever only passes an asset on deals for others.
 *
 * That is how a price is bent, used and bent back. Arbitrage passes each pool in one direction; adding or removing
 * liquidity moves both assets the same way; a loan comes back in one asset only; two people's opposite orders are paid out to
 * two people; a vault's strategy that trades its rewards has its own way, and who called it gets a fee. Known contracts that
 * hold the money of many pools are left out. Keys on the order of transfers per asset.
 * Source: the shape of bZx, Harvest, Warp. Evasion: bending back through another pool, or in another transaction.
 */
export function findRoundTrips(story: Story): Sign | undefined {
  const root = story.visits[0]!.context;
  const books = new Map<Address, Map<Asset, Leg>>();
  const behind = openBehind(story);
  const note = (holder: Address, asset: Asset, other: Address, took: boolean) => {
    // Who is called first trades for its caller; both ways of each of its exchanges pass through it.
    if (holder === zeroAddress || holder === root || asset.includes(":") || singletons.has(holder)) return;
    if (story.actors.has(holder) || story.wrapped.has(holder)) return;
    const book = books.get(holder) ?? new Map<Asset, Leg>();
    books.set(holder, book);
    const leg = book.get(asset) ?? { tookFirst: took, isTurned: false, givers: new Set(), receivers: new Set() };
    book.set(asset, leg);
    if (leg.tookFirst !== took) leg.isTurned = true;
    (took ? leg.givers : leg.receivers).add(other);
  };
  for (const { asset, from, to } of story.moves) {
    // The order of mints and wraps among the transfers is not known everywhere.
    if (from === zeroAddress || to === zeroAddress) continue;
    note(from, asset, to, false);
    note(to, asset, from, true);
  }
  const unveiled = (leg: Leg, asset: Asset, holder: Address): Leg => {
    const all = (side: "givers" | "receivers") =>
      new Set([...leg[side]].flatMap((party) => [...behind(party, asset, side, holder)]));
    return { ...leg, givers: all("givers"), receivers: all("receivers") };
  };
  const victims = [...books].flatMap(([holder, book]) => {
    const turned = [...book].flatMap(([asset, leg]) => (leg.isTurned ? [unveiled(leg, asset, holder)] : []));
    const outs = turned.filter((leg) => !leg.tookFirst);
    const isTrip = turned.some((x) => x.tookFirst && outs.some((y) => isOneParty(x, y, story)));
    return isTrip ? [holder] : [];
  });
  if (victims.length === 0) return undefined;
  return { name: "round-trip", weight: isIdle(story, new Set(victims)) ? 1 : 2, victims, count: victims.length };
}

/** Whether neither the actors nor anybody but `pools` ends with more of anything: whoever trades to and fro pays for it. */
function isIdle(story: Story, pools: ReadonlySet<Address>): boolean {
  const { net, wrapped, actors } = story;
  const passed = (a: Address) => a === zeroAddress || pools.has(a) || wrapped.has(a) || actors.has(a);
  return (
    !hasGained(story) && [...net].every(([a, own]) => passed(a) || [...own].every(([asset, n]) => isDust(asset, n)))
  );
}

function isOneParty(x: Leg, y: Leg, { actors }: Story): boolean {
  const isActors = (parties: ReadonlySet<Address>) => [...parties].some((a) => actors.has(a));
  const isPaid = isActors(x.receivers) || isActors(y.receivers);
  const isDealing = isActors(x.givers) || isActors(y.givers) || (isActors(x.receivers) && isActors(y.receivers));
  const isOther = (a: Address) => y.receivers.has(a) && x.givers.has(a) && y.givers.has(a);
  return (isPaid && isDealing) || [...x.receivers].some(isOther);
}
