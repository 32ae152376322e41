import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { oncePer } from "../../model/oncePer.ts";
import type { Story } from "./Story.ts";

/** Whose signatures were checked: by signer and by who checked, when it was first. */
export type Checks = ReadonlyMap<Address, ReadonlyMap<Address, number>>;

/** What the precompile that recovers a signer answered to others than the actors. */
export const checksIn = oncePer(({ visits, actors }: Story): Checks => {
  const checks = new Map<Address, Map<Address, number>>();
  for (const { frame, parent, order, reverted } of visits) {
    // A call that fails later undoes what it found: a permit of old recovers its signer before it is refused.
    if (reverted || frame.to !== ecrecover || parent === undefined || actors.has(parent.context)) continue;
    const signer: Address = `0x${frame.output.slice(-40)}`;
    const own = checks.get(signer) ?? new Map<Address, number>();
    if (!own.has(parent.context)) own.set(parent.context, order);
    checks.set(signer, own);
  }
  return checks;
});

/** Whether `owner` signed for the spending `visit`: checked before it by the token or by whoever leads to it. */
export function isSignedFor(visit: Visit, owner: Address, checks: Checks): boolean {
  const mine = checks.get(owner);
  if (mine === undefined) return false;
  for (let at: Visit | undefined = visit; at !== undefined; at = at.parent)
    if ((mine.get(at.context) ?? visit.order) < visit.order) return true;
  return false;
}

/** The precompile that recovers who signed. */
export const ecrecover: Address = `0x${"1".padStart(40, "0")}`;
