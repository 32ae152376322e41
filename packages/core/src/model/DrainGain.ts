// Who ended up with what left a protected address, and whether they gave anything for it.
import { ratioOf } from "../math/ratio.ts";
import { native, zeroAddress } from "./Asset.ts";
import { type Asset, netOfGroup } from "./AssetFlow.ts";
import type { Dealing } from "./Dealing.ts";
import type { Address } from "./Hex.ts";
import { amountOf, holdingRead } from "./Holding.ts";
import type { Leg } from "./Loss.ts";
import type { StateAnswer, StateRead } from "./StateRead.ts";
import type { TxView } from "./TxView.ts";

/** What the actors have of it. `capture` is the largest kept part of an asset that left, 0..1. */
export interface Gain {
  readonly capture: number;
  /** The actors end with more of something and less of nothing, by the flow alone. */
  readonly isNet: boolean;
  /** Strangers who only received, which makes them accomplices or their purses. */
  readonly receivers: readonly Address[];
}

/** What the actors held before of everything that they have less of now, by their own figures. */
export function paymentReads(view: TxView, cluster: ReadonlySet<Address>): StateRead[] {
  return [...cluster].flatMap((member) =>
    [...(view.flow().net.get(member) ?? [])]
      .filter(([asset, n]) => n < 0n && asset !== native)
      .map(([asset]) => holdingRead(asset, member, "parent")),
  );
}

/** Who ended up with what left: the cluster, and strangers who only received. */
export function gainOf({ view, outs }: Dealing, watched: ReadonlySet<Address>, cluster: ReadonlySet<Address>): Gain {
  const { net } = view.flow();
  const receivers = [...net.keys()].filter(
    (a) => !cluster.has(a) && !watched.has(a) && a !== zeroAddress && onlyReceives(net.get(a)!, outs),
  );
  const kept = netOfGroup(view.flow(), [...cluster, ...receivers]);
  const capture = outs.reduce(
    (top, leg) => Math.max(top, Math.min(1, ratioOf(kept.get(leg.asset) ?? 0n, leg.amount))),
    0,
  );
  const own = [...netOfGroup(view.flow(), cluster)];
  const isNet = own.some(([, n]) => n > 0n) && own.every(([asset, n]) => n >= 0n || (asset === native && n > -dustWei));
  return { capture, isNet, receivers };
}

/** Gas, a builder's tip or a protocol's fee: no price of anything that is worth stealing. */
const dustWei = 10n ** 17n;

/**
 * Whether the actors end with less of nothing that they had. Nobody pays with what he did not hold: the burn of claims
 * that grew within the transaction is none.
 */
export function paysNothing(
  view: TxView,
  cluster: ReadonlySet<Address>,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): boolean {
  const own = [...netOfGroup(view.flow(), cluster)].filter(
    ([asset, n]) => n < 0n && !(asset === native && n > -dustWei),
  );
  if (own.some(([asset]) => asset === native)) return false;
  const lacking = new Set(own.map(([asset]) => asset));
  const reads = paymentReads(view, cluster).filter((r) => r.kind === "call");
  const answers = readAll(reads);
  return reads.every((r, i) => {
    const concerns = [...lacking].some((asset) => asset.split(":")[0] === r.to);
    return !concerns || (amountOf(answers[i]) ?? 0n) === 0n;
  });
}

function onlyReceives(own: ReadonlyMap<Asset, bigint>, outs: readonly Leg[]): boolean {
  return [...own.values()].every((n) => n >= 0n) && outs.some((leg) => (own.get(leg.asset) ?? 0n) > 0n);
}
