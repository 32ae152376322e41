// Who ended up with what left a protected address, and whether they gave anything for it.
import { groupBy } from "../math/groupBy.ts";
import { ratioOf } from "../math/ratio.ts";
import { native, zeroAddress } from "../model/Asset.ts";
import { type Asset, netOfGroup } from "../model/AssetFlow.ts";
import { walk } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import type { Dealing } from "./Dealing.ts";
import { type DustLimits, dustReads, isDust } from "./Dust.ts";
import { amountOf, holdingRead } from "./Holding.ts";
import type { Leg } from "./Loss.ts";

/** What the actors have of it. `capture` is the largest kept part of an asset that left or was sold for, 0..1. */
export interface Gain {
  readonly capture: number;
  /** The actors end with more of something and less of nothing, by the flow alone. */
  readonly isNet: boolean;
  /** Strangers who only received, which makes them accomplices or their purses. */
  readonly receivers: readonly Address[];
}

/** Who acts, and what of theirs is no price of anything. */
export interface Actors {
  readonly cluster: ReadonlySet<Address>;
  readonly dust: DustLimits;
  /** Whether the actors made this token themselves. */
  readonly isOwnToken: (asset: Asset) => boolean;
}

/** What the actors held before of everything that they have less of now, by their own figures, and where its dust ends. */
export function paymentReads(view: TxView, cluster: ReadonlySet<Address>): StateRead[] {
  return [...heldReads(view, cluster), ...dustReads(reducedAssets(view, cluster))];
}

/** The assets that the cluster as a whole has less of. */
export function reducedAssets(view: TxView, cluster: ReadonlySet<Address>): Asset[] {
  return [...netOfGroup(view.flow(), cluster)].flatMap(([asset, n]) => (n < 0n ? [asset] : []));
}

function heldReads(view: TxView, cluster: ReadonlySet<Address>): StateRead[] {
  return [...cluster].flatMap((member) =>
    [...(view.flow().net.get(member) ?? [])]
      .filter(([asset, n]) => n < 0n && asset !== native)
      .map(([asset]) => holdingRead(asset, member, "parent")),
  );
}

/**
 * Who ended up with what left: the cluster, and strangers who only received.
 *
 * @param isPaid Whether the holder got anything for it. If not, what the loot was sold for counts as kept, too.
 */
export function gainOf({ view, outs }: Dealing, watched: ReadonlySet<Address>, actors: Actors, isPaid: boolean): Gain {
  const { cluster } = actors;
  const receivers = receiversOf(view, outs).filter((a) => !cluster.has(a) && !watched.has(a));
  const kept = netOfGroup(view.flow(), [...cluster, ...receivers]);
  const inKind = outs.map((leg) => Math.min(1, ratioOf(kept.get(leg.asset) ?? 0n, leg.amount)));
  const capture = Math.max(0, ...inKind, isPaid ? 0 : soldFor(view, outs, watched, actors));
  const isNet =
    [...netOfGroup(view.flow(), cluster).values()].some((n) => n > 0n) && pricesOf(view, actors).length === 0;
  return { capture, isNet, receivers };
}

/**
 * The largest part that the actors and their purses keep of any other asset that strangers gave for the loot, 0..1.
 * Nobody gave what was minted on the way: it is a receipt for something paid in, as for collateral, and no proceeds.
 */
function soldFor(view: TxView, outs: readonly Leg[], watched: ReadonlySet<Address>, actors: Actors): number {
  const { net } = view.flow();
  const { cluster, dust, isOwnToken } = actors;
  const purses = pursesOf(view);
  const isOurs = (a: Address) => cluster.has(a) || purses.has(a);
  const strangers = [...net.keys()].filter((a) => !isOurs(a) && !watched.has(a) && a !== zeroAddress);
  const kept = netOfGroup(view.flow(), [...net.keys()].filter(isOurs));
  let top = 0;
  for (const [asset, amount] of kept) {
    if (amount <= 0n || isDust(dust, asset, amount) || outs.some((leg) => leg.asset === asset)) continue;
    if (isOwnToken(asset)) continue;
    const given = strangers.reduce((sum, a) => sum + lessOf(net.get(a)?.get(asset) ?? 0n), 0n);
    if (given > 0n) top = Math.max(top, Math.min(1, ratioOf(amount, given)));
  }
  return top;
}

/** Who only received and ran no code: a market that is paid looks at what it got. Without a trace nobody is known to. */
function pursesOf({ flow, trace }: TxView): Set<Address> {
  if (trace === undefined) return new Set();
  const active = new Set(walk(trace).flatMap((v) => (v.frame.input === "0x" ? [] : [v.context])));
  const pure = [...flow().net].filter(([a, own]) => a !== zeroAddress && !active.has(a) && isPure(own));
  return new Set(pure.map(([a]) => a));
}

function isPure(own: ReadonlyMap<Asset, bigint>): boolean {
  return [...own.values()].every((n) => n >= 0n);
}

function lessOf(net: bigint): bigint {
  return net < 0n ? -net : 0n;
}

/** What the actors have less of in earnest: no dust, and no token that they made themselves. */
function pricesOf(view: TxView, { cluster, dust, isOwnToken }: Actors): Asset[] {
  const net = netOfGroup(view.flow(), cluster);
  return reducedAssets(view, cluster).filter((asset) => !isDust(dust, asset, -net.get(asset)!) && !isOwnToken(asset));
}

/**
 * Whether the actors end with less of nothing that they had. Nobody pays with what he did not hold: the burn of claims
 * that grew within the transaction is none.
 */
export function paysNothing(
  view: TxView,
  actors: Actors,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): boolean {
  const lacking = new Set(pricesOf(view, actors).map((asset) => asset.split(":")[0]!));
  if (lacking.has(native)) return false;
  const reads = heldReads(view, actors.cluster).filter((r) => r.kind === "call");
  const answers = readAll(reads);
  return reads.every((r, i) => !lacking.has(r.to) || (amountOf(answers[i]) ?? 0n) === 0n);
}

/** Who only received, some of `outs` among it, in the order of the flow. */
function receiversOf(view: TxView, outs: readonly Leg[]): Address[] {
  const pure = pureReceivers(view);
  const [first = [], ...others] = outs.map(({ asset }) => pure.get(asset) ?? []);
  if (others.every((more) => more.length === 0)) return [...first];
  const found = new Set([first, ...others].flat());
  return [...view.flow().net.keys()].filter((a) => found.has(a));
}

/** Who got some of an asset and has less of nothing, by asset. */
const pureReceivers = oncePer((view: TxView): ReadonlyMap<Asset, readonly Address[]> => {
  const pure = [...view.flow().net].filter(([holder, own]) => holder !== zeroAddress && isPure(own));
  const got = pure.flatMap(([holder, own]) => [...own].flatMap(([asset, n]) => (n > 0n ? [{ asset, holder }] : [])));
  const byAsset = groupBy(got, ({ asset }) => asset);
  return new Map([...byAsset].map(([asset, list]) => [asset, list.map(({ holder }) => holder)]));
});
