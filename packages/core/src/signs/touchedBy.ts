import { walk } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import type { TxView } from "../model/TxView.ts";

/** The addresses of `set` that a transaction called, heard from, or moved assets of, in that order. Reverted frames do not count. */
export function touchedBy(view: TxView, set: ReadonlySet<Address>): Set<Address> {
  const places = placesOf(view);
  const touched = [...set].filter((address) => places.has(address));
  return new Set(touched.sort((a, b) => places.get(a)! - places.get(b)!));
}

/** Where each address that a transaction touches comes first. */
const placesOf = oncePer((view: TxView): ReadonlyMap<Address, number> => {
  const places = new Map<Address, number>();
  const note = (address: Address | null) => {
    if (address !== null && !places.has(address)) places.set(address, places.size);
  };
  note(view.tx.from);
  if (view.trace === undefined) note(view.tx.to);
  else for (const visit of walk(view.trace)) if (!visit.reverted) note(visit.context);
  for (const log of view.logs) note(log.address);
  for (const address of view.flow().net.keys()) note(address);
  return places;
});
