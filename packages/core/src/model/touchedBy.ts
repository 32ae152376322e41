import { walk } from "./CallTree.ts";
import type { Address } from "./Hex.ts";
import type { TxView } from "./TxView.ts";

/** The addresses of `set` that a transaction called, heard from, or moved assets of. Reverted frames do not count. */
export function touchedBy(view: TxView, set: ReadonlySet<Address>): Set<Address> {
  const touched = new Set<Address>();
  const note = (address: Address | null) => {
    if (address !== null && set.has(address)) touched.add(address);
  };
  note(view.tx.from);
  if (view.trace === undefined) note(view.tx.to);
  else for (const visit of walk(view.trace)) if (!visit.reverted) note(visit.context);
  for (const log of view.logs) note(log.address);
  for (const address of view.flow().net.keys()) note(address);
  return touched;
}
