import { native } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import type { Story } from "./Story.ts";

/** How often, up to each visit and with it, the actors were paid by outsiders' calls, and had something taken. */
export interface Payments {
  readonly paid: Uint32Array;
  readonly taken: Uint32Array;
}

/** Counted once for a story: calls lie within calls, and each of them may be asked for. */
export const paymentsOf = oncePer(({ visits, actors }: Story): Payments => {
  const [paid, taken] = [new Uint32Array(visits.length), new Uint32Array(visits.length)];
  visits.forEach((visit, i) => {
    const claim = readTransferCall(visit);
    const { frame, reverted, context } = visit;
    const isValue = frame.type === "CALL" && frame.value > 0n && !reverted && actors.has(context);
    paid[i] = (paid[i - 1] ?? 0) + (isValue || (claim !== undefined && actors.has(claim.to)) ? 1 : 0);
    taken[i] = (taken[i - 1] ?? 0) + (claim !== undefined && actors.has(claim.from) ? 1 : 0);
  });
  return { paid, taken };
});

/** Of `counts`, those after `order` and up to the end of `within`. */
export function countIn(counts: Uint32Array, { end }: Visit, order: number): number {
  return counts[end]! - counts[order]!;
}

/** Whether anything was taken for the mint `visit`. */
export function isTakenFor({ visits }: Story, { order, end }: Visit): boolean {
  for (let at = order + 1; at <= end; at += 1) {
    const name = visits[at]!.selector;
    if (name === selector.transferFrom || name === selector.burnFrom || name === selector.burn) return true;
  }
  return false;
}

/** What is no transfer by its name, and moves a token. */
const otherMoves: ReadonlySet<string> = new Set([
  selector.mint,
  "0x8fcb4e5b", // transferShares(address,uint256)
]);

/** How often, up to each visit and with it, the coin or a token moved that is not the actors' own make, dust apart. */
const movementsOf = oncePer(({ visits, actors, made }: Story): Uint32Array => {
  const moved = new Uint32Array(visits.length);
  visits.forEach((visit, i) => {
    const { frame, context, reverted, isStatic, selector: name } = visit;
    const isOwn = actors.has(context) || made.has(context);
    const claim = readTransferCall(visit);
    const isClaim = claim !== undefined ? !isDust(claim.asset, claim.amount) : otherMoves.has(name);
    const isValue = frame.type === "CALL" && !isDust(native, frame.value);
    const isMoved = !reverted && !isStatic && (isValue || (isClaim && !isOwn));
    moved[i] = (moved[i - 1] ?? 0) + (isMoved ? 1 : 0);
  });
  return moved;
});

/** Whether nothing moved with `visit` or below it. */
export function isIdle(visit: Visit, story: Story): boolean {
  return isDust(native, visit.frame.value) && countIn(movementsOf(story), visit, visit.order) === 0;
}

/** To whom the actors handed anything over on its own: what goes with a call pays for that. */
export function paidByHand({ acts, actors }: Story): Set<Address> {
  const paid = new Set<Address>();
  for (const visit of acts) {
    if (!actors.has(visit.frame.from)) continue;
    if (visit.frame.input === "0x" && visit.frame.value > 0n) paid.add(visit.context);
    const claim = readTransferCall(visit);
    if (claim !== undefined) paid.add(claim.to);
  }
  return paid;
}
