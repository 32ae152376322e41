// Who passed before and after somebody else in one block, or in neighbouring ones, and gained by it.

import type { DeployerOf } from "../../model/ActorCluster.ts";
import { actorCluster } from "../../model/ActorCluster.ts";
import { type Asset, zeroAddress } from "../../model/Asset.ts";
import { netOfGroup } from "../../model/AssetFlow.ts";
import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { touchedBy } from "../../signs/touchedBy.ts";

/** A transaction that deals with a protected address, and for whom. */
export interface Pass {
  readonly view: TxView;
  readonly subject: Address;
  readonly actors: ReadonlySet<Address>;
  /** What its actors have more or less of, and what the protected address has. */
  readonly gain: ReadonlyMap<Asset, bigint>;
  readonly paid: ReadonlyMap<Asset, bigint>;
}

/** The passes of a block, in order. A transaction in which neither side's assets move is none. */
export function passesOf(txs: readonly TxView[], watched: ReadonlySet<Address>, deployerOf: DeployerOf): Pass[] {
  return txs.flatMap((view) =>
    [...touchedBy(view, watched)].flatMap((subject): Pass[] => {
      const paid = view.flow().net.get(subject) ?? new Map<Asset, bigint>();
      if ([...paid.values()].every((amount) => amount === 0n)) return [];
      const actors = actorCluster(view, watched, deployerOf);
      return [{ view, subject, actors, gain: netOfGroup(view.flow(), actors), paid }];
    }),
  );
}

/** Whether two passes are by the same actors. Contracts that act for everybody are in no cluster. */
export function isSameActor(a: Pass, b: Pass): boolean {
  for (const actor of a.actors) if (actor !== zeroAddress && b.actors.has(actor)) return true;
  return false;
}

/**
 * What the actors of `first` and `last` have gained over both of an asset that the protected address lost; undefined where
 * they lost another, by more than nothing: an order that a keeper executes for others, or a position that is still open.
 */
export function gainOver(first: Pass, last: Pass): { readonly asset: Asset; readonly amount: bigint } | undefined {
  const sum = (pick: "gain" | "paid") => {
    const both = new Map(first[pick]);
    for (const [asset, amount] of last[pick]) both.set(asset, (both.get(asset) ?? 0n) + amount);
    return both;
  };
  const [gain, paid] = [sum("gain"), sum("paid")];
  if ([...gain.values()].some((amount) => amount < 0n)) return undefined;
  const won = [...gain].find(([asset, amount]) => amount > 0n && (paid.get(asset) ?? 0n) < 0n);
  return won === undefined ? undefined : { asset: won[0], amount: won[1] };
}
